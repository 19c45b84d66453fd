//! Lines of a given width: what is too long goes on below, nothing is cut off. Control characters are replaced, so that
//! a name from a scenario cannot steer the terminal.

/// Without control characters, which could steer the terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// At most `width` characters, cut with an ellipsis.
pub(super) fn fit_within(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Greedy line breaking at spaces, each line after the first set in by `hang`; a word longer than a line is broken where
/// the line ends.
pub(super) fn wrapped(text: &str, width: usize, hang: &str) -> Vec<String> {
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut lines = Vec::new();
    let (mut line, mut start) = (indent.clone(), indent.chars().count());
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        let mut word = word.to_owned();
        let gap = usize::from(line.chars().count() > start);
        if line.chars().count() + gap + word.chars().count() > width && line.chars().count() > start {
            lines.push(std::mem::replace(&mut line, hang.to_owned()));
            start = hang.chars().count();
        }
        while start + word.chars().count() > width {
            let (head, tail): (String, String) = {
                let room = width - start;
                (word.chars().take(room).collect(), word.chars().skip(room).collect())
            };
            line.push_str(&head);
            lines.push(std::mem::replace(&mut line, hang.to_owned()));
            start = hang.chars().count();
            word = tail;
        }
        if line.chars().count() > start {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_no_line_is_too_wide() {
        assert_eq!(wrapped("honours Retry-After", 18, ""), ["honours", "Retry-After"]);
        assert_eq!(wrapped("  a bb ccc", 6, "    "), ["  a bb", "    cc", "    c"]);
        assert_eq!(wrapped("abcdefgh", 3, ""), ["abc", "def", "gh"]);
        assert_eq!(wrapped("", 3, ""), [""]);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(fit_within("abcdef", 4), "abc…");
        assert_eq!(fit_within("ab\u{1b}c", 4), "ab c");
    }
}
