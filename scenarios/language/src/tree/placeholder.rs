//! The grammar of placeholders inside a text: `${name}` and `${name:-default}`, and `$${` for `${` itself.

/// Placeholders that are filled in later and elsewhere (in files rendered for somebody else's gateway).
const FOREIGN: [&str; 3] = ["file.", "upstream.", "gateway."];

/// A stretch of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// To be taken as it stands.
    Literal(&'t str),
    /// To be replaced.
    Placeholder(Placeholder<'t>),
}

/// A placeholder, with the text it stands as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placeholder<'t> {
    pub(super) whole: &'t str,
    pub(super) name: &'t str,
    pub(super) default: Option<&'t str>,
}

/// A `${` that is never closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

/// The parts of a text, in order, empty ones left out.
///
/// # Errors
/// When a placeholder is never closed.
pub(super) fn parts(text: &str) -> Result<Vec<Part<'_>>, Unclosed> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find("${") {
        if rest[..open].ends_with('$') {
            parts.extend([Part::Literal(&rest[..open - 1]), Part::Literal("${")]);
            rest = &rest[open + 2..];
            continue;
        }
        let close = open + rest[open..].find('}').ok_or(Unclosed)?;
        parts.extend([Part::Literal(&rest[..open]), part(&rest[open..=close])]);
        rest = &rest[close + 1..];
    }
    parts.push(Part::Literal(rest));
    parts.retain(|part| *part != Part::Literal(""));
    Ok(parts)
}

fn part(whole: &str) -> Part<'_> {
    let inner = whole.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(whole);
    if FOREIGN.iter().any(|prefix| inner.starts_with(prefix)) {
        return Part::Literal(whole);
    }
    let (name, default) = inner.split_once(":-").map_or((inner, None), |(name, text)| (name, Some(text)));
    Part::Placeholder(Placeholder { whole, name: name.trim(), default })
}

impl Placeholder<'_> {
    /// True where its name can be that of a variable of the environment.
    pub(super) fn is_env(&self) -> bool {
        let mut chars = self.name.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_placeholders_and_leaves_the_rest() {
        let seen = |text| format!("{:?}", parts(text).unwrap());
        assert_eq!(seen("plain $5 {x}"), r#"[Literal("plain $5 {x}")]"#);
        assert_eq!(seen("$${a} ${file.conf}"), r#"[Literal("${"), Literal("a} "), Literal("${file.conf}")]"#);
        let rate = Placeholder { whole: "${RATE:-5/s}", name: "RATE", default: Some("5/s") };
        assert_eq!(parts("${RATE:-5/s}!").unwrap(), [Part::Placeholder(rate), Part::Literal("!")]);
        assert!(rate.is_env());
        assert_eq!(parts("a ${b"), Err(Unclosed));
    }
}
