//! Each fault as it is seen on the wire.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use upstorm_model::recording::End;
use upstorm_model::scenario::{Body, BodyContent, Cut, CutAt, FaultKind, Framing, Keep};
use upstorm_model::{ByteSize, Law, Ratio, TimeSpan};
use upstorm_world::World;

use crate::support::{Client, Ended, Reply, attempt_that, behaviour, fault, only, play, single};
use upstorm_model::plan::Plan;
use upstorm_model::recording::Recording;

fn always(kind: FaultKind) -> Plan {
    let mut route = behaviour();
    route.faults = vec![fault(kind)];
    single(route)
}

fn always_chunked(kind: FaultKind) -> Plan {
    let mut route = behaviour();
    let content = BodyContent::Text("abcdefghij".to_owned());
    route.body = Body { framing: Framing::Chunked, ..Body::holding(content) };
    route.faults = vec![fault(kind)];
    single(route)
}

fn ask_once(world: &Arc<dyn World>, plan: Plan) -> (Reply, Recording) {
    play(world, plan, |client| async move { client.ask(Client::get("/", 1)).await })
}

const BEFORE: Cut = Cut::At { at: CutAt::BeforeHeaders };
const MID: Cut = Cut::At { at: CutAt::MidBody };

fn after(bytes: u64) -> Cut {
    Cut::After { after: ByteSize::new(bytes) }
}

pub(crate) fn a_reset_before_the_headers_sends_nothing(world: &Arc<dyn World>) {
    let (reply, recording) = ask_once(world, always(FaultKind::Reset(BEFORE)));
    assert_eq!((reply.head.as_str(), reply.body.len(), reply.ended), ("", 0, Ended::Reset));
    let attempt = only(&recording);
    assert_eq!((attempt.ended, attempt.status, attempt.first_byte), (End::Reset, None, None));
    assert_eq!((attempt.fate.fault, attempt.fate.status), (Some(0), 200));
    assert!(attempt.delay.is_some());
}

pub(crate) fn a_reset_in_the_body_comes_after_exactly_so_many_bytes(world: &Arc<dyn World>) {
    for (cut, bytes) in [(after(1500), 1500), (MID, 2048), (after(0), 0), (after(1 << 40), 4095)] {
        let (reply, recording) = ask_once(world, always(FaultKind::Reset(cut)));
        assert_eq!((reply.status(), reply.header("content-length")), (200, Some("4096")), "{cut:?}");
        assert_eq!((reply.body.len(), reply.ended), (bytes, Ended::Reset), "{cut:?}");
        assert_eq!((only(&recording).ended, only(&recording).status), (End::Reset, Some(200)));
    }
}

pub(crate) fn a_close_is_an_end_of_the_stream(world: &Arc<dyn World>) {
    for (cut, head, bytes) in [(BEFORE, false, 0), (MID, true, 2048), (after(100), true, 100)] {
        let (reply, recording) = ask_once(world, always(FaultKind::Close(cut)));
        assert_eq!(
            (!reply.head.is_empty(), reply.body.len(), reply.ended),
            (head, bytes, Ended::Eof),
            "{cut:?}"
        );
        assert_eq!((only(&recording).ended, only(&recording).status.is_some()), (End::Cut, head));
    }
}

pub(crate) fn a_truncated_body_is_short_of_its_content_length(world: &Arc<dyn World>) {
    for (keep, bytes) in [
        (Keep::Share(Ratio::new(0.25)), 1024),
        (Keep::Size(ByteSize::new(17)), 17),
        (Keep::Share(Ratio::ONE), 4095),
    ] {
        let (reply, recording) = ask_once(world, always(FaultKind::Truncate { keep }));
        assert_eq!(reply.header("content-length"), Some("4096"));
        assert_eq!((reply.body.len(), reply.ended), (bytes, Ended::Eof), "{keep:?}");
        assert_eq!(only(&recording).ended, End::Cut);
    }
}

pub(crate) fn a_truncated_chunked_body_has_no_last_chunk(world: &Arc<dyn World>) {
    let whole = Keep::Share(Ratio::ONE);
    for (keep, body) in [(Keep::default(), "5\r\nabcde\r\n"), (whole, "A\r\nabcdefghij\r\n")] {
        let (reply, _) = ask_once(world, always_chunked(FaultKind::Truncate { keep }));
        assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
        assert_eq!((std::str::from_utf8(&reply.body).unwrap(), reply.ended), (body, Ended::Eof), "{keep:?}");
    }
    let (reply, _) = ask_once(world, always_chunked(FaultKind::Reset(after(3))));
    assert_eq!((reply.body.as_slice(), reply.ended), (b"3\r\nabc\r\n".as_slice(), Ended::Reset));
}

pub(crate) fn a_hang_lasts_until_the_caller_closes(world: &Arc<dyn World>) {
    let (asked, recording) = play(world, always(FaultKind::Hang {}), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let asked = client.env.clock.now();
        let waited = client.env.clock.timeout_at(
            asked + std::time::Duration::from_millis(30),
            client.ask_on(&mut stream, Client::get("/", 1)),
        );
        assert!(waited.await.is_err(), "no answer");
        stream.shutdown().await.unwrap();
        assert_eq!(client.drain(&mut stream).await, (Vec::new(), Ended::Eof));
        asked
    });
    let attempt = only(&recording);
    assert_eq!((attempt.ended, attempt.status, attempt.delay), (End::CallerLeft, None, None));
    assert!(attempt.end >= asked + std::time::Duration::from_millis(30));
}

pub(crate) fn a_hang_lasts_until_the_caller_resets(world: &Arc<dyn World>) {
    let (attempt, _) = play(world, always(FaultKind::Hang {}), |client| async move {
        let mut stream = client.connect().await.unwrap();
        let request = "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        // `100 Continue` tells that the head was read.
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut [0; 25]).await.unwrap();
        stream.write_all(b"ok").await.unwrap();
        stream.abort();
        attempt_that(&client, End::CallerReset).await
    });
    assert_eq!((attempt.ended, attempt.status), (End::CallerReset, None));
}

pub(crate) fn faults_come_when_the_answer_would_have_come(world: &Arc<dyn World>) {
    let mut route = behaviour();
    route.latency = Law::Constant(TimeSpan::from_millis(15).into());
    route.faults = vec![fault(FaultKind::Reset(BEFORE))];
    let (reply, recording) = ask_once(world, single(route));
    assert_eq!(reply.ended, Ended::Reset);
    let attempt = only(&recording);
    assert!(attempt.end >= attempt.head + std::time::Duration::from_millis(15));
    assert!(attempt.delay.unwrap() >= TimeSpan::from_millis(15));
}

pub(crate) fn a_response_without_a_body_is_cut_before_its_head(world: &Arc<dyn World>) {
    let (reply, recording) =
        play(world, always(FaultKind::Truncate { keep: Keep::default() }), |client| async move {
            client.ask("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n").await
        });
    assert_eq!((reply.head.as_str(), reply.ended), ("", Ended::Eof));
    assert_eq!((only(&recording).ended, only(&recording).status), (End::Cut, None));
}
