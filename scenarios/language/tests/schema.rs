//! The schema agrees with the decoder: it takes what the decoder takes, knows the decoder's keys, and refuses the rest.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::{BASE, SHOPPING, load_text};
use serde_json::{Value, json};
use upstorm_language::{Diagnostics, json_schema};

fn as_json(text: &str) -> Value {
    let table: toml::Table = toml::from_str(text).unwrap();
    serde_json::to_value(table).unwrap()
}

fn complaints(text: &str) -> Vec<String> {
    let validator = jsonschema::draft7::new(&json_schema()).unwrap();
    validator.iter_errors(&as_json(text)).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The keys a decoder would take, which it names when it meets one it does not know.
fn keys_of(diagnostics: &Diagnostics) -> Vec<String> {
    let note = diagnostics.iter().find(|d| d.code.id == "S011").and_then(|d| d.notes.first()).unwrap();
    note.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn is_draft_07_and_valid() {
    assert_eq!(json_schema()["$schema"], "http://json-schema.org/draft-07/schema#");
    assert!(jsonschema::draft7::meta::is_valid(&json_schema()));
}

#[test]
fn takes_good_scenarios() {
    for text in [BASE, SHOPPING] {
        assert_eq!(complaints(text), Vec::<String>::new());
    }
}

#[test]
fn takes_a_row_as_a_switch_and_as_a_table() {
    for row in ["true", "{}", "{ unconditional = \"accept\", x-why = 1 }"] {
        let text = format!("{BASE}\n[[upstream.other.route]]\nname = \"odd\"\nrow = {row}\n");
        assert_eq!(complaints(&text), Vec::<String>::new(), "{row}");
    }
    let none = format!("{BASE}\n[[upstream.other.route]]\nname = \"odd\"\nrow = false\n");
    assert_ne!(complaints(&none), Vec::<String>::new());
}

#[test]
fn takes_every_built_in_scenario() {
    for scenario in upstorm_language::library::all() {
        let mut complaints = complaints(scenario.text);
        // What a table lacks may stand in the file that is extended; a schema sees one file.
        let extends = scenario.text.lines().any(|line| line.starts_with("extends"));
        complaints.retain(|complaint| !extends || !complaint.ends_with("is a required property"));
        assert_eq!(complaints, Vec::<String>::new(), "{}", scenario.name);
    }
}

/// Where a key nobody knows is put, and the definition that must list the keys the decoder then offers.
const PLACES: &[(&str, &str, Option<&str>)] = &[
    ("", "zzz = 1\n", None),
    ("", "run.zzz = 1\n", Some("Run")),
    ("", "run.network.zzz = 1\n", Some("Network")),
    ("", "run.network.between = [{ hosts = [\"edge\", \"payments\"], zzz = 1 }]\n", Some("LinkBetween")),
    ("\n[upstream.other]\nzzz = 1\n", "", Some("Upstream")),
    ("\n[upstream.other]\nconnect.zzz = 1\n", "", Some("Connect")),
    ("\n[upstream.other]\nlimit = { rate = \"1/s\", zzz = 1 }\n", "", Some("Limit")),
    ("\n[upstream.other]\nlimit = { rate = \"1/s\", reject.zzz = 1 }\n", "", Some("Reject")),
    ("\n[upstream.other]\nbody = { text = \"\", zzz = 1 }\n", "", Some("Body")),
    ("\n[upstream.other]\ncapacity = { workers = 1, zzz = 1 }\n", "", Some("Capacity")),
    ("\n[upstream.other]\ncapacity = { workers = 1, overflow.zzz = 1 }\n", "", Some("Overflow")),
    ("\n[upstream.other]\nstatus = { 200 = { zzz = 1 } }\n", "", Some("StatusTable")),
    ("\n[upstream.other]\nscript = [{ zzz = 1 }]\n", "", Some("ScriptStep")),
    ("\n[upstream.other]\nscript = { steps = [], zzz = 1 }\n", "", Some("ScriptTable")),
    ("\n[upstream.other]\nhold = { calls = 2, within = \"1s\", zzz = 1 }\n", "", Some("Hold")),
    ("\n[upstream.other]\nhold = { calls = 2, within = \"1s\", then.zzz = 1 }\n", "", Some("Ending")),
    ("\n[upstream.other]\nprobes = { after_silence = \"1s\", never = true, zzz = 1 }\n", "", Some("Probes")),
    ("\n[[upstream.other.route]]\nname = \"odd\"\nrow = { zzz = 1 }\n", "", Some("Row")),
    ("\n[upstream.other]\nfaults = [{ share = \"1%\", hang = true, zzz = 1 }]\n", "", Some("Fault")),
    (
        "\n[upstream.other]\nfaults = [{ share = \"1%\", stall = { at = \"mid-body\", for = \"1s\", zzz = 1 } }]\n",
        "",
        Some("Stall"),
    ),
    ("\n[[upstream.other.route]]\nname = \"r\"\nzzz = 1\n", "", Some("Route")),
    ("\n[[upstream.other.route]]\nname = \"r\"\nmatch.zzz = 1\n", "", Some("RouteMatch")),
    ("\n[gateway.other]\ntarget = \"payments\"\nzzz = 1\n", "", Some("Gateway")),
    ("\n[gateway.other]\ntarget = \"payments\"\ndeadline.zzz = 1\n", "", Some("Deadline")),
    ("\n[gateway.other]\ntarget = \"payments\"\npool.zzz = 1\n", "", Some("Pool")),
    ("\n[gateway.other]\ntarget = \"payments\"\nlimits.zzz = 1\n", "", Some("Limits")),
    ("\n[gateway.other]\ntarget = \"payments\"\nretry.zzz = 1\n", "", Some("Retry")),
    ("\n[gateway.other]\ntarget = \"payments\"\nretry.backoff.zzz = 1\n", "", Some("Backoff")),
    ("\n[gateway.other]\ntarget = \"payments\"\nretry.hint.zzz = 1\n", "", Some("Hint")),
    ("\n[gateway.other]\ntarget = \"payments\"\nretry.budget.zzz = 1\n", "", Some("Budget")),
    ("\n[gateway.other]\ntarget = \"payments\"\nbreaker.zzz = 1\n", "", Some("Breaker")),
    ("\n[client.other]\ntarget = \"edge\"\nrate = \"1/s\"\nzzz = 1\n", "", Some("Client")),
    ("\n[[phase]]\nname = \"p\"\nduration = \"1s\"\nzzz = 1\n", "", Some("Phase")),
    ("\n[[phase]]\nname = \"p\"\nsteps = [{ duration = \"1s\", zzz = 1 }]\n", "", Some("Step")),
    (
        "\n[[phase]]\nname = \"p\"\nduration = \"1s\"\nupstream.payments.zzz = 1\n",
        "",
        Some("UpstreamOverlay"),
    ),
    (
        "\n[[phase]]\nname = \"p\"\nduration = \"1s\"\nupstream.payments.route.charge.zzz = 1\n",
        "",
        Some("Behaviour"),
    ),
    ("\n[[phase]]\nname = \"p\"\nduration = \"1s\"\nclient.shoppers.zzz = 1\n", "", Some("LoadShape")),
    ("\n[[check]]\nname = \"c\"\nzzz = 1\njitter.of = \"edge -> payments\"\n", "", Some("Check")),
    ("\n[[check]]\nname = \"c\"\nslo = { of = \"shoppers\", p99 = \"1s\", zzz = 1 }\n", "", Some("Slo")),
    (
        "\n[[check]]\nname = \"c\"\nbreaker = { of = \"edge -> payments\", zzz = 1 }\n",
        "",
        Some("BreakerCheck"),
    ),
];

#[test]
fn knows_the_keys_of_the_decoder() {
    let schema = json_schema();
    for (after, before, definition) in PLACES {
        let text = format!("{before}{BASE}{after}");
        let offered = keys_of(&load_text(&text, &[]).unwrap_err());
        let table = definition.map_or(&schema, |name| &schema["definitions"][name]);
        for key in offered {
            assert!(table["properties"].get(&key).is_some(), "{definition:?} lacks `{key}`");
        }
        assert!(!complaints(&text).is_empty(), "the schema takes an unknown key:\n{after}{before}");
    }
}

#[test]
fn takes_the_freedoms_of_the_language() {
    let text = format!(
        "x-top = 1\nextends = []\nvars = {{ n = 3 }}\n{BASE}\n[upstream.other]\nx-mine = {{ a = 1 }}\n\
         faults = [{{ share = \"1%\", hang = true }}, {{ share = \"1%\", hang = {{}} }}]\nbody = {{ json = {{ a = [1] }} }}\n\
         tls = false\nscript = [{{ times = 1, fault.hang = true }}, {{ for = \"1s\", fault = {{ reset.at = \"mid-body\" }}, x-why = 1 }}, \
         {{}}]\nhold = {{ calls = 2, within = \"1s\", x-why = 1 }}\nprobes = {{ after_silence = \"1s\", never = true }}\nfate_header = true\nconnect.delay = \"5ms\"\nroute = [{{ name = \"odd\", faults = [{{ share = \"1%\", redirect_loop = true }}, \
         {{ share = \"1%\", redirect_loop = {{}} }}, {{ share = \"1%\", content_length = {{ off_by = -9 }} }}, \
         {{ share = \"1%\", malformed = {{ kind = \"chunk-size\" }} }}, \
         {{ share = \"1%\", header_flood = {{ size = \"64KiB\" }} }}] }}]\nstatus = {{ 200 = {{}}, x-why = \"because\" }}\n\
         [run]\nseeds = 20\nnetwork = {{ delay = \"5ms\", x-why = 1, between = [{{ hosts = [\"edge\", \"payments\"] }}] }}\n\
         [gateway.second]\ntarget = \"other\"\nretry = {{ max_attempts = \"${{vars.n}}\", budget.ratio = 0.2 }}\n"
    );
    assert_eq!(complaints(&text), Vec::<String>::new());
    assert!(load_text(&text, &[]).is_ok(), "{}", load_text(&text, &[]).unwrap_err());
}

#[test]
fn refuses_what_the_decoder_refuses() {
    for wrong in [
        "\n[run]\nseeds = 0\n",
        "\n[run]\nnetwork.delay = 5\n",
        "\n[run]\nnetwork.between = [{ hosts = [\"edge\"] }]\n",
        "\n[run]\nnetwork.between = [{ delay = \"5ms\" }]\n",
        "\n[upstream.other]\nlatency = 15\n",
        "\n[upstream.other]\nlatency = { lognormal = { sigma = 1.0 } }\n",
        "\n[upstream.other]\nbody = { size = \"1KiB\", text = \"both\" }\n",
        "\n[upstream.other]\ncapacity = { queue = 3 }\n",
        "\n[upstream.other]\nscript = { by = \"client\", steps = [] }\n",
        "\n[upstream.other]\nscript = [{ times = \"2\" }]\n",
        "\n[upstream.other]\nhold = { calls = 2 }\n",
        "\n[upstream.other]\nhold = { calls = \"2\", within = \"1s\" }\n",
        "\n[upstream.other]\nprobes = { never = true }\n",
        "\n[upstream.other]\nscript = [{ fault = { share = \"1%\", hang = true } }]\n",
        "\n[upstream.other]\nfate_header = \"yes\"\n",
        "\n[upstream.other]\nconnect.delay = 5\n",
        "\n[upstream.other]\ncapacity = { workers = 1, overflow = { status = \"503\" } }\n",
        "\n[upstream.other]\nbody = { size = \"1KiB\", rate = \"1KiB\" }\n",
        "\n[upstream.other]\nfaults = [{ share = \"1%\", stall = { for = \"1s\" } }]\n",
        "\n[upstream.other]\nfaults = [{ share = \"1%\", stall = { at = \"mid-body\" } }]\n",
        "\n[upstream.other]\nfaults = [{ share = \"1%\", malformed = { kind = \"xml\" } }]\n",
        "\n[upstream.other]\nfaults = [{ share = \"1%\", content_length = { off_by = \"9B\" } }]\n",
        "\n[upstream.other]\nfaults = [{ share = \"1%\", redirect_loop = false }]\n",
        "\n[upstream.other]\nfaults = [{ share = \"1%\", header_flood = { size = 65536 } }]\n",
        "\n[client.other]\ntarget = \"edge\"\nrate = \"fast\"\n",
        "\n[gateway.other]\ntarget = \"payments\"\npreset = \"standart\"\n",
        "\n[[check]]\nname = \"c\"\namplification = { of = \"edge -> payments\" }\n",
    ] {
        let text = format!("{BASE}{wrong}");
        assert!(!complaints(&text).is_empty(), "{wrong}");
        assert!(load_text(&text, &[]).is_err(), "{wrong}");
    }
}

#[test]
fn a_file_that_extends_another_may_leave_things_out() {
    assert_eq!(complaints("extends = [\"base.toml\"]\nname = \"other\"\n"), Vec::<String>::new());
    assert!(!complaints("name = \"other\"\n").is_empty());
    assert_eq!(json_schema()["properties"]["version"]["const"], json!(1));
}
