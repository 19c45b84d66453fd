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

/// Forgets the peak so far (proc(5), `clear_refs`), and gives what is held now, in MB: what comes on top is seen alone.
///
/// # Errors
/// Where there is no such file system.
pub fn restart() -> anyhow::Result<f64> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    peak()
}
