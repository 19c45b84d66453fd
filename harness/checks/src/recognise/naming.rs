//! Naming: which family the waits show, or between which it cannot be told.
//!
//! A family is a candidate if its law agrees with the waits before every retry; of the candidates the likeliest is named.
//! One that is nearly as likely may be the true one as well: likelihoods part in proportion to the number of waits, which
//! says how many more would tell.

use upstorm_model::verdict::RecognisedBackoff;

pub(crate) use super::courses::LEAST;
use super::fit::Fit;
use super::{Courses, decorrelated, polly, spread};

/// A family whose law is this unlikely is none.
pub(crate) const UNLIKELY: f64 = 1e-5;
/// How much likelier the named one is than any other: e⁸ is three thousand times.
const CLEAR: f64 = 8.0;

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub recognised: RecognisedBackoff,
    /// Whether the waits show one law: one family, or one that can be written as two.
    pub is_one: bool,
    /// The greatest distance of the waits from the law of the best family.
    pub distance: Option<f64>,
}

/// Names the family of these waits.
pub(crate) fn name(courses: &Courses) -> Named {
    let all = [spread::fit(courses), decorrelated::fit(courses), polly::fit(courses)];
    let mut fits: Vec<Fit> = all.into_iter().flatten().collect();
    let nearest = fits.iter().map(|fit| fit.distance).reduce(f64::min);
    fits.retain(|fit| fit.chance() >= UNLIKELY && fit.ln_likelihood.is_finite());
    fits.sort_by(|a, b| b.worth().total_cmp(&a.worth()));
    let Some(best) = fits.first() else {
        let recognised = RecognisedBackoff { families: Vec::new(), more: None };
        return Named { recognised, is_one: false, distance: nearest };
    };
    let gap = |fit: &Fit| best.worth() - fit.worth();
    let close: Vec<&Fit> = fits.iter().skip(1).filter(|fit| gap(fit) < CLEAR).collect();
    let mut families = vec![best.family.clone()];
    families.extend(close.iter().map(|fit| fit.family.clone()));
    if close.is_empty() {
        families.extend_from_slice(&best.same);
    }
    let more = close.first().and_then(|second| more(courses, gap(second)));
    let distance = Some(best.distance);
    Named { recognised: RecognisedBackoff { families, more }, is_one: close.is_empty(), distance }
}

/// How many more waits of each retry number would tell two apart; none where one retry number alone was seen, whose
/// waits may have the same law in both families.
fn more(courses: &Courses, gap: f64) -> Option<u64> {
    let n = courses.fewest() as f64;
    let needed = n * (CLEAR / gap.max(CLEAR / 100.0) - 1.0);
    (courses.by_retry().len() > 1).then(|| needed.ceil().max(1.0) as u64)
}
