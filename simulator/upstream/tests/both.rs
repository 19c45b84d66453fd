//! The same plan in both worlds: twenty thousand calls meet the same fates.
//!
//! Fate is a function of the seed, the call and its ordinal, and of nothing else; so what a subject is found to do in the
//! simulated world it will do over sockets.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use upstorm_model::plan::{Plan, RouteBehaviour};
use upstorm_model::recording::{Admission, Fate, Recording};
use upstorm_model::scenario::{
    Cut, CutAt, Fault, FaultKind, Keep, Limit, Malformed, Reject, Stall, StatusEntry, StatusMix, StatusTable,
};
use upstorm_model::{ByteSize, DrawnLaw, Law, Rate, Seed, TimeSpan};
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};
use upstorm_world::{Recorder, World};

use support::{Client, Ended, Reply, behaviour, play, share, single};

const CALLS: u64 = 20_000;
const WORKERS: u64 = 8;
/// Each belongs to one worker, so that its calls come in one order in any world.
const TENANTS: u64 = 100 * WORKERS;

/// A bit of everything that is drawn, and a limit that each tenant reaches.
fn rough() -> Plan {
    let fault = |part, kind| Fault { share: share(part), kind };
    let (before, mid) = (Cut::At { at: CutAt::BeforeHeaders }, Cut::At { at: CutAt::MidBody });
    let silence = TimeSpan::from(std::time::Duration::from_micros(300)).into();
    let rest = StatusEntry::Table(StatusTable::default());
    let mean = TimeSpan::from(std::time::Duration::from_micros(100)).into();
    single(RouteBehaviour {
        limit: Some(Limit {
            rate: Rate::per_second(1e-6).into(),
            burst: Some(25),
            key: Some("header:x-tenant".to_owned()),
            reject: Reject::default(),
        }),
        latency: Law::Drawn(DrawnLaw::Exponential { mean, max: None }),
        status: StatusMix(BTreeMap::from([(200, rest), (503, StatusEntry::Share(share(0.1)))])),
        faults: vec![
            fault(0.01, FaultKind::Reset(before)),
            fault(0.01, FaultKind::Close(Cut::After { after: ByteSize::new(1500) })),
            fault(0.01, FaultKind::Truncate { keep: Keep::default() }),
            fault(0.02, FaultKind::Stall(Stall { place: mid, r#for: silence })),
            fault(0.01, FaultKind::Malformed { kind: Malformed::ChunkSize }),
            fault(0.01, FaultKind::ContentLength { off_by: 7 }),
            fault(0.01, FaultKind::RedirectLoop {}),
            fault(0.01, FaultKind::HeaderFlood { size: ByteSize::new(2048) }),
        ],
        ..behaviour()
    })
}

/// What a caller saw of each attempt, by call and ordinal.
type Seen = BTreeMap<(u64, u32), (u16, usize, Ended)>;

/// One worker's calls, one after the other, each repeated once where it failed.
async fn work(client: Client, calls: Vec<u64>, seen: Arc<Mutex<Seen>>) {
    let mut stream = client.connect().await.unwrap();
    for call in calls {
        for ordinal in 1..=2 {
            let request = format!(
                "GET / HTTP/1.1\r\nhost: x\r\nx-upstorm-call: {call:016x}\r\nx-tenant: {}\r\n\r\n",
                call % TENANTS
            );
            let reply: Reply = client.ask_on(&mut stream, &request).await;
            seen.lock().unwrap().insert((call, ordinal), (reply.status(), reply.body.len(), reply.ended));
            if reply.ended != Ended::Whole {
                stream = client.connect().await.unwrap();
            }
            if reply.status() == 200 && reply.ended == Ended::Whole {
                break;
            }
        }
    }
}

/// What callers saw, and what was recorded.
fn perform(world: &Arc<dyn World>) -> (Seen, Recording) {
    play(world, rough(), |client| async move {
        let seen = Arc::<Mutex<Seen>>::default();
        let (done, mut all) = tokio::sync::mpsc::channel::<()>(1);
        for worker in 0..WORKERS {
            let calls = (0..CALLS).filter(|call| call % WORKERS == worker).collect();
            let (client, seen, done) = (client.clone(), Arc::clone(&seen), done.clone());
            let spawn = Arc::clone(&client.env.spawn);
            spawn.spawn(async move {
                work(client, calls, seen).await;
                drop(done);
            });
        }
        drop(done);
        assert_eq!(all.recv().await, None);
        std::mem::take(&mut *seen.lock().unwrap())
    })
}

fn fates(recording: &Recording) -> BTreeMap<(u64, u32), Fate> {
    recording.attempts.iter().map(|a| ((a.keys.call.unwrap().0, a.ordinal), a.fate)).collect()
}

#[test]
fn twenty_thousand_calls_meet_the_same_fates_in_both_worlds() {
    let (recorder, seed) = (Recorder::in_memory(), Seed(1));
    let real = RealWorld::new(RealOptions { recorder: recorder.clone(), seed, hosts: 2 }).unwrap();
    let options = SimulatedOptions { recorder, seed, ..SimulatedOptions::default() };
    let simulated = SimulatedWorld::new(options).unwrap();
    let (seen, recording) = perform(&(Arc::new(real) as Arc<dyn World>));
    let (seen_too, recording_too) = perform(&(Arc::new(simulated) as Arc<dyn World>));
    assert!(seen.len() as u64 > CALLS, "some were repeated");
    assert_eq!(seen, seen_too);
    let (fates, fates_too) = (fates(&recording), fates(&recording_too));
    assert_eq!(fates.len(), recording.attempts.len());
    assert_eq!(fates, fates_too);
    // Everything that can be decided was.
    for met in [
        |fate: &Fate| fate.admission == Admission::Limited,
        |fate: &Fate| fate.status == 503 && fate.is_admitted(),
        |fate: &Fate| fate.fault == Some(0),
        |fate: &Fate| fate.fault == Some(1),
        |fate: &Fate| fate.fault == Some(2),
        |fate: &Fate| fate.fault == Some(3),
        |fate: &Fate| fate.fault == Some(4),
        |fate: &Fate| fate.fault == Some(5),
        |fate: &Fate| fate.fault == Some(6),
        |fate: &Fate| fate.fault == Some(7),
        |fate: &Fate| fate.delay > TimeSpan::from(std::time::Duration::from_micros(500)),
    ] {
        assert!(fates.values().filter(|fate| met(fate)).count() > 50);
    }
}
