//! Was the test real, in words: one line for each thing that was asked of the harness.

use crate::figures::{count, duration, share};
use crate::results::{DelayRow, Fidelity, InjectedRow, LoadRow};

/// One line for each client, upstream and injected thing, and one for the host.
#[must_use]
pub fn fidelity(f: &Fidelity) -> Vec<String> {
    let noise = f
        .noise
        .map(|n| format!("host noise: a 1 ms sleep ended {} late (p99 of {})", duration(n.p99), count(n.n)));
    let unkeyed = (f.unkeyed_attempts > 0).then(|| {
        format!(
            "{} of {} attempts did not carry their call, so their fate went by arrival order",
            count(f.unkeyed_attempts),
            count(f.unkeyed_attempts + f.keyed_attempts)
        )
    });
    let load = f.load.iter().map(load);
    let delays = f.delays.iter().map(delay);
    let injected = f.injected.iter().map(injected);
    load.chain(delays).chain(injected).chain(noise).chain(unkeyed).collect()
}

fn load(row: &LoadRow) -> String {
    let asked = row.asked.map(|n| format!(", the declared rates add up to {}", count(n.round() as u64)));
    let shed = if row.shed > 0 { format!(", {} shed", count(row.shed)) } else { String::new() };
    format!(
        "load of {}: {} of {} planned calls sent{shed}{}; sent {} late (p99)",
        row.client,
        count(row.sent),
        count(row.planned),
        asked.unwrap_or_default(),
        duration(row.lateness_p99)
    )
}

fn delay(row: &DelayRow) -> String {
    format!(
        "delays of {}: kept to within {} (p99 of {})",
        row.upstream,
        duration(row.error_p99),
        count(row.n)
    )
}

fn injected(row: &InjectedRow) -> String {
    format!(
        "{} on {}: {} asked, {} injected ({} of {})",
        row.what,
        row.route,
        share(row.asked),
        share(row.injected),
        count(row.hits),
        count(row.of)
    )
}
