//! Every renderer on the fixture, as snapshots; the HTML page by its structure.
//!
//! The files are also left in the target's tmp folder, so that the page can be looked at as a picture.

mod storm;

use upstorm_reports::{Style, github, html, junit, markdown, render_all, terminal};

#[test]
fn the_whole_set_is_rendered_and_left_to_be_looked_at() {
    let files = render_all(&storm::results()).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["results.json", "report.html", "summary.md", "junit.xml"]);
    for (name, text) in files {
        assert!(!text.is_empty(), "{name}");
        std::fs::write(format!("{}/{name}", env!("CARGO_TARGET_TMPDIR")), text).unwrap();
    }
}

#[test]
fn terminal_is_readable_by_a_stranger() {
    let plain = terminal::render(&storm::results(), Style::default());
    assert!(plain.lines().all(|l| l.chars().count() <= 100), "{plain}");
    insta::assert_snapshot!(plain);
}

#[test]
fn colour_changes_nothing_but_colour() {
    let coloured = terminal::render(&storm::results(), Style { colour: true });
    assert!(coloured.contains("\u{1b}[1;31mFAILED"));
    let mut plain = String::new();
    let mut parts = coloured.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n") + "\n", terminal::render(&storm::results(), Style::default()));
}

#[test]
fn markdown_tells_the_storyline() {
    insta::assert_snapshot!(markdown::render(&storm::results()));
}

#[test]
fn junit_has_a_case_for_each_check() {
    insta::assert_snapshot!(junit::render(&storm::results()).unwrap());
}

#[test]
fn github_points_at_the_failed_checks() {
    let lines = github::annotations(&storm::results());
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_page_is_whole_and_needs_no_network() {
    let results = storm::results();
    let page = html::render(&results).unwrap();
    storm::page::assert_balanced(&page);
    for reference in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(reference), "{reference}");
    }
    for finding in &results.findings {
        assert!(page.contains(&finding.check), "{}", finding.check);
    }
    for panel in [
        "What callers got",
        "Latency of successful",
        "What the upstreams gave",
        "Attempts per call",
        "In flight",
    ] {
        assert!(page.contains(panel), "{panel}");
    }
    assert_eq!(page.matches("<figure class=\"moment\">").count(), 5, "a picture for each failure");
    assert!(page.contains("upstorm run retry-storm.toml --seed 42"));
    assert!(!page.contains("NaN") && !page.contains("inf"), "every number is one");
}
