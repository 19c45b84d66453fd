//! The loops in virtual time: who is sent, shed, timed out, censored; and when.

#![expect(clippy::unwrap_used, reason = "tests")]

mod plans;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use plans::{plan, ramp, shared, steady, users};
use upstorm_load::{CallResult, Caller, Driver, LoadSummary, OutgoingCall, Stop, drive};
use upstorm_model::plan::{Load, Role};
use upstorm_model::recording::{Call, CallId, MarkKind, Outcome, Record};
use upstorm_model::scenario::Arrivals::{Constant, Poisson};
use upstorm_model::scenario::Request;
use upstorm_model::{HostId, Law, Offset, Plan, Ramp, Shape, TimeSpan, Varying};
use upstorm_world::simulated::{SimulatedOptions, SimulatedWorld};
use upstorm_world::{Clock, Recorder, World};

/// A world in virtual time, and what is recorded in it.
fn world() -> (SimulatedWorld, Recorder) {
    let recorder = Recorder::in_memory();
    let options = SimulatedOptions { recorder: recorder.clone(), ..SimulatedOptions::default() };
    (SimulatedWorld::new(options).unwrap(), recorder)
}

/// Answers each call after as long as the closure says; `None` for never.
struct Answers<F> {
    clock: Arc<dyn Clock>,
    after: F,
}

impl<F: Fn(OutgoingCall) -> Option<u64> + Send + Sync> Caller for Answers<F> {
    fn call(&self, call: OutgoingCall) -> Pin<Box<dyn Future<Output = CallResult> + Send>> {
        let sleep = (self.after)(call).map(|millis| self.clock.sleep(Duration::from_millis(millis)));
        Box::pin(async move {
            match sleep {
                Some(sleep) => sleep.await,
                None => std::future::pending().await,
            }
            CallResult { outcome: Outcome::Answered(200), bytes: 7, made: None }
        })
    }
}

struct Ran {
    summary: LoadSummary,
    calls: Vec<Call>,
    in_flight: Vec<(Offset, u32)>,
    ended: Offset,
}

fn run(plan: Arc<Plan>, after: impl Fn(OutgoingCall) -> Option<u64> + Send + Sync + 'static) -> Ran {
    run_until(plan, None, after)
}

