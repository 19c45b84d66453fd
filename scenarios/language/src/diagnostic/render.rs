//! Rendering: a diagnostic as text, with the lines it is about and carets under them.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Style, Renderer, Snippet};

use super::{Diagnostic, Label, Level};
use crate::source::{Source, SourceId, Sources};

/// Lines shown before and after the ones that are pointed at.
const CONTEXT_LINES: usize = 1;
/// A longer line (or stretch of lines) is cut, so that one line of a mebibyte does not fill the terminal.
const LONGEST: usize = 2000;

/// The text of one diagnostic, without a newline at its end.
pub(super) fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let style = match diagnostic.level() {
        Level::Error => Style::ERROR,
        Level::Warning => Style::WARNING,
    };
    let mut group = style
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id)
        .elements(snippets(diagnostic, sources));
    group = advice(group, diagnostic);
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii).render(&[group])
}

fn advice<'a>(group: Group<'a>, diagnostic: &'a Diagnostic) -> Group<'a> {
    let notes = diagnostic.notes.iter().map(|text| Style::NOTE.message(text.as_str()));
    let help = diagnostic.help.iter().map(|text| Style::HELP.message(text.as_str()));
    group.elements(notes).elements(help)
}

/// One snippet for each source that is pointed into, the one to look at first.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut order: Vec<SourceId> = Vec::new();
    for label in &diagnostic.labels {
        if !order.contains(&label.spot.source) {
            order.push(label.spot.source);
        }
    }
    order.into_iter().filter_map(|id| snippet(diagnostic, id, sources.get(id)?)).collect()
}

fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    id: SourceId,
    source: &'a Source,
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let here: Vec<(usize, &Label)> =
        diagnostic.labels.iter().enumerate().filter(|(_, label)| label.spot.source == id).collect();
    let first = here.iter().map(|(_, l)| l.spot.start).min()?;
    let last = here.iter().map(|(_, l)| l.spot.end).max()?;
    let window = window(&source.text, first, last);
    let line_start = source.text[..window.start].bytes().filter(|b| *b == b'\n').count() + 1;
    let annotations = here.into_iter().map(|(index, label)| {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(within(&source.text, &window, label));
        if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
    });
    let shown = &source.text[window.clone()];
    Some(
        Snippet::source(shown)
            .line_start(line_start)
            .path(source.name.as_str())
            .annotations(annotations.collect::<Vec<_>>()),
    )
}

/// The lines around a stretch of text, so that the cost of rendering does not grow with the file.
fn window(text: &str, first: usize, last: usize) -> Range<usize> {
    let first = floor(text, first);
    let last = floor(text, last.max(first).min(first + LONGEST));
    let line_begin = |at: usize| text[..at].rfind('\n').map_or(0, |n| n + 1);
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |n| at + n);
    let mut start = line_begin(first);
    let mut end = line_end(last);
    for _ in 0..CONTEXT_LINES {
        start = if start == 0 { 0 } else { line_begin(start - 1) };
        end = if end == text.len() { end } else { line_end(end + 1) };
    }
    let (nearest, farthest) = (first.saturating_sub(LONGEST), (last + LONGEST).min(text.len()));
    floor(text, start.max(nearest))..floor(text, end.min(farthest))
}

/// A label's range inside the window. Only the first line of a long range is underlined.
fn within(text: &str, window: &Range<usize>, label: &Label) -> Range<usize> {
    let start = floor(text, label.spot.start.clamp(window.start, window.end));
    let end = floor(text, label.spot.end.clamp(start, window.end));
    let line = text[start..end].find('\n').map_or(end, |n| start + n);
    start - window.start..line - window.start
}

/// The next character boundary at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)
}
