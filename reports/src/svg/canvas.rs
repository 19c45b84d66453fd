//! The canvas: SVG elements as text, with every name from outside escaped.

use std::fmt::Write as _;

/// A rectangle in the units of the canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Box {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Box {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// On which side of its point a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// An SVG picture in the making.
#[derive(Debug)]
pub(crate) struct Canvas {
    width: f64,
    height: f64,
    label: String,
    body: String,
}

/// Text as it may stand in XML, in an attribute as well as between tags.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push('\n'),
            // Control characters are not allowed in XML at all.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// A coordinate to a tenth of a unit, which no eye can tell from the exact one.
pub(super) fn near(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

impl Canvas {
    /// A canvas of this size. `label` is what a screen reader says instead of the picture.
    pub(crate) fn new(width: f64, height: f64, label: &str) -> Self {
        Self { width, height, label: label.to_owned(), body: String::new() }
    }

    // Writing to a String cannot fail, so the results of `write!` are dropped below.

    pub(crate) fn rect(&mut self, b: Box, class: &str) {
        let [x, y, w, h] = [b.x, b.y, b.width.max(0.0), b.height.max(0.0)].map(near);
        let _ = writeln!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{w}" height="{h}"/>"#);
    }

    /// A rectangle that says something where the pointer rests on it.
    pub(crate) fn hover(&mut self, b: Box, said: &str) {
        let [x, y, w, h] = [b.x, b.y, b.width.max(0.0), b.height.max(0.0)].map(near);
        let said = escaped(said);
        let _ = writeln!(
            self.body,
            r#"<rect class="hover" x="{x}" y="{y}" width="{w}" height="{h}"><title>{said}</title></rect>"#
        );
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let [a, b, c, d] = [from.0, from.1, to.0, to.1].map(near);
        let _ = writeln!(self.body, r#"<line class="{class}" x1="{a}" y1="{b}" x2="{c}" y2="{d}"/>"#);
    }

    pub(crate) fn path(&mut self, d: &str, class: &str) {
        if !d.is_empty() {
            let _ = writeln!(self.body, r#"<path class="{class}" d="{d}"/>"#);
        }
    }

    pub(crate) fn circle(&mut self, at: (f64, f64), radius: f64, class: &str) {
        let [x, y, r] = [at.0, at.1, radius].map(near);
        let _ = writeln!(self.body, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{r}"/>"#);
    }

    pub(crate) fn text(&mut self, at: (f64, f64), (anchor, class): (Anchor, &str), text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let [x, y] = [at.0, at.1].map(near);
        let text = escaped(text);
        let _ = writeln!(
            self.body,
            r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#
        );
    }

    /// A text centred on a point, or at the border where there is no room for that.
    pub(crate) fn label(&mut self, (x, y): (f64, f64), class: &str, text: &str) {
        let half = text.chars().count() as f64 * 3.6;
        let (x, anchor) = if x < half + 2.0 {
            (2.0, Anchor::Start)
        } else if x > self.width - half - 2.0 {
            (self.width - 2.0, Anchor::End)
        } else {
            (x, Anchor::Middle)
        };
        self.text((x, y), (anchor, class), text);
    }

    /// The whole element. It has a view box and no size: the page gives it its width.
    pub(crate) fn finish(self) -> String {
        let [w, h] = [self.width, self.height].map(near);
        let label = escaped(&self.label);
        format!("<svg viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{label}\">\n{}</svg>", self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place() {
        let mut canvas = Canvas::new(10.0, 10.0, "a\"><script>");
        canvas.text((0.0, 0.04), (Anchor::Start, "t"), "<b>&'\u{1b}");
        let svg = canvas.finish();
        assert!(svg.contains("aria-label=\"a&quot;&gt;&lt;script&gt;\""), "{svg}");
        assert!(svg.contains(">&lt;b&gt;&amp;&#39; </text>"), "{svg}");
    }

    #[test]
    fn what_is_no_number_is_drawn_at_zero() {
        assert_eq!(near(f64::NAN), "0");
        assert_eq!(near(-0.01), "0");
        assert_eq!(near(12.34), "12.3");
    }
}
