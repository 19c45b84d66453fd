//! The loops over real sockets in real time: every call is made, answered and recorded once.

#![expect(clippy::unwrap_used, reason = "tests")]

mod plans;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use plans::{shared, steady, users};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use upstorm_load::{CallResult, Caller, OutgoingCall, drive};
use upstorm_model::plan::Role;
use upstorm_model::recording::{Outcome, Record};
use upstorm_model::scenario::Arrivals::Poisson;
use upstorm_model::{HostId, Offset, Seed};
use upstorm_world::real::{RealOptions, RealWorld};
use upstorm_world::{Env, Net, Recorder, World};

/// Sends the call's number on a connection of its own and expects it back.
struct Echo(Arc<dyn Net>);

impl Caller for Echo {
    fn call(&self, call: OutgoingCall) -> Pin<Box<dyn Future<Output = CallResult> + Send>> {
        let net = Arc::clone(&self.0);
        Box::pin(async move {
            let mut stream = net.connect(HostId(1)).await.unwrap();
            stream.write_all(&call.id.0.to_be_bytes()).await.unwrap();
            assert_eq!(stream.read_u64().await.unwrap(), call.id.0);
            CallResult { outcome: Outcome::Answered(200), bytes: 8, made: None }
        })
    }
}

async fn echo(env: Env) {
    let listener = env.net.bind(None).await.unwrap();
    let tasks = Arc::clone(&env.spawn);
    tasks.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            env.spawn.spawn(async move {
                let (mut read, mut write) = tokio::io::split(stream);
                while let Ok(number) = read.read_u64().await {
                    write.write_u64(number).await.unwrap();
                }
            });
        }
    });
}

#[test]
fn open_and_closed_loops_over_sockets() {
    let recorder = Recorder::in_memory();
    let options = RealOptions { recorder: recorder.clone(), seed: Seed(1), hosts: 2 };
    let world = Arc::new(RealWorld::new(options).unwrap());
    let plan = shared(1, &[(300, steady(1_000.0, Poisson)), (200, users(3, 5))]);
    let (client, upstream) = (world.env(HostId(0), Role::Client), world.env(HostId(1), Role::Upstream));
    let control = Arc::clone(&world);
    let summary = world
        .run(async move {
            echo(upstream).await;
            control.begin();
            let caller = Arc::new(Echo(Arc::clone(&client.net)));
            drive(client, plan, 0, caller).await
        })
        .unwrap();
    let mut calls: Vec<_> = recorder
        .take()
        .into_iter()
        .filter_map(|r| if let Record::Call(c) = r { Some(c) } else { None })
        .collect();
    calls.sort_by_key(|call| call.id);
    assert_eq!(calls.len() as u64, summary.planned);
    assert!(calls.iter().zip(0..).all(|(call, n)| call.id.sequence() == n));
    assert!(calls.iter().all(|call| call.planned <= call.sent && call.sent <= call.done));
    let answered = calls.iter().filter(|call| call.outcome == Outcome::Answered(200)).count() as u64;
    assert_eq!(answered, summary.sent - summary.censored);
    let users = calls.iter().filter(|call| call.planned >= Offset::from_millis(300)).count();
    assert!(calls.len() - users > 200 && users > 3, "{} and {users}", calls.len());
    println!("{summary:?}");
}
