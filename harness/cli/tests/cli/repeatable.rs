//! The simulated world's promise: the same seed leaves the same bytes, in whatever process; another seed does not.

use upstorm_language::library::BuiltIn;

use crate::binary::Workplace;

/// Runs of a scenario go through minutes of virtual time; so many at once.
const AT_ONCE: usize = 2;

#[test]
fn every_built_in_scenario_leaves_the_same_bytes_in_two_processes() {
    for batch in upstorm_language::library::BUILT_IN.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            for scenario in batch {
                scope.spawn(|| two_processes_agree(scenario));
            }
        });
    }
}

/// The arguments that make a single run of it: of a matrix the first variant, once.
fn single(scenario: &BuiltIn) -> Vec<&'static str> {
    let first =
        scenario.text.lines().find_map(|line| line.strip_prefix("[matrix.variants.")?.strip_suffix(']'));
    first.map_or_else(Vec::new, |label| vec!["--variant", label, "--seeds", "1"])
}

fn two_processes_agree(scenario: &BuiltIn) {
    let place = Workplace::new();
    let (single, scenario) = (single(scenario), scenario.name);
    let recording = |out: &str, seed: &str| {
        let args = ["run", scenario, "--world", "sim", "--seed", seed, "--out", out, "--quiet"];
        let ran = place.run(&[&args, &single[..]].concat());
        assert!([0, 10, 12].contains(&ran.code), "{scenario}: {}\n{}{}", ran.code, ran.out, ran.err);
        std::fs::read(place.path().join(out).join("recording.bin")).expect("there is a recording")
    };
    let (first, second, other) = (recording("first", "1"), recording("second", "1"), recording("other", "2"));
    assert!(first.len() > 10_000, "{scenario}: something happened: {} bytes", first.len());
    let differ = first.iter().zip(&second).position(|(one, two)| one != two);
    assert!(
        first == second,
        "{scenario}: {} and {} bytes, differing at {differ:?}",
        first.len(),
        second.len()
    );
    assert!(first != other, "{scenario}: another seed leaves another recording");
    let [mut one, mut two] = ["first", "second"].map(|out| {
        let text = place.read(&format!("{out}/results.json"));
        serde_json::from_str::<serde_json::Value>(&text).expect("results are JSON")
    });
    let paces = [&mut one, &mut two].map(|results| results.as_object_mut().and_then(|r| r.remove("pace")));
    assert!(paces.iter().all(Option::is_some), "{scenario}: the pace is told");
    assert_eq!(one, two, "{scenario}: the results differ in nothing but the pace");
}
