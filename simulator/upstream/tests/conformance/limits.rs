//! The rate limit and what it says.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use upstorm_model::plan::Plan;
use upstorm_model::recording::{Admission, End, Hint};
use upstorm_model::scenario::{FaultKind, Limit, Reject, RetryAfter};
use upstorm_model::{Law, Rate, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, Reply, behaviour, fault, play, single};

/// One request, then none for a thousand seconds.
fn limit(retry_after: Option<RetryAfter>) -> Limit {
    let reject = Reject { status: 429, retry_after };
    Limit { rate: Rate::per_second(0.001).into(), burst: Some(1), key: None, reject }
}

fn limited(limit: Limit) -> Plan {
    let mut route = behaviour();
    route.limit = Some(limit);
    single(route)
}

/// The second answer, and what was recorded of it.
fn rejected(world: &Arc<dyn World>, form: RetryAfter) -> (Reply, SystemTime, Option<Hint>) {
    let ((reply, wall), recording) = play(world, limited(limit(Some(form))), |client| async move {
        let mut stream = client.connect().await.unwrap();
        assert_eq!(client.ask_on(&mut stream, Client::get("/", 1)).await.status(), 200);
        let reply = client.ask_on(&mut stream, Client::get("/", 2)).await;
        (reply, client.env.clock.wall(client.env.clock.now()))
    });
    assert_eq!((reply.status(), reply.body.len()), (429, 0));
    let attempt = &recording.attempts[1];
    assert_eq!((attempt.status, attempt.ended), (Some(429), End::Completed));
    (reply, wall, attempt.hint)
}

pub(crate) fn seconds_text_and_date(world: &Arc<dyn World>) {
    let (reply, _, hint) = rejected(world, RetryAfter::Seconds(2));
    assert_eq!((reply.header("retry-after"), hint), (Some("2"), Some(Hint::Seconds(2))));
    let (reply, _, hint) = rejected(world, RetryAfter::Text("soon".to_owned()));
    assert_eq!((reply.header("retry-after"), hint), (Some("soon"), Some(Hint::Malformed)));
    let (reply, wall, hint) = rejected(world, RetryAfter::Date(TimeSpan::from_secs(5)));
    let date = |name| httpdate::parse_http_date(reply.header(name).unwrap()).unwrap();
    let told = date("retry-after").duration_since(date("date")).unwrap();
    assert!(told == Duration::from_secs(5) || told == Duration::from_secs(6), "{told:?}");
    let Some(Hint::Date(ahead)) = hint else { panic!("{hint:?}") };
    assert!((5.0..6.0).contains(&ahead.as_secs_f64()), "{ahead}");
    // The same clock as the caller's own.
    assert!(wall.duration_since(date("date")).unwrap() < Duration::from_secs(3));
}

pub(crate) fn exact_tells_when_a_token_is_free(world: &Arc<dyn World>) {
    let (reply, _, hint) = rejected(world, RetryAfter::Exact);
    assert_eq!((reply.header("retry-after"), hint), (Some("1000"), Some(Hint::Seconds(1000))));
}

pub(crate) fn each_tenant_has_a_limit_of_its_own(world: &Arc<dyn World>) {
    let by_tenant = Limit { key: Some("header:x-tenant".to_owned()), ..limit(None) };
    let (statuses, recording) = play(world, limited(by_tenant), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let mut statuses = Vec::new();
        for tenant in ["a", "b", "a", "c", "b"] {
            let request = format!("GET / HTTP/1.1\r\nhost: x\r\nx-tenant: {tenant}\r\n\r\n");
            let reply = client.ask_on(&mut stream, &request).await;
            assert_eq!(reply.header("retry-after"), None);
            statuses.push(reply.status());
        }
        statuses
    });
    assert_eq!(statuses, [200, 200, 429, 200, 429]);
    let limited: Vec<bool> =
        recording.attempts.iter().map(|a| a.fate.admission == Admission::Limited).collect();
    assert_eq!(limited, [false, false, true, false, true]);
}

pub(crate) fn a_rejection_skips_all_later_stages(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.limit = Some(Limit { burst: Some(1), ..limit(None) });
    route.latency = Law::Constant(TimeSpan::from_secs(3600).into());
    route.faults = vec![fault(FaultKind::Hang {})];
    let (_, recording) = play(world, single(route), |client| async move {
        let (mut first, mut second) = (client.connect().await.unwrap(), client.connect().await.unwrap());
        let until = client.env.clock.now() + Duration::from_millis(30);
        let hung = client.ask_on(&mut first, Client::get("/", 1));
        assert!(client.env.clock.timeout_at(until, hung).await.is_err());
        assert_eq!(client.ask_on(&mut second, Client::get("/", 2)).await.status(), 429);
    });
    let fates: Vec<_> = recording
        .attempts
        .iter()
        .map(|a| (a.fate.admission == Admission::Limited, a.fate.fault, a.fate.delay))
        .collect();
    assert_eq!(fates, [(false, Some(0), TimeSpan::from_secs(3600)), (true, None, TimeSpan::ZERO)]);
}
