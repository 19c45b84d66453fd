//! The report as a browser shows it: it opens offline, draws its timeline, and asks the network for nothing.

use std::process::Command;

use crate::binary::{SHORT, Workplace};

#[test]
fn the_report_opens_in_a_browser() {
    if Command::new("chromium").arg("--version").output().is_err() {
        eprintln!("skipped: the_report_opens_in_a_browser: chromium is not installed");
        return;
    }
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    let ran = place.run(&["run", "short.toml", "--out", "run", "--quiet"]);
    assert!([0, 12].contains(&ran.code), "{}\n{}", ran.out, ran.err);
    let profile = format!("--user-data-dir={}", place.path().join("profile").display());
    let page = format!("file://{}", place.path().join("run/report.html").display());
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--disable-component-update", "--disable-sync", "--virtual-time-budget=2000", "--dump-dom"])
        .args([&profile, &page])
        .output()
        .expect("chromium runs");
    let dom = String::from_utf8_lossy(&output.stdout);
    assert!(dom.contains("<svg") && dom.contains("availability"), "{}", dom.len());
    for reference in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!dom.contains(reference), "the report refers to the network: {reference}");
    }
}
