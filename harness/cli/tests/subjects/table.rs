//! The table of findings in the README: written when asked, else compared, so that it cannot go stale.
//!
//! Figures of the simulated world are shown as they are where the crate can be given a seed; of real sockets, and of crates
//! that draw from the machine, only what the verdict says: over or within the bound.

use std::path::PathBuf;

use upstorm_model::scenario::WorldKind;
use upstorm_model::verdict::{BackoffFamily, Relation, Verdict};
use upstorm_reports::words;

use crate::found::{Line, lines};
use crate::rows::Figure;

const BEGIN: &str =
    "<!-- findings: written by UPSTORM_WRITE_FINDINGS=1 cargo test -p upstorm --test subjects -->";
const END: &str = "<!-- end of findings -->";

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The version of a package that the lock file has.
fn version(package: &str) -> String {
    let lock = std::fs::read_to_string(top().join("Cargo.lock")).expect("there is a lock file");
    let lock: toml::Table = lock.parse().expect("the lock file is TOML");
    let packages = lock["package"].as_array().expect("it lists packages");
    let versions: Vec<&str> = packages
        .iter()
        .filter(|entry| entry["name"].as_str() == Some(package))
        .filter_map(|entry| entry["version"].as_str())
        .collect();
    assert_eq!(versions.len(), 1, "one version of {package}: {versions:?}");
    versions[0].to_owned()
}

/// What was measured: the figure where it is the same in every run, else on which side of the bound.
fn measured(line: &Line) -> String {
    let o = &line.observation;
    if line.find.figure == Figure::Unsaid {
        return String::new();
    }
    if let Some(recognised) = &o.recognised {
        let families: Vec<String> = recognised.families.iter().map(family).collect();
        return format!("recognised as {}", families.join(" or "));
    }
    let label = words::label(o);
    let label = label.split(" (").next().unwrap_or_default();
    let value = words::observed(o);
    let exactly = value.split(" (").next().unwrap_or_default();
    let within = words::expected(o);
    match (o.bound, o.verdict) {
        (Some(bound), Verdict::Failed) if line.find.figure == Figure::Side => match bound.relation {
            Relation::AtMost => format!("{label} {}", within.replace('≤', ">")),
            Relation::AtLeast => format!("{label} {}", within.replace('≥', "<")),
        },
        (Some(_), _) if line.find.figure == Figure::Side => format!("{label} {within}"),
        _ => format!("{label} {exactly}, asked {within}"),
    }
}

/// A family with its base to a hundredth of a second: finer, it would differ from run to run.
fn family(family: &BackoffFamily) -> String {
    let jitter = format!("{:?}", family.jitter).to_lowercase();
    format!("{jitter}, base {:.0} ms", (family.base.value * 100.0).round() * 10.0)
}

/// The findings of one check of a row, all of one verdict: one line of the table.
fn cells(lines: &[Line]) -> String {
    let first = &lines[0];
    let verdict = match first.find.verdict {
        Verdict::Held => "held",
        Verdict::Failed => "**failed**",
        Verdict::Inconclusive => "inconclusive",
    };
    let world = match first.world {
        WorldKind::Sim => "simulated",
        WorldKind::Real => "real",
    };
    let all = |of: fn(&Line) -> String| {
        lines.iter().map(of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
    };
    let (measured, why) = (all(measured), all(|line| line.find.why.to_owned()));
    let (package, feature, kind) = (first.row.package, first.row.feature, &first.kind);
    let version = version(package);
    format!("| {package} {version} | {feature} | {world} | `{kind}` | {verdict} | {measured} | {why} |\n")
}

fn table() -> String {
    let head = "| crate | what of it | world | check | | measured | why |\n|---|---|---|---|---|---|---|\n";
    let together = |a: &Line, b: &Line| {
        std::ptr::eq(a.row, b.row) && a.kind == b.kind && a.find.verdict == b.find.verdict
    };
    let worlds = [WorldKind::Sim, WorldKind::Real];
    let rows = worlds.iter().flat_map(|world| lines(*world).chunk_by(together).map(cells));
    std::iter::once(head.to_owned()).chain(rows).collect()
}

/// Writes the table into the README where the environment asks for it; else compares.
pub(crate) fn is_in_the_readme() {
    let path = top().join("README.md");
    let readme = std::fs::read_to_string(&path).expect("there is a README");
    let (before, rest) = readme.split_once(BEGIN).expect("the README has a place for the findings");
    let (there, after) = rest.split_once(END).expect("the place has an end");
    let table = format!("\n{}", table());
    if std::env::var_os("UPSTORM_WRITE_FINDINGS").is_some() {
        let written = format!("{before}{BEGIN}{table}{END}{after}");
        std::fs::write(&path, written).expect("the README can be written");
        return;
    }
    assert_eq!(
        there, table,
        "write it anew with UPSTORM_WRITE_FINDINGS=1 cargo test -p upstorm --test subjects"
    );
}