/// Runs a plan, stopping the load at a time if there is one.
fn run_until(
    plan: Arc<Plan>,
    stop_at: Option<Offset>,
    after: impl Fn(OutgoingCall) -> Option<u64> + Send + Sync + 'static,
) -> Ran {
    let (world, recorder) = world();
    let env = world.env(HostId(0), Role::Client);
    let clock = Arc::clone(&env.clock);
    let caller = Arc::new(Answers { clock: Arc::clone(&clock), after });
    let (summary, ended) = world
        .run(async move {
            let Some(at) = stop_at else {
                return (drive(env, plan, 0, caller).await, clock.now());
            };
            let (stop, time) = (Stop::new(), Arc::clone(&clock));
            let told = stop.clone();
            env.spawn.spawn(async move {
                time.sleep_until(at).await;
                told.stop();
            });
            (Driver::new(env, plan, 0, caller).with_stop(stop).run().await, clock.now())
        })
        .unwrap();
    let (mut calls, mut in_flight) = (Vec::new(), Vec::new());
    for record in recorder.take() {
        match record {
            Record::Call(call) => calls.push(call),
            Record::Mark(mark) => match mark.kind {
                MarkKind::InFlight(_, count) => in_flight.push((mark.at, count)),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
    calls.sort_by_key(|call| call.id);
    Ran { summary, calls, in_flight, ended }
}

fn count(ran: &Ran, outcome: Outcome) -> usize {
    ran.calls.iter().filter(|call| call.outcome == outcome).count()
}

const OK: Outcome = Outcome::Answered(200);

#[test]
fn an_open_loop_sends_each_call_at_its_time_whatever_became_of_the_others() {
    let ran = run(shared(1, &[(2_000, steady(10.0, Constant))]), |call| {
        if call.id.sequence() == 3 { Some(900) } else { Some(30) }
    });
    assert_eq!(ran.calls.len(), 20);
    for (call, n) in ran.calls.iter().zip(0..) {
        assert_eq!((call.id, call.outcome, call.bytes), (CallId::new(HostId(0), n), OK, 7));
        assert_eq!((call.planned, call.sent), (Offset::from_millis(n * 100), call.planned));
    }
    assert_eq!(ran.calls[3].latency(), Duration::from_millis(900));
    let sent = LoadSummary { planned: 20, sent: 20, ..LoadSummary::default() };
    assert_eq!(ran.summary, sent);
    // Nothing is in flight at the end of the plan, so nothing is waited for.
    assert_eq!(ran.ended, Offset::from_millis(2_000));
}

#[test]
fn a_call_without_an_answer_times_out_from_when_it_was_sent() {
    let ran = run(shared(1, &[(500, steady(10.0, Constant))]), |_| None);
    assert_eq!(count(&ran, Outcome::TimedOut), 5);
    assert!(ran.calls.iter().all(|call| call.latency() == Duration::from_secs(1) && call.bytes == 0));
    assert_eq!(ran.ended, Offset::from_millis(1_400));
}

#[test]
fn beyond_the_limit_calls_are_shed_and_keep_their_number() {
    let mut plan = plan(1, &[(1_000, steady(100.0, Constant))]);
    plan.clients[0].max_in_flight = 3;
    let ran = run(Arc::new(plan), |_| Some(45));
    // Three go out at 0, 10 and 20 ms and come back at 45, 55 and 65; those due meanwhile are shed.
    let outcomes: Vec<bool> = ran.calls.iter().map(|call| call.outcome == OK).collect();
    assert_eq!(outcomes[..12], [1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1].map(|sent| sent == 1));
    assert_eq!(ran.summary.planned, 100);
    assert_eq!((ran.summary.sent, ran.summary.shed), (60, 40));
    let shed = &ran.calls[3];
    assert_eq!((shed.outcome, shed.sent, shed.done), (Outcome::Shed, shed.planned, shed.planned));
    assert!(ran.calls.iter().zip(0..).all(|(call, n)| call.id.sequence() == n));
}

#[test]
fn what_is_in_flight_when_the_drain_ends_is_censored() {
    let mut plan = plan(1, &[(1_000, steady(10.0, Constant))]);
    plan.clients[0].timeout = TimeSpan::from_secs(60);
    let ran = run(Arc::new(plan), |call| if call.id.sequence() < 8 { Some(10) } else { None });
    assert_eq!((count(&ran, OK), count(&ran, Outcome::Censored)), (8, 2));
    assert_eq!(ran.summary.censored, 2);
    assert!(ran.calls[8..].iter().all(|call| call.done == Offset::from_millis(3_000)));
    assert_eq!(ran.ended, Offset::from_millis(3_000));
}

#[test]
fn a_stop_ends_the_load_at_once_and_drains_briefly() {
    let mut plan = plan(1, &[(60_000, steady(10.0, Constant))]);
    plan.clients[0].timeout = TimeSpan::from_secs(60);
    let ran = run_until(Arc::new(plan), Some(Offset::from_millis(5_050)), |call| {
        // Calls 49 and 50 are in flight at the stop: one ends in the moment it gets, the other does not.
        [(49, Some(900)), (50, None)]
            .into_iter()
            .find(|(n, _)| *n == call.id.sequence())
            .map_or(Some(5), |e| e.1)
    });
    assert_eq!(ran.calls.len(), 51);
    assert_eq!((ran.calls[49].outcome, ran.calls[50].outcome), (OK, Outcome::Censored));
    assert_eq!(ran.ended, Offset::from_millis(6_050));
}

#[test]
fn a_stop_shortens_a_drain_that_has_begun() {
    let mut plan = plan(1, &[(1_000, steady(10.0, Constant))]);
    plan.drain = TimeSpan::from_secs(100);
    plan.clients[0].timeout = TimeSpan::from_secs(600);
    let ran = run_until(Arc::new(plan), Some(Offset::from_millis(4_000)), |_| None);
    assert_eq!((ran.summary.censored, ran.ended), (10, Offset::from_millis(5_000)));
}

#[test]
fn calls_in_flight_are_counted_each_second() {
    let ran = run(shared(1, &[(3_000, steady(10.0, Constant))]), |_| Some(450));
    let expected = [(0, 1), (1_000, 5), (2_000, 5), (3_000, 4)];
    let seen: Vec<(Offset, u32)> = ran.in_flight.into_iter().collect();
    assert_eq!(seen, expected.map(|(at, count)| (Offset::from_millis(at), count)));
}

#[test]
fn kinds_of_request_are_drawn_by_weight_and_are_the_same_each_time() {
    let request = |weight| Request {
        weight,
        method: "GET".to_owned(),
        path: "/".to_owned(),
        body: None,
        headers: std::collections::BTreeMap::new(),
        ..Request::default()
    };
    let mut plan = plan(1, &[(1_000, steady(1_000.0, Constant))]);
    plan.clients[0].requests = vec![request(1.0), request(3.0)];
    let plan = Arc::new(plan);
    let kinds = |ran: &Ran| ran.calls.iter().map(|call| call.request).collect::<Vec<_>>();
    let (one, other) = (run(Arc::clone(&plan), |_| Some(1)), run(plan, |_| Some(50)));
    assert_eq!(kinds(&one), kinds(&other));
    let second = kinds(&one).iter().filter(|kind| **kind == 1).count();
    assert!(second.abs_diff(750) < 70, "{second}");
}

#[test]
fn users_wait_for_their_answer_and_think() {
    let ran = run(shared(1, &[(10_000, users(4, 300))]), |_| Some(200));
    // Each of four users calls every half second, from somewhere in a first thought on.
    assert!((77..=81).contains(&ran.calls.len()), "{}", ran.calls.len());
    assert!(ran.calls.iter().all(|call| call.sent == call.planned && call.outcome == OK));
    let starts: Vec<Offset> = ran.calls[..4].iter().map(|call| call.planned).collect();
    assert!(starts.windows(2).all(|w| w[0] != w[1]), "in step: {starts:?}");
    assert_eq!((ran.summary.shed, ran.summary.planned), (0, ran.calls.len() as u64));
}

#[test]
fn users_join_and_leave_along_a_ramp() {
    let up = Varying::Ramp(Ramp { from: 0, to: 10, shape: Shape::Linear });
    let down = Varying::Ramp(Ramp { from: 10, to: 0, shape: Shape::Linear });
    let ran = run(shared(1, &[(10_000, users(up, 100)), (10_000, users(down, 100))]), |_| Some(0));
    let in_second = |second: u64| {
        let of = |call: &&Call| call.planned.as_nanos() / 1_000_000_000 == second;
        ran.calls.iter().filter(of).count()
    };
    // Ten calls a second and user.
    for (second, users) in [(1, 1.5), (5, 5.5), (9, 9.5), (10, 9.5), (14, 5.5), (18, 1.5)] {
        let calls = in_second(second) as f64;
        assert!((calls - users * 10.0).abs() <= 8.0, "second {second}: {calls} calls of {users} users");
    }
    assert!(ran.calls.iter().all(|call| call.planned < Offset::from_millis(20_000)));
}

#[test]
fn open_and_closed_segments_follow_each_other() {
    let loads = [
        (1_000, steady(10.0, Constant)),
        (1_000, users(2, 100)),
        (1_000, steady(10.0, Constant)),
        (1_000, users(2, 100)),
    ];
    let ran = run(shared(1, &loads), |_| Some(0));
    let in_segment = |n: u64| ran.calls.iter().filter(|c| c.planned.as_nanos() / 1_000_000_000 == n).count();
    assert_eq!((in_segment(0), in_segment(2)), (10, 10));
    assert!((18..=20).contains(&in_segment(1)) && (18..=20).contains(&in_segment(3)));
}

#[test]
fn users_who_fail_at_once_and_do_not_think_still_let_time_pass() {
    struct Fails;
    impl Caller for Fails {
        fn call(&self, _: OutgoingCall) -> Pin<Box<dyn Future<Output = CallResult> + Send>> {
            Box::pin(std::future::ready(CallResult { outcome: Outcome::Rejected, bytes: 0, made: None }))
        }
    }
    let (world, _) = world();
    let env = world.env(HostId(0), Role::Client);
    let plan = shared(1, &[(1_000, users(1, 0))]);
    let summary = world.run(drive(env, plan, 0, Arc::new(Fails))).unwrap();
    assert_eq!(summary.planned, 1_000);
}

#[test]
fn the_same_seed_gives_the_same_calls() {
    let loads = [(5_000, ramp(10.0, 200.0, Shape::Exponential, Poisson)), (5_000, users(7, 20))];
    let ran = |seed| run(shared(seed, &loads), |call| Some(call.id.sequence() % 40)).calls;
    assert_eq!(ran(1), ran(1));
    assert_ne!(ran(1), ran(2));
}

#[test]
fn a_client_of_another_plan_has_nothing_to_do() {
    let (world, _) = world();
    let env = world.env(HostId(0), Role::Client);
    let caller = Arc::new(Answers { clock: Arc::clone(&env.clock), after: |_| Some(1) });
    let plan = shared(1, &[(1_000, steady(10.0, Constant))]);
    assert_eq!(world.run(drive(env, plan, 5, caller)), Some(LoadSummary::default()));
}

#[test]
fn a_user_makes_so_many_calls_and_does_not_come_back() {
    let twice = |n| match users(n, 10) {
        Load::Closed { users, think, .. } => Load::Closed { users, think, calls: Some(2) },
        open => open,
    };
    // Everybody is done in the first segment; in the second there are two more.
    let ran = run(shared(1, &[(1_000, twice(3)), (1_000, twice(5))]), |_| Some(50));
    assert_eq!((ran.calls.len(), count(&ran, OK)), (10, 10));
    let late = ran.calls.iter().filter(|call| call.planned >= Offset::from_millis(1_000)).count();
    assert_eq!(late, 4, "those who were done stay away");
    // The run still lasts as long as its plan.
    assert_eq!(ran.ended, Offset::from_millis(2_000));
}

#[test]
fn users_who_make_one_call_each_begin_together() {
    let once =
        Load::Closed { users: 100.into(), think: Law::Constant(TimeSpan::ZERO.into()), calls: Some(1) };
    let ran = run(shared(1, &[(500, once)]), |call| Some(call.id.sequence()));
    assert_eq!(ran.calls.len(), 100);
    assert!(ran.calls.iter().all(|call| call.sent == Offset::ZERO));
}
