//! Axes: that they make different variants, and all the ways to choose a value of each.

use crate::decode::{Axis, AxisValue, WrittenMatrix};
use crate::diagnostic::{Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::Path;

/// The most variants: a table of more is read by nobody, and each is run with every seed.
const MOST_VARIANTS: usize = 256;

/// Every choice of one value an axis, as indices; the last axis varies fastest. None if the axes are not sound, which
/// has then been reported.
pub(super) fn choices(matrix: &WrittenMatrix, reading: &Reading<'_>) -> Option<Vec<Vec<usize>>> {
    let before = reading.problems();
    let axes = &matrix.axes;
    axes.iter().for_each(|axis| no_value_twice(axis, reading));
    for (index, axis) in axes.iter().enumerate() {
        axes[..index].iter().for_each(|other| apart(other, axis, reading));
    }
    let many = axes.iter().fold(1_usize, |product, axis| product.saturating_mul(axis.values.len()));
    if many > MOST_VARIANTS {
        let message = format!("the axes make {many} variants, and there may be {MOST_VARIANTS}");
        let sizes =
            Diagnostic::new(&codes::BAD_MATRIX, message).help("leave out values, or make two scenarios");
        reading.report(
            axes.iter().fold(sizes, |d, axis| d.at(axis.at, format!("{} values", axis.values.len()))),
        );
    }
    (reading.problems() == before).then(|| product(axes))
}

fn product(axes: &[Axis]) -> Vec<Vec<usize>> {
    let one = |so_far: Vec<Vec<usize>>, axis: &Axis| -> Vec<Vec<usize>> {
        let longer = |choice: &Vec<usize>| {
            let choice = choice.clone();
            (0..axis.values.len()).map(move |value| [choice.as_slice(), &[value]].concat())
        };
        so_far.iter().flat_map(longer).collect()
    };
    axes.iter().fold(vec![Vec::new()], one)
}

fn no_value_twice(axis: &Axis, reading: &Reading<'_>) {
    for (index, value) in axis.values.iter().enumerate() {
        if let Some(first) = axis.values[..index].iter().find(|first| same(first, value)) {
            let message = match (&first.name, &value.name) {
                (Some(one), Some(other)) => format!("`{other}` is the same as `{one}`"),
                _ => "the same value stands here twice".to_owned(),
            };
            let twice = Diagnostic::new(&codes::BAD_MATRIX, message);
            reading.report(twice.at(value.at, "").at(first.at, "the first time"));
        }
    }
}

fn same(one: &AxisValue, other: &AxisValue) -> bool {
    let within = |a: &AxisValue, b: &AxisValue| {
        a.sets.iter().all(|(path, node)| {
            b.sets.iter().any(|(other, value)| path.text() == other.text() && node.says_the_same(value))
        })
    };
    one.sets.len() == other.sets.len() && within(one, other)
}

/// Two axes must not set the same path, nor one a table that the other sets something in.
fn apart(one: &Axis, other: &Axis, reading: &Reading<'_>) {
    let meeting = paths(one).find(|a| paths(other).any(|b| a.overlaps(b)));
    if let Some(path) = meeting {
        let message = format!("two axes set `{}`", path.text());
        let both = Diagnostic::new(&codes::BAD_MATRIX, message).at(other.at, "").at(one.at, "the other one");
        reading.report(both.help("give each variant a name and all its paths in `variants`"));
    }
}

fn paths(axis: &Axis) -> impl Iterator<Item = &Path> {
    axis.values.iter().flat_map(|value| &value.sets).map(|(path, _)| path)
}
