//! Fates on the wire: keyed by call, whatever the connection and the order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use upstorm_model::plan::Plan;
use upstorm_model::recording::{End, Fate, Recording};
use upstorm_model::scenario::{Cut, CutAt, Fault, FaultKind, Keep, StatusEntry, StatusMix, StatusTable};
use upstorm_world::World;

use crate::support::{Client, Ended, behaviour, play, share, single};

const CALLS: u64 = 120;

/// A bit of everything.
fn rough() -> Plan {
    let mut route = behaviour();
    let rest = StatusEntry::Table(StatusTable::default());
    route.status = StatusMix(BTreeMap::from([(200, rest), (503, StatusEntry::Share(share(0.3)))]));
    let fault = |part, kind| Fault { share: share(part), kind };
    route.faults = vec![
        fault(0.1, FaultKind::Reset(Cut::At { at: CutAt::BeforeHeaders })),
        fault(0.1, FaultKind::Close(Cut::At { at: CutAt::MidBody })),
        fault(0.1, FaultKind::Truncate { keep: Keep::default() }),
    ];
    single(route)
}

/// Asks for these calls one after the other on kept connections, with a new one where the last was cut.
async fn ask_all(client: Client, calls: Vec<u64>) -> Vec<(u64, u16, Ended)> {
    let mut seen = Vec::new();
    let mut stream = client.connect().await.unwrap();
    for call in calls {
        let reply = client.ask_on(&mut stream, Client::get("/", call)).await;
        seen.push((call, reply.status(), reply.ended));
        if reply.ended != Ended::Whole {
            stream = client.connect().await.unwrap();
        }
    }
    seen
}

fn fates(recording: &Recording) -> BTreeMap<u64, Fate> {
    let fates: BTreeMap<_, _> =
        recording.attempts.iter().map(|a| (a.keys.call.map_or(u64::MAX, |call| call.0), a.fate)).collect();
    assert_eq!((fates.len(), recording.attempts.len()), (CALLS as usize, CALLS as usize));
    fates
}

pub(crate) fn only_some_requests_of_a_kept_connection_are_hit(world: &Arc<dyn World>) {
    let (seen, recording) = play(world, rough(), |client| ask_all(client, (0..CALLS).collect()));
    let fates = fates(&recording);
    for (call, status, ended) in seen {
        let fate = fates[&call];
        let expected = match fate.fault {
            None => (fate.status, Ended::Whole),
            Some(0) => (0, Ended::Reset),
            Some(_) => (fate.status, Ended::Eof),
        };
        assert_eq!((status, ended), expected, "call {call}");
    }
    let hit: Vec<_> = recording.attempts.iter().filter(|a| a.fate.fault.is_some()).collect();
    assert!(hit.iter().any(|a| a.request > 1), "some were hit after others on the same connection were not");
    assert!(hit.iter().all(|a| matches!(a.ended, End::Reset | End::Cut)));
    assert_eq!(recording.connections.len(), hit.len() + 1);
}

pub(crate) fn fates_do_not_depend_on_concurrency(world: &Arc<dyn World>) {
    let (_, one) = play(world, rough(), |client| ask_all(client, (0..CALLS).collect()));
    let (_, eight) = play(world, rough(), |client| async move {
        let left = Arc::new(Mutex::new((0..8_u64).count()));
        let (done, ended) = tokio::sync::oneshot::channel();
        let done = Arc::new(Mutex::new(Some(done)));
        for worker in 0..8 {
            let (client, left, done) = (client.clone(), Arc::clone(&left), Arc::clone(&done));
            client.env.spawn.clone().spawn(async move {
                // Backwards, and interleaved with seven others.
                ask_all(client, (0..CALLS).rev().filter(|call| call % 8 == worker).collect()).await;
                let mut left = left.lock().unwrap();
                *left -= 1;
                if *left == 0 {
                    done.lock().unwrap().take().unwrap().send(()).unwrap();
                }
            });
        }
        ended.await.unwrap();
    });
    assert_eq!(fates(&one), fates(&eight));
}
