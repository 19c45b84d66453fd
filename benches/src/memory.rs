//! The most memory this process has held: what shows whether a run's length costs memory.

use anyhow::Context;

/// The peak of the resident set since the process began, in MB (`VmHWM` of proc(5)).
///
/// # Errors
/// Where there is no such file system.
pub fn peak() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kilobytes.context("no VmHWM in /proc/self/status")? / 1_000.0)
}
