//! The variants of a matrix: what each sets, what it is compared with, and how many runs they make together.

use super::table::{Table, section};
use super::wording::count;
use crate::Loaded;

/// The matrix; nothing of a scenario without one. What is explained below it is the file without its matrix.
pub(super) fn variants(loaded: &Loaded) -> String {
    let Some(matrix) = &loaded.matrix else { return String::new() };
    let all = matrix.variants.len();
    let seeds = loaded.seeds();
    let runs = all.saturating_mul(seeds as usize);
    let mut table = Table::new(&["variant", "sets", "compared with", "counts"]);
    for (index, variant) in matrix.variants.iter().enumerate() {
        let sets: Vec<String> =
            variant.settings.iter().map(|s| format!("{} = {}", s.path, s.value)).collect();
        let baseline = matrix.variants.get(variant.baseline).filter(|_| variant.baseline != index);
        table.row([
            variant.label.clone(),
            if sets.is_empty() { "nothing".to_owned() } else { sets.join(", ") },
            baseline.map_or_else(|| "– (baseline)".to_owned(), |b| b.label.clone()),
            if variant.gates { "yes" } else { "no" }.to_owned(),
        ]);
    }
    let title = format!(
        "Matrix: {} with {} each, {}; below, the file without it",
        count(all, "variant"),
        count(seeds as usize, "seed"),
        count(runs, "run")
    );
    section(&title, &table.lines())
}
