//! One measure over the seeds, as the template prints it.

use upstorm_model::verdict::{CheckAcross, MeasureAcross};

use super::strip;
use crate::figures::count;
use crate::seeds::words as say;

/// One measure of one check.
pub(super) struct MeasureLine {
    pub(super) check: String,
    pub(super) label: String,
    pub(super) tone: &'static str,
    /// What stands beside the picture: (name, text).
    pub(super) figures: Vec<(String, String)>,
    pub(super) strip: Option<String>,
}

impl MeasureLine {
    /// The measures of a check.
    pub(super) fn all(check: &CheckAcross) -> impl Iterator<Item = Self> {
        check.measures.iter().map(|m| Self::new(check, m))
    }

    fn new(check: &CheckAcross, m: &MeasureAcross) -> Self {
        let tone = match (m.failed, m.inconclusive) {
            (1.., _) => "failed",
            (0, 1..) => "unsure",
            (0, 0) => "held",
        };
        Self {
            check: check.check.clone(),
            label: say::label(m),
            tone,
            figures: figures(m),
            strip: strip::draw(m),
        }
    }
}

fn figures(m: &MeasureAcross) -> Vec<(String, String)> {
    let differs = m.min != m.max;
    let range = differs.then(|| ("smallest to largest".to_owned(), say::range(m)));
    let worst = m.worst_seed.filter(|_| differs).map(|seed| ("worst seed".to_owned(), seed.to_string()));
    let expected = ("expected".to_owned(), say::expected(m));
    let figures = std::iter::once(expected).chain(say::quantiles(m)).chain(range).chain(worst);
    figures.chain([("seeds".to_owned(), count(m.n))]).collect()
}
