//! Side by side: how late the real world's clock wakes a sleeper, against tokio's own timer.
//!
//! Both in one run, interleaved ABAB, under the same load of 10,000 sleeps a second; beside the lateness stands the
//! processor time that it was paid with, and what either costs while nothing is due: a clock could be sharp by burning
//! a core, and would then take that core from the run it is to measure.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use upstorm_benches::sleepers::{Lateness, SLEEPERS, sleeper};
use upstorm_benches::spent::Spent;
use upstorm_model::plan::Role;
use upstorm_model::{HostId, Seed};
use upstorm_world::real::{RealOptions, RealWorld, workers_a_role};
use upstorm_world::{Recorder, World};

const PAIRS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_secs(3);

/// What one side was measured to do.
#[derive(Default)]
struct Side {
    /// Of each round, sorted, in nanoseconds.
    rounds: Vec<Vec<u64>>,
    /// Processor time under load.
    busy: Duration,
    /// Processor time with nothing due.
    idle: Duration,
}

fn main() {
    match measure() {
        Ok((ours, tokio)) => {
            report(&format!("{}\n{}\n{}", ours.line("clock"), tokio.line("tokio"), ratios(&ours, &tokio)));
        }
        Err(error) => {
            report(&format!("failed: {error:#}"));
            std::process::exit(1);
        }
    }
}

fn measure() -> anyhow::Result<(Side, Side)> {
    let (mut ours, mut tokio) = (Side::default(), Side::default());
    for _ in 0..PAIRS {
        ours.round(&world()?, on_world);
        tokio.round(&runtime()?, on_tokio);
    }
    ours.idle = idle(&world()?, |world| wait(world, IDLE));
    tokio.idle = idle(&runtime()?, |runtime| wait_on_tokio(runtime, IDLE));
    Ok((ours, tokio))
}

fn world() -> std::io::Result<RealWorld> {
    RealWorld::new(RealOptions { recorder: Recorder::nowhere(), seed: Seed(0), hosts: 1 })
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(workers_a_role()).enable_all().build()
}

fn on_world(world: &RealWorld, lateness: &Lateness) {
    let env = world.env(HostId(0), Role::Client);
    let end = env.clock.now() + ROUND;
    for number in 0..SLEEPERS {
        let (clock, until) = (Arc::clone(&env.clock), Arc::clone(&env.clock));
        let sleep = move |wait| {
            let clock = Arc::clone(&clock);
            async move {
                let due = clock.now() + wait;
                clock.sleep_until(due).await;
                clock.now().since(due)
            }
        };
        env.spawn.spawn(sleeper(number, lateness.clone(), sleep, move || until.now() >= end));
    }
    wait(world, ROUND + Duration::from_millis(300));
}

fn wait(world: &RealWorld, time: Duration) {
    let clock = world.env(HostId(0), Role::Client).clock;
    world.run(async move { clock.sleep(time).await });
}

#[expect(clippy::disallowed_methods, reason = "tokio's own timer is what is measured against")]
fn on_tokio(runtime: &Runtime, lateness: &Lateness) {
    use tokio::time::Instant;
    let end = Instant::now() + ROUND;
    for number in 0..SLEEPERS {
        let sleep = |wait| async move {
            let due = Instant::now() + wait;
            tokio::time::sleep_until(due).await;
            Instant::now().saturating_duration_since(due)
        };
        runtime.spawn(sleeper(number, lateness.clone(), sleep, move || Instant::now() >= end));
    }
    wait_on_tokio(runtime, ROUND + Duration::from_millis(300));
}

#[expect(clippy::disallowed_methods, reason = "tokio's own timer is what is measured against")]
fn wait_on_tokio(runtime: &Runtime, time: Duration) {
    runtime.block_on(async move { tokio::time::sleep(time).await });
}

fn idle<T>(of: &T, wait: impl Fn(&T)) -> Duration {
    let before = Spent::until_now();
    wait(of);
    Spent::until_now().since(before).cpu
}

impl Side {
    fn round<T>(&mut self, on: &T, run: impl Fn(&T, &Lateness)) {
        let lateness = Lateness::default();
        let before = Spent::until_now();
        run(on, &lateness);
        self.busy += Spent::until_now().since(before).cpu;
        self.rounds.push(lateness.sorted());
    }

    /// A quantile of each round, in microseconds; the median over the rounds stands for all of them.
    fn quantile(&self, quantile: f64) -> f64 {
        let of = |round: &Vec<u64>| round[(quantile * (round.len() - 1) as f64) as usize] as f64 / 1e3;
        median(self.rounds.iter().filter(|round| !round.is_empty()).map(of).collect())
    }

    fn sleeps(&self) -> usize {
        self.rounds.iter().map(Vec::len).sum()
    }

    fn line(&self, name: &str) -> String {
        let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|q| self.quantile(q));
        let (sleeps, seconds) = (self.sleeps(), ROUND.as_secs_f64() * PAIRS as f64);
        let busy = self.busy.as_secs_f64() / seconds * 100.0;
        let idle = self.idle.as_secs_f64() / IDLE.as_secs_f64() * 100.0;
        format!(
            "{name}: {:.0} sleeps/s late by p50 {p50:.0} µs, p90 {p90:.0} µs, p99 {p99:.0} µs, max {max:.0} µs; \
             {busy:.1} % of a core, {idle:.2} % with nothing due",
            sleeps as f64 / seconds,
        )
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

fn ratios(ours: &Side, tokio: &Side) -> String {
    let [p50, p99] = [0.5, 0.99].map(|q| ours.quantile(q) / tokio.quantile(q));
    let cpu = ours.busy.as_secs_f64() / tokio.busy.as_secs_f64();
    format!("clock ÷ tokio: p50 {p50:.3}, p99 {p99:.3}, processor time {cpu:.2} (median of {PAIRS} pairs)")
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}
