//! One and ten virtual minutes at 1,000 calls a second: how long they take, and whether the longer one needs more
//! memory.
//!
//! The peak of the memory only ever grows, so the short run comes first. Processor time is of all threads, the
//! recorder's included: what the run costs where there is only one core.

use std::time::Duration;

use upstorm_benches::memory;
use upstorm_benches::spent::Spent;
use upstorm_benches::two_hops::{check, plan_of, simulate};

const MINUTES: [u64; 2] = [1, 10];

fn main() {
    if let Err(error) = check().and_then(|()| MINUTES.into_iter().try_for_each(measure)) {
        report(&format!("failed: {error:#}"));
        std::process::exit(1);
    }
}

fn measure(minutes: u64) -> anyhow::Result<()> {
    let plan = plan_of(minutes * 60)?;
    let folder = tempfile::tempdir()?;
    let before = Spent::until_now();
    let calls = simulate(&plan, folder.path())?;
    let Spent { wall, cpu } = Spent::until_now().since(before);
    let recorded = std::fs::metadata(folder.path().join("recording.bin"))?.len() as f64 / 1e6;
    let a_second = |time: Duration| calls as f64 / time.as_secs_f64();
    report(&format!(
        "{minutes} virtual min in {:.2} s ({:.0} virtual s a wall second): {calls} calls, {:.0} a wall second, \
         {:.0} a second of processor time; {recorded:.0} MB recorded, memory at most {:.0} MB",
        wall.as_secs_f64(),
        (minutes * 60) as f64 / wall.as_secs_f64(),
        a_second(wall),
        a_second(cpu),
        memory::peak()?,
    ));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a bench prints its figure")]
fn report(text: &str) {
    println!("{text}");
}
