//! The commands that do the same again: what a report tells its reader to type.

use crate::input::{Input, Overrides};

/// `upstorm run` of this scenario as it was asked for, without seeds.
fn run_of(input: &Input, overrides: &Overrides) -> Vec<String> {
    let mut words = vec!["upstorm".to_owned(), "run".to_owned(), quoted(&input.name)];
    words.extend(overrides.sets.iter().flat_map(|set| ["--set".to_owned(), quoted(set)]));
    let variant = input.plan.variant.as_deref();
    words.extend(variant.into_iter().flat_map(|label| ["--variant".to_owned(), quoted(label)]));
    words.extend(overrides.world.map(|world| format!("--world {}", world.word())));
    words
}

/// The command that runs one seed, up to the seed.
pub(crate) fn up_to_the_seed(input: &Input, overrides: &Overrides) -> String {
    let mut words = run_of(input, overrides);
    if input.seeds > 1 {
        words.push("--seeds 1".to_owned());
    }
    words.join(" ")
}

/// The command that runs this seed.
pub(crate) fn one_seed(input: &Input, overrides: &Overrides, seed: u64) -> String {
    format!("{} --seed {seed}", up_to_the_seed(input, overrides))
}

/// The command that runs this many seeds from the first on.
pub(crate) fn several_seeds(input: &Input, overrides: &Overrides, count: u32) -> String {
    let words = run_of(input, overrides).join(" ");
    format!("{words} --seed {} --seeds {count}", input.plan.seed.0)
}

/// The command that runs the variants that fit these patterns, all without any, with this many seeds each.
pub(crate) fn variants(input: &Input, overrides: &Overrides, asked: (&[String], u32)) -> String {
    let (patterns, count) = asked;
    let mut words = run_of(input, overrides);
    words.extend(patterns.iter().flat_map(|pattern| ["--variant".to_owned(), quoted(pattern)]));
    format!("{} --seed {} --seeds {count}", words.join(" "), input.plan.seed.0)
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{World, load_scenario};

    #[test]
    fn a_command_says_all_that_was_asked_for_and_nothing_else() {
        let seeded = "run.seeds=4".to_owned();
        let overrides =
            Overrides { sets: vec![seeded, "name=it's".to_owned()], seed: Some(7), world: Some(World::Sim) };
        let input = load_scenario("steady", &overrides).unwrap_or_else(|e| panic!("{}", e.message()));
        let words = r"upstorm run steady --set run.seeds=4 --set 'name=it'\''s' --world sim";
        assert_eq!(one_seed(&input, &overrides, 9), format!("{words} --seeds 1 --seed 9"));
        assert_eq!(several_seeds(&input, &overrides, 20), format!("{words} --seed 7 --seeds 20"));
        let plain = Overrides::default();
        let input = load_scenario("steady", &plain).unwrap_or_else(|e| panic!("{}", e.message()));
        assert_eq!(one_seed(&input, &plain, 1), "upstorm run steady --seed 1");
    }
}
