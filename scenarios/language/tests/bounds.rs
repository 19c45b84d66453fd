//! Shares over the whole and negative quantities are refused wherever they can stand, each with a caret under it.

mod loading;

use loading::{BASE, load_text};

/// Places where a share can stand: what comes before it and what comes after it.
const SHARES: &[(&str, &str)] = &[
    ("[upstream.other]\nfaults = [{ share = \"", "\", hang = true }]"),
    ("[upstream.other]\nfaults = [{ hang = true, share = { from = \"0%\", to = \"", "\" } }]"),
    ("[upstream.other]\nfaults = [{ share = \"", "\", malformed = { kind = \"json\" } }]"),
    ("[upstream.other]\nfaults = [{ share = \"", "\", content_length = { off_by = 9 } }]"),
    ("[upstream.other]\nfaults = [{ share = \"", "\", redirect_loop = true }]"),
    ("[upstream.other]\nfaults = [{ share = \"", "\", header_flood = { size = \"64KiB\" } }]"),
    ("[upstream.other]\nconnect = { refuse = \"", "\" }"),
    ("[upstream.other]\nconnect = { blackhole = \"", "\" }"),
    ("[upstream.other]\nconnect = { reset = \"", "\" }"),
    ("[upstream.other]\nconnect = { stall = { from = \"", "\", to = \"1%\" } }"),
    ("[upstream.other]\nstatus = { 200 = {}, 503 = \"", "\" }"),
    ("[upstream.other]\nstatus = { 200 = {}, 503 = { share = \"", "\" } }"),
    ("[[upstream.other.route]]\nname = \"r\"\nmatch = { share = \"", "\" }"),
    ("[[phase]]\nname = \"p\"\nduration = \"1s\"\nupstream.payments.status = { 200 = {}, 503 = \"", "\" }"),
    (
        "[[phase]]\nname = \"p\"\nduration = \"1s\"\nupstream.payments.faults = [{ share = \"",
        "\", hang = true }]",
    ),
    ("[[phase]]\nname = \"p\"\nduration = \"1s\"\nupstream.payments.connect.reset = \"", "\""),
    ("[gateway.other]\ntarget = \"payments\"\nbreaker = { failure_rate = \"", "\" }"),
    ("[gateway.other]\ntarget = \"payments\"\nbreaker = { slow_rate = \"", "\" }"),
    (
        "[gateway.other]\ntarget = \"payments\"\npreset = \"retry\"\nretry.budget = { kind = \"concurrency\", budget_percent = \"",
        "\" }",
    ),
    ("[gateway.other]\ntarget = \"payments\"\noutlier = { max_ejection_percent = \"", "\" }"),
    ("[gateway.other]\ntarget = \"payments\"\noutlier = { panic_threshold = \"", "\" }"),
    ("[[check]]\nname = \"c\"\nslo = { of = \"shoppers\", errors = \"", "\" }"),
    ("[[check]]\nname = \"c\"\nslo = { of = \"shoppers\", throttled = \"", "\" }"),
    ("[[check]]\nname = \"c\"\nslo = { of = \"shoppers\", availability = \"", "\" }"),
];

