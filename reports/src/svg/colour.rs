//! Colours by meaning: which class of the style sheet a way to end is drawn in.
//!
//! The palette is Okabe and Ito's, which people with any kind of colour vision can tell apart; shades of one hue are
//! the statuses of one class.

/// The class of a label of a status mix: the same label has the same colour in every panel.
pub(crate) fn mix_class(label: &str) -> &'static str {
    let status = label.parse::<u16>().ok();
    match status {
        Some(429) => "c-throttled",
        Some(100..=299) => "c-ok",
        Some(300..=399) => "c-moved",
        Some(400..=499) => "c-client",
        Some(502) => "c-error2",
        Some(504) => "c-error3",
        Some(500) => "c-error4",
        Some(_) => "c-error",
        None => match label {
            "reset" => "c-reset",
            "timed out" | "caller left" | "still in flight" => "c-left",
            "closed early" | "malformed" | "no connection" => "c-cut",
            _ => "c-other",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_like_is_not_red() {
        assert_eq!(mix_class("200"), "c-ok");
        assert_eq!(mix_class("429"), "c-throttled");
        assert_eq!(mix_class("503"), "c-error");
        assert_eq!(mix_class("504"), "c-error3");
        assert_eq!(mix_class("<script>"), "c-other");
    }
}
