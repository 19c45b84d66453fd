//! Was the test real, in words: one line for each thing that was asked of the harness.

use upstorm_model::scenario::WorldKind;

use crate::figures::{count, duration, share};
use crate::results::{DelayRow, Fidelity, InjectedRow, LoadRow};

/// One line for each client, upstream and injected thing, and one for the host.
#[must_use]
pub fn fidelity(f: &Fidelity, world: WorldKind) -> Vec<String> {
    let noise = noise(f, world).map(|said| format!("host noise: {said}"));
    let unkeyed = (f.unkeyed_attempts > 0).then(|| {
        format!(
            "{} of {} attempts did not carry their call, so their fate went by arrival order",
            count(f.unkeyed_attempts),
            count(f.unkeyed_attempts + f.keyed_attempts)
        )
    });
    let load = f.load.iter().map(load);
    let delays = f.delays.iter().map(|row| format!("delays of {}: {}", row.upstream, delays(row)));
    let injected = f.injected.iter().map(injected);
    load.chain(delays).chain(injected).chain(noise).chain(unkeyed).collect()
}

/// What the host did to the time of the run; none where it was not sampled.
#[must_use]
pub fn noise(f: &Fidelity, world: WorldKind) -> Option<String> {
    match (world, f.noise) {
        (WorldKind::Sim, _) => Some("none, for the time of this run was simulated".to_owned()),
        (WorldKind::Real, None) => None,
        (WorldKind::Real, Some(n)) => {
            let (p50, p99) = (duration(n.p50), duration(n.p99));
            Some(format!("a 1 ms sleep ended {p50} late at the median, {p99} at p99 ({} sleeps)", count(n.n)))
        }
    }
}

fn load(row: &LoadRow) -> String {
    let asked = row.asked.map(|n| format!(", the declared rates add up to {}", count(n.round() as u64)));
    let shed = if row.shed > 0 { format!(", {} shed", count(row.shed)) } else { String::new() };
    format!(
        "load of {}: {} of {} planned calls sent{shed}{}; sent {} late at the median, {} at p99",
        row.client,
        count(row.sent),
        count(row.planned),
        asked.unwrap_or_default(),
        duration(row.lateness_p50),
        duration(row.lateness_p99)
    )
}

/// The delays of an upstream, planned against observed.
#[must_use]
pub fn delays(row: &DelayRow) -> String {
    let both = row.drawn.zip(row.kept).map(|(drawn, kept)| {
        let [a, b, c, d] = [drawn.p50, drawn.p99, kept.p50, kept.p99].map(duration);
        format!("drawn {a} at the median and {b} at p99, kept {c} and {d}; ")
    });
    format!(
        "{}each off by {} at the median, {} at p99 ({} responses)",
        both.unwrap_or_default(),
        duration(row.error_p50),
        duration(row.error_p99),
        count(row.n)
    )
}

fn injected(row: &InjectedRow) -> String {
    let asked = row.asked.map(|asked| format!("{} asked, ", share(asked)));
    format!(
        "{} on {}: {}{} injected ({} of {})",
        row.what,
        row.route,
        asked.unwrap_or_default(),
        share(row.injected),
        count(row.hits),
        count(row.of)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Noise;

    #[test]
    fn a_simulated_run_knows_no_noise_of_the_host() {
        let noise_of = |noise, world| {
            let none = Fidelity {
                load: Vec::new(),
                delays: Vec::new(),
                injected: Vec::new(),
                noise,
                keyed_attempts: 0,
                unkeyed_attempts: 0,
            };
            fidelity(&none, world)
        };
        let sampled = Some(Noise { n: 32, p50: 0.000_1, p99: 0.000_2 });
        let said = "host noise: a 1 ms sleep ended 100 µs late at the median, 200 µs at p99 (32 sleeps)";
        assert_eq!(noise_of(sampled, WorldKind::Real), [said]);
        assert!(noise_of(None, WorldKind::Real).is_empty());
        let said = "host noise: none, for the time of this run was simulated";
        assert_eq!(noise_of(sampled, WorldKind::Sim), [said]);
    }
}
