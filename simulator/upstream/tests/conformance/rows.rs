//! Rows: paths with a version, over the wire.

use std::sync::Arc;

use upstorm_model::plan::RoutePlan;
use upstorm_model::recording::{End, Method};
use upstorm_model::scenario::{Cut, CutAt, FaultKind, RouteMatch, Row, Script, ScriptStep, Unconditional};
use upstorm_model::{Plan, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, Ended, Reply, behaviour, plan, play, route};

/// One route of rows.
fn rows(row: Row) -> Plan {
    let default = RoutePlan { row: Some(row), ..route("default", RouteMatch::default()) };
    plan(vec![default], vec![behaviour()])
}

/// A write of a call, of the version that a read was answered with.
fn put(path: &str, call: u64, version: Option<&str>) -> String {
    let condition = version.map_or_else(String::new, |version| format!("if-match: {version}\r\n"));
    format!(
        "PUT {path} HTTP/1.1\r\nhost: payments\r\nx-upstorm-call: {call:016x}\r\n{condition}content-length: 3\r\n\r\nnew"
    )
}

fn version(reply: &Reply) -> String {
    reply.header("etag").unwrap().to_owned()
}

pub(crate) fn a_write_takes_only_from_the_current_version(world: &Arc<dyn World>) {
    let (_, recording) = play(world, rows(Row::default()), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let read = version(&client.ask_on(&mut stream, Client::get("/a", 1)).await);
        let first = client.ask_on(&mut stream, put("/a", 1, Some(&read))).await;
        assert_eq!((first.status(), first.body.len()), (200, 4096));
        assert_ne!(version(&first), read);
        let late = client.ask_on(&mut stream, put("/a", 2, Some(&read))).await;
        assert_eq!((late.status(), late.ended, late.header("etag")), (412, Ended::Whole, None));
        assert_eq!(late.header("content-type"), Some("application/problem+json"));
        let blind = client.ask_on(&mut stream, put("/a", 3, None)).await;
        assert_eq!(blind.status(), 428);
        let now = client.ask_on(&mut stream, Client::get("/a", 3)).await;
        assert_eq!(version(&now), version(&first), "neither of the two changed it");
        let other = client.ask_on(&mut stream, put("/b", 4, Some(&version(&now)))).await;
        assert_eq!(other.status(), 412, "another path is another row");
    });
    let told: Vec<_> = recording.attempts.iter().map(|a| (a.keys.method, a.status, a.fate.status)).collect();
    let (get, put) = (Method::Get, Method::Put);
    let expected = [(get, 200), (put, 200), (put, 412), (put, 428), (get, 200), (put, 412)];
    assert_eq!(told, expected.map(|(method, status)| (method, Some(status), 200)));
    assert!(recording.attempts.iter().all(|a| a.ended == End::Completed && a.fate.is_admitted()));
}

pub(crate) fn where_it_may_a_write_takes_without_a_version(world: &Arc<dyn World>) {
    let row = Row { unconditional: Unconditional::Accept, ..Row::default() };
    play(world, rows(row), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let read = version(&client.ask_on(&mut stream, Client::get("/a", 1)).await);
        assert_eq!(client.ask_on(&mut stream, put("/a", 2, None)).await.status(), 200);
        let undoing = client.ask_on(&mut stream, put("/a", 3, None)).await;
        assert_eq!(undoing.status(), 200, "the lost update");
        assert_eq!(client.ask_on(&mut stream, put("/a", 1, Some(&read))).await.status(), 412);
    });
}

pub(crate) fn a_row_is_touched_when_the_answer_is_due_and_only_by_what_succeeds(world: &Arc<dyn World>) {
    let mut plan = rows(Row::default());
    let step = |step| ScriptStep { times: Some(1), ..step };
    // The second request of each call fails, and the third is done although its answer is lost.
    let fails = ScriptStep { status: Some(503), ..ScriptStep::default() };
    let cut = FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders });
    let lost = ScriptStep { fault: Some(cut), ..ScriptStep::default() };
    let steps = vec![step(ScriptStep::default()), step(fails), step(lost), ScriptStep::default()];
    plan.upstreams[0].timeline[0].routes[0].script = Some(Script::Steps(steps));
    plan.upstreams[0].timeline[0].routes[0].latency = TimeSpan::from_millis(5).into();
    play(world, plan, |client| async move {
        let read = version(&client.ask(Client::get("/a", 1)).await);
        let failed = client.ask(put("/a", 1, Some(&read))).await;
        assert_eq!((failed.status(), failed.header("etag")), (503, None));
        assert_eq!(client.ask(put("/a", 1, Some(&read))).await.ended, Ended::Reset);
        let again = client.ask(put("/a", 1, Some(&read))).await;
        assert_eq!(again.status(), 412, "it was done, and nobody knows");
    });
}