/// Places where a rate, a bandwidth, a size or a duration can stand, and its unit.
const AMOUNTS: &[(&str, &str, &str)] = &[
    ("[upstream.other]\nlimit = { rate = \"", "/s", "\" }"),
    ("[upstream.other]\nlimit = { rate = { from = \"1/s\", to = \"", "/s", "\" } }"),
    ("[upstream.other]\nlatency = \"", "ms", "\""),
    ("[upstream.other]\nbody = { size = \"", "KiB", "\" }"),
    ("[upstream.other]\nbody = { size = \"1KiB\", rate = \"", "KiB/s", "\" }"),
    ("[upstream.other]\nbody = { size = \"1KiB\", rate = \"1KiB/s\", chunk = \"", "B", "\" }"),
    ("[upstream.other]\nfaults = [{ share = \"1%\", truncate = { keep = \"", "B", "\" } }]"),
    ("[upstream.other]\nfaults = [{ share = \"1%\", reset = { after = \"", "B", "\" } }]"),
    ("[upstream.other]\nfaults = [{ share = \"1%\", stall = { at = \"mid-body\", for = \"", "s", "\" } }]"),
    ("[upstream.other]\nfaults = [{ share = \"1%\", header_flood = { size = \"", "KiB", "\" } }]"),
    ("[client.other]\ntarget = \"payments\"\nrate = \"", "/s", "\""),
    ("[client.other]\ntarget = \"payments\"\nrate = \"1/s\"\ntimeout = \"", "s", "\""),
    ("[[phase]]\nname = \"p\"\nduration = \"1s\"\nclient.shoppers.rate = \"", "/s", "\""),
    ("[[phase]]\nname = \"p\"\nduration = \"1s\"\nupstream.payments.limit = { rate = \"", "/s", "\" }"),
    ("[gateway.other]\ntarget = \"payments\"\nlimits = { rate = \"", "/s", "\" }"),
    ("[gateway.other]\ntarget = \"payments\"\ndeadline = { total = \"", "s", "\" }"),
    ("[[check]]\nname = \"c\"\nlimit = { of = \"edge -> payments\", rate = \"", "/s", "\" }"),
    ("[run]\nnetwork = { bandwidth = \"", "MiB/s", "\" }"),
    ("[run]\nnetwork = { delay = \"", "ms", "\" }"),
];

/// The codes of what is wrong with a scenario that has `value` between these. Each must be shown with carets under it.
#[track_caller]
fn refused(before: &str, value: &str, after: &str) -> Vec<&'static str> {
    let own_run = before.starts_with("[run]");
    let text = format!("{BASE}\n{before}{value}{after}\n");
    let found = load_text(&text, &[]).err().unwrap_or_else(|| panic!("taken: {before}{value}{after}"));
    assert!(!own_run || !BASE.contains("[run]"), "the base has a run of its own");
    let carets = "^".repeat(value.chars().count() + 2);
    let shown = found.render(false);
    assert!(shown.contains(&carets), "no carets under `{value}`:\n{shown}");
    found.iter().map(|diagnostic| diagnostic.code.id).collect()
}

#[test]
fn no_share_is_more_than_the_whole_or_less_than_none() {
    for (before, after) in SHARES {
        for value in ["101%", "100.1%", "250%"] {
            assert_eq!(refused(before, value, after), ["S021"], "{before}{value}{after}");
        }
        for value in ["-1%", "-0.001%", "NaN%"] {
            assert_eq!(refused(before, value, after), ["S015"], "{before}{value}{after}");
        }
    }
}

#[test]
fn no_quantity_is_negative() {
    for (before, unit, after) in AMOUNTS {
        for number in ["-1", "-0.5", "inf"] {
            let value = format!("{number}{unit}");
            assert_eq!(refused(before, &value, after), ["S015"], "{before}{value}{after}");
        }
    }
}

#[test]
fn statuses_together_are_not_more_than_the_whole() {
    let text = format!("{BASE}\n[upstream.other]\nstatus = {{ 500 = \"60%\", 503 = \"60%\", 200 = {{}} }}\n");
    let found = load_text(&text, &[]).unwrap_err();
    assert!(found.iter().any(|diagnostic| diagnostic.code.id == "S022"), "{found}");
}

#[test]
fn a_route_has_no_more_faults_than_a_record_can_tell_apart() {
    let taken = |count: usize| {
        let faults = vec!["{ share = \"0.1%\", hang = true }"; count].join(", ");
        load_text(&format!("{BASE}\n[upstream.other]\nfaults = [{faults}]\n"), &[])
    };
    assert!(taken(255).is_ok());
    let found = taken(256).unwrap_err();
    assert_eq!(found.iter().map(|diagnostic| diagnostic.code.id).collect::<Vec<_>>(), ["S020"], "{found}");
}
