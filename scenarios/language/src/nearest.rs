//! Did you mean: the known word nearest to one that is not known.

/// A help line with the nearest of the candidates; none if nothing is near.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}

/// The known word nearest to one that is not known: within a third of its length in edits, or none.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    // A word longer than any key is a paste accident, and edit distance is quadratic.
    if length > 80 {
        return None;
    }
    let plain = fold(word);
    let scored = candidates
        .into_iter()
        .filter(|c| c.len() <= 160)
        .map(|candidate| (strsim::damerau_levenshtein(&plain, &fold(candidate)), candidate));
    let (distance, candidate) = scored.min()?;
    let allowed = (length.max(candidate.chars().count()) / 3).clamp(1, 4);
    (distance <= allowed && distance < length).then_some(candidate)
}

/// `minCalls`, `min-calls` and `min_calls` are the same word to a reader.
fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_near_and_not_the_far() {
        let words = ["latency", "limit", "status", "max_in_flight"];
        assert_eq!(nearest("latncy", words), Some("latency"));
        assert_eq!(nearest("maxInFlight", words), Some("max_in_flight"));
        assert_eq!(nearest("colour", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("é", words), None);
    }
}
