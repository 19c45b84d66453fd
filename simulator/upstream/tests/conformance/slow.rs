//! What comes late and in pieces: stalls and slow bodies.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use upstorm_model::plan::Plan;
use upstorm_model::recording::{End, Recording};
use upstorm_model::scenario::{Body, BodyContent, Cut, CutAt, FaultKind, Framing, Stall};
use upstorm_model::{ByteRate, ByteSize, Offset, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, Ended, Reply, behaviour, fault, only, play, single};

const SILENCE: Duration = Duration::from_millis(40);
const BEFORE: Cut = Cut::At { at: CutAt::BeforeHeaders };
const MID: Cut = Cut::At { at: CutAt::MidBody };

fn stall(place: Cut) -> FaultKind {
    FaultKind::Stall(Stall { place, r#for: TimeSpan::from(SILENCE).into() })
}

fn stalling(place: Cut) -> Plan {
    let mut route = behaviour();
    route.faults = vec![fault(stall(place))];
    single(route)
}

/// A thousand bytes at 20 a millisecond, a hundred at a time.
fn slow() -> Body {
    let (rate, chunk) = (ByteRate::per_second(20_000).into(), ByteSize::new(100));
    Body { rate: Some(rate), chunk: Some(chunk), ..Body::of_size(ByteSize::new(1000)) }
}

/// The answer to one call, how many bytes of its body were there when, from the time it was asked, and what was
/// recorded.
fn ask_once(world: &Arc<dyn World>, plan: Plan) -> (Reply, Vec<(Duration, usize)>, Recording) {
    let ((reply, seen, asked), recording) = play(world, plan, |client| async move {
        let mut stream = client.connect().await.unwrap();
        let asked = client.env.clock.now();
        stream.write_all(Client::get("/", 1).as_bytes()).await.unwrap();
        let (reply, seen) = client.watch_on(&mut stream).await;
        (reply, seen, asked)
    });
    let since = |(at, bytes): (Offset, usize)| (at.since(asked), bytes);
    (reply, seen.into_iter().map(since).collect(), recording)
}

pub(crate) fn a_stall_before_the_headers_holds_everything_back(world: &Arc<dyn World>) {
    let (reply, seen, recording) = ask_once(world, stalling(BEFORE));
    assert_eq!((reply.status(), reply.body.len(), reply.ended), (200, 4096, Ended::Whole));
    assert!(seen.iter().all(|(after, _)| *after >= SILENCE), "{seen:?}");
    let attempt = only(&recording);
    assert_eq!((attempt.ended, attempt.fate.fault), (End::Completed, Some(0)));
    // The silence is no latency: it comes after it.
    assert!(attempt.first_byte.unwrap() >= attempt.head + attempt.delay.unwrap().get() + SILENCE);
}

pub(crate) fn a_stall_in_the_body_holds_back_the_rest(world: &Arc<dyn World>) {
    for (place, bytes) in [(MID, 2048), (Cut::After { after: ByteSize::new(1 << 40) }, 4095)] {
        let (reply, seen, recording) = ask_once(world, stalling(place));
        assert_eq!((reply.status(), reply.body.len(), reply.ended), (200, 4096, Ended::Whole));
        assert!(seen.iter().all(|(after, there)| *there <= bytes || *after >= SILENCE), "{seen:?}");
        let attempt = only(&recording);
        assert_eq!((attempt.ended, attempt.status), (End::Completed, Some(200)));
        assert!(attempt.end >= attempt.head + attempt.delay.unwrap().get() + SILENCE);
    }
}

pub(crate) fn a_stall_can_hold_back_the_last_chunk_alone(world: &Arc<dyn World>) {
    let mut route = behaviour();
    let content = BodyContent::Text("abcdefghij".to_owned());
    route.body = Body { framing: Framing::Chunked, ..Body::holding(content) };
    route.faults = vec![fault(stall(Cut::After { after: ByteSize::new(99) }))];
    let (reply, seen, recording) = ask_once(world, single(route));
    assert_eq!(
        (reply.body.as_slice(), reply.ended),
        (b"A\r\nabcdefghij\r\n0\r\n\r\n".as_slice(), Ended::Whole)
    );
    assert!(seen.iter().all(|(after, there)| *there <= 15 || *after >= SILENCE), "{seen:?}");
    assert_eq!(only(&recording).ended, End::Completed);
}

pub(crate) fn a_connection_goes_on_after_a_stall(world: &Arc<dyn World>) {
    let (_, recording) = play(world, stalling(MID), |client| async move {
        let mut stream = client.connect().await.unwrap();
        for call in 0..3 {
            let reply = client.ask_on(&mut stream, Client::get("/", call)).await;
            assert_eq!((reply.status(), reply.body.len(), reply.ended), (200, 4096, Ended::Whole));
        }
    });
    assert_eq!((recording.attempts.len(), recording.connections.len()), (3, 1));
}

pub(crate) fn a_caller_may_leave_during_a_stall(world: &Arc<dyn World>) {
    let mut route = behaviour();
    let hour = TimeSpan::from_secs(3600).into();
    route.faults = vec![fault(FaultKind::Stall(Stall { place: MID, r#for: hour }))];
    let (got, recording) = play(world, single(route), |client| async move {
        let mut stream = client.connect().await.unwrap();
        stream.write_all(Client::get("/", 1).as_bytes()).await.unwrap();
        let got = client.read_part(&mut stream, 2048).await;
        stream.shutdown().await.unwrap();
        client.drain(&mut stream).await;
        got
    });
    assert_eq!((got.status(), got.body.len()), (200, 2048));
    assert_eq!((only(&recording).ended, only(&recording).status), (End::CallerLeft, Some(200)));
}

pub(crate) fn a_slow_body_is_never_ahead_of_its_pace(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.body = slow();
    let (reply, seen, recording) = ask_once(world, single(route));
    assert_eq!((reply.status(), reply.body.len(), reply.ended), (200, 1000, Ended::Whole));
    for (after, there) in seen {
        assert!(there as u128 * 50 <= after.as_micros(), "{there} bytes after {after:?}");
    }
    let attempt = only(&recording);
    assert!(attempt.end.since(attempt.first_byte.unwrap()) >= Duration::from_millis(49), "{attempt:?}");
    assert_eq!(attempt.ended, End::Completed);
}

pub(crate) fn a_slow_body_can_be_cut(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.body = slow();
    route.faults = vec![fault(FaultKind::Reset(Cut::After { after: ByteSize::new(450) }))];
    let (reply, seen, recording) = ask_once(world, single(route));
    assert_eq!((reply.status(), reply.body.len(), reply.ended), (200, 450, Ended::Reset));
    assert!(seen.last().is_some_and(|(after, _)| *after >= Duration::from_micros(22_500)), "{seen:?}");
    assert_eq!(only(&recording).ended, End::Reset);
}
