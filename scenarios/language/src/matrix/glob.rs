//! Patterns: `*` stands for anything, `?` for any one character, everything else for itself.

/// Whether a label fits a pattern.
#[must_use]
pub fn matches(pattern: &str, label: &str) -> bool {
    let (pattern, label): (Vec<char>, Vec<char>) = (pattern.chars().collect(), label.chars().collect());
    let (mut p, mut l) = (0, 0);
    // Where to go on if what follows the last star does not fit: the star takes one character more.
    let mut retry: Option<(usize, usize)> = None;
    while l < label.len() {
        match (pattern.get(p), retry) {
            (Some('*'), _) => {
                retry = Some((p + 1, l));
                p += 1;
            }
            (Some(c), _) if *c == '?' || *c == label[l] => (p, l) = (p + 1, l + 1),
            (_, Some((after, from))) => {
                retry = Some((after, from + 1));
                (p, l) = (after, from + 1);
            }
            _ => return false,
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_takes_as_much_as_is_needed() {
        for (pattern, label) in [
            ("preset=none", "preset=none"),
            ("*", ""),
            ("*", "preset=none"),
            ("preset=*", "preset=none,rate=9-s"),
            ("*none*", "preset=none,rate=9-s"),
            ("*,rate=?-s", "preset=none,rate=9-s"),
            ("*a*ab", "xaaxab"),
        ] {
            assert!(matches(pattern, label), "{pattern} {label}");
        }
        for (pattern, label) in
            [("preset", "preset=none"), ("", "x"), ("?", ""), ("*b", "abc"), ("a*b*c", "ac")]
        {
            assert!(!matches(pattern, label), "{pattern} {label}");
        }
        assert!(!matches(&"*a".repeat(500), &"a".repeat(400)), "and it takes no long time");
    }
}
