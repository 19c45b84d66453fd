//! Two hops over HTTP/1.1, as a run performs them: an open loop, the reference gateway with all its policies, an
//! upstream with a latency drawn for each attempt, and the recording streamed to a file.
//!
//! A figure of a simulated world must be of the whole run: without the policies, the draws or the recorder it would
//! promise a speed that nobody gets.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::{LoadOptions, load};
use upstorm_model::Plan;
use upstorm_model::recording::{Outcome, Record};
use upstorm_runner::{Stop, header_of, perform_in_world};
use upstorm_world::Recorder;

/// Calls a second.
pub const RATE: u64 = 1_000;

/// A plan of so many seconds.
///
/// # Errors
/// When the scenario below is no longer one.
pub fn plan_of(seconds: u64) -> anyhow::Result<Arc<Plan>> {
    let text = format!(
        "version = 1\nname = \"two-hops\"\n[run]\nworld = \"sim\"\n\
         [upstream.payments]\nlatency = {{ lognormal = {{ median = \"20ms\", p99 = \"90ms\" }} }}\n\
         body = {{ size = \"1KiB\" }}\n[gateway.edge]\ntarget = \"payments\"\npreset = \"standard\"\n\
         [gateway.edge.limits]\nrate = \"2000/s\"\nmax_requests = 1000\n\
         [client.shoppers]\ntarget = \"edge\"\nrate = \"{RATE}/s\"\n\
         [[phase]]\nname = \"always\"\nduration = \"{seconds}s\"\n"
    );
    let none = |_: &Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let options = LoadOptions { sets: &[], env: &|_| None, read: &none };
    let refused = |d: upstorm_language::Diagnostics| anyhow::anyhow!(d.render(false));
    let loaded = load("two-hops.toml", None, text.as_bytes(), &options).map_err(refused)?;
    Ok(Arc::new(plan(&loaded, &PlanOptions::default()).map_err(refused)?))
}

/// Makes sure that a run does what is measured: nearly every call passes both hops. A gateway that rejects is faster.
///
/// # Errors
/// When it does not.
pub fn check() -> anyhow::Result<()> {
    let (plan, recorder) = (plan_of(5)?, Recorder::in_memory());
    perform_in_world(&plan, recorder.clone(), &Stop::new())?;
    let records = recorder.take();
    let attempts = records.iter().filter(|record| matches!(record, Record::Attempt(_))).count();
    let answered =
        |record: &&Record| matches!(record, Record::Call(call) if call.outcome == Outcome::Answered(200));
    let answered = records.iter().filter(answered).count();
    let wanted = (5 * RATE) as usize * 99 / 100;
    let passed = attempts.min(answered);
    anyhow::ensure!(
        passed >= wanted,
        "{answered} calls answered, {attempts} attempts, where {wanted} are wanted"
    );
    Ok(())
}

/// Performs the plan in its world as `upstorm run` does, recording to a file in this folder. Returns how many calls were
/// made.
///
/// # Errors
/// When the run cannot be performed to its end, or not be recorded.
pub fn simulate(plan: &Arc<Plan>, folder: &Path) -> anyhow::Result<u64> {
    let (recorder, file) =
        Recorder::to_file_repeatably(&folder.join("recording.bin"), &header_of(plan), None)?;
    let performed = perform_in_world(plan, recorder, &Stop::new())?;
    file.finish()?;
    performed.calls().with_context(|| format!("the world gave the run up: {:?}", performed.given_up))
}
