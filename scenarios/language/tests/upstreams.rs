//! What an upstream can be told: workers and their queue, stalls, slow bodies; in the plan as they were written.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::{BASE, codes, good, load_text};
use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::explain::explain;
use upstorm_language::warn::warnings;
use upstorm_model::plan::{Load, RouteBehaviour};
use upstorm_model::scenario::{
    BodyContent, Capacity, Cut, CutAt, FaultKind, Malformed, Overflow, RetryAfter, Row, Stall, Unconditional,
};
use upstorm_model::{ByteRate, ByteSize, Law, Ramp, Shape, TimeSpan, Varying};

/// The routes of `other` in each segment after warm-up, by these lines in its table and in a phase.
fn routes(written: &str, overlay: &str) -> Vec<Vec<RouteBehaviour>> {
    let text = format!(
        "{BASE}\n[upstream.other]\n{written}\n[[phase]]\nname = \"odd\"\nduration = \"4s\"\n{overlay}\n"
    );
    let plan = plan(&good(&text, &[]), &PlanOptions::default()).unwrap();
    let host = plan.host_named("other").unwrap();
    let (_, upstream) = plan.upstream_of(host).unwrap();
    let after_warmup = plan.segments.iter().zip(&upstream.timeline).filter(|(s, _)| s.phase.is_some());
    after_warmup.map(|(_, segment)| segment.routes.clone()).collect()
}

fn wrong(written: &str) -> Vec<&'static str> {
    codes(&format!("{BASE}\n[upstream.other]\n{written}\n"), &[])
}

#[test]
fn a_capacity_is_read_with_its_defaults() {
    let plain = &routes("capacity = { workers = 3 }", "")[0][0];
    let setting = &plain.capacity.as_ref().unwrap().setting;
    let default = Capacity {
        workers: 3,
        queue: 0,
        service: None,
        overflow: Overflow::default(),
        ignore_disconnect: false,
        finish_begun: false,
        deadline: None,
    };
    assert_eq!((setting, default.overflow.status), (&default, 503));
    let full = "capacity = { workers = 2, queue = 9, service = { exponential = { mean = \"5ms\" } }, ignore_disconnect = true, \
                overflow = { status = 429, retry_after = { seconds = 1 }, headers = { x-why = \"busy\" }, body = { text = \"no\" } } }";
    let full = routes(full, "")[0][0].capacity.clone().unwrap().setting;
    assert_eq!((full.workers, full.queue, full.ignore_disconnect), (2, 9, true));
    assert!(matches!(full.service, Some(Law::Drawn(_))));
    let table = full.overflow.table();
    assert_eq!((full.overflow.status, table.retry_after), (429, Some(RetryAfter::Seconds(1))));
    assert_eq!((table.headers["x-why"].as_str(), table.body.unwrap().len_at(0.0)), ("busy", 2));
}

#[test]
fn an_upstreams_capacity_is_shared_by_the_routes_that_set_none() {
    let written = "capacity = { workers = 4 }\n[[upstream.other.route]]\nname = \"own\"\nmatch.path = \"/own\"\n\
                   capacity = { workers = 1 }\n[[upstream.other.route]]\nname = \"more\"\nmatch.path = \"/more\"";
    let overlay =
        "upstream.other.capacity = { workers = 8 }\nupstream.other.route.more.capacity = { workers = 2 }";
    let phases = routes(written, overlay);
    let of = |phase: usize| -> Vec<(bool, u32)> {
        let capacities = phases[phase].iter().map(|route| route.capacity.as_ref().unwrap());
        capacities.map(|c| (c.shared, c.setting.workers)).collect()
    };
    assert_eq!(of(0), [(false, 1), (true, 4), (true, 4)]);
    assert_eq!(of(1), [(false, 1), (false, 2), (true, 8)]);
}

#[test]
fn stalls_and_slow_bodies_may_ramp() {
    let written = "body = { size = \"64KiB\", rate = \"64KiB/s\", chunk = \"1KiB\" }\n\
                   faults = [{ share = \"1%\", stall = { at = \"mid-body\", for = \"2s\" } }, \
                   { share = \"1%\", stall = { after = \"1500B\", for = { from = \"1s\", to = \"3s\" } } }]";
    let overlay = "upstream.other.body = { text = \"slow\", rate = { from = \"1KiB/s\", to = \"1B/s\" } }";
    let phases = routes(written, overlay);
    let base = &phases[0][0];
    assert_eq!(base.body.rate, Some(Varying::Fixed(ByteRate::per_second(65_536))));
    assert_eq!(base.body.chunk, Some(ByteSize::new(1024)));
    let kinds: Vec<&FaultKind> = base.faults.iter().map(|f| &f.kind).collect();
    let ramp = Ramp { from: TimeSpan::from_secs(1), to: TimeSpan::from_secs(3), shape: Shape::Linear };
    let (mid, after) = (Cut::At { at: CutAt::MidBody }, Cut::After { after: ByteSize::new(1500) });
    let first = FaultKind::Stall(Stall { place: mid, r#for: TimeSpan::from_secs(2).into() });
    let second = FaultKind::Stall(Stall { place: after, r#for: Varying::Ramp(ramp) });
    assert_eq!(kinds, [&first, &second]);
    assert!(matches!(phases[1][0].body.rate, Some(Varying::Ramp(_))));
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    for (written, code) in [
        ("capacity = {}", "S012"),
        ("capacity = { workers = 1, service = \"fast\" }", "S015"),
        ("capacity = { workers = 1, overflow = { status = 99 } }", "S020"),
        ("capacity = { workers = 1, overflow = { retry_after = \"exact\" } }", "S018"),
        ("capacity = { workers = 1, ignore_disconnect = \"yes\" }", "S013"),
        ("body = { size = \"1KiB\", chunk = \"1B\" }", "S018"),
        ("body = { size = \"1KiB\", rate = \"0B/s\" }", "S020"),
        ("body = { size = \"1KiB\", rate = \"1KiB/s\", chunk = \"0B\" }", "S020"),
        ("body = { size = \"1KiB\", rate = \"1KiB\" }", "S015"),
        ("faults = [{ share = \"1%\", stall = { at = \"mid-body\" } }]", "S012"),
        ("faults = [{ share = \"1%\", stall = { for = \"1s\" } }]", "S016"),
        ("faults = [{ share = \"1%\", stall = { at = \"mid-body\", for = \"0s\" } }]", "S020"),
        ("faults = [{ share = \"1%\", stall = { at = \"body\", for = \"1s\" } }]", "S017"),
    ] {
        assert_eq!(wrong(written), [code], "{written}");
    }
}

#[test]
fn a_fault_that_cannot_be_is_refused_where_it_stands() {
    for (written, code) in [
        ("faults = [{ share = \"1%\", malformed = {} }]", "S012"),
        ("faults = [{ share = \"1%\", malformed = \"json\" }]", "S013"),
        ("faults = [{ share = \"1%\", malformed = { kind = \"xml\" } }]", "S017"),
        ("faults = [{ share = \"1%\", malformed = { kind = \"json\", at = \"mid-body\" } }]", "S011"),
        ("faults = [{ share = \"1%\", content_length = {} }]", "S012"),
        ("faults = [{ share = \"1%\", content_length = { off_by = 0 } }]", "S020"),
        ("faults = [{ share = \"1%\", content_length = { off_by = 1.5 } }]", "S013"),
        ("faults = [{ share = \"1%\", content_length = { off_by = \"10B\" } }]", "S013"),
        ("faults = [{ share = \"1%\", content_length = { off_by = 9223372036854775807 } }]", "S020"),
        ("faults = [{ share = \"1%\", content_length = { off_by = -1073741825 } }]", "S020"),
        ("faults = [{ share = \"1%\", redirect_loop = false }]", "S020"),
        ("faults = [{ share = \"1%\", redirect_loop = 3 }]", "S013"),
        ("faults = [{ share = \"1%\", redirect_loop = { status = 302 } }]", "S011"),
        ("faults = [{ share = \"1%\", header_flood = {} }]", "S012"),
        ("faults = [{ share = \"1%\", header_flood = { size = 65536 } }]", "S014"),
        ("faults = [{ share = \"1%\", header_flood = { size = \"64KiB/s\" } }]", "S015"),
        ("faults = [{ share = \"1%\", header_flood = { size = \"1023B\" } }]", "S020"),
        ("faults = [{ share = \"1%\", header_flood = { size = \"17MiB\" } }]", "S020"),
        ("faults = [{ share = \"1%\", redirect_loop = true, header_flood = { size = \"1KiB\" } }]", "S016"),
        ("faults = [{ share = \"120%\", redirect_loop = true }]", "S021"),
        ("faults = [{ share = \"-1%\", redirect_loop = true }]", "S015"),
        ("faults = [{ share = \"1%\", goaway = { error = 0 } }]", "S019"),
        ("faults = [{ share = \"1%\", stream_reset = { error = 8 } }]", "S019"),
    ] {
        assert_eq!(wrong(written), [code], "{written}");
    }
}

#[test]
fn what_breaks_the_form_is_read() {
    let malformed = |kind: &str| format!("{{ share = \"1%\", malformed = {{ kind = \"{kind}\" }} }}");
    let kinds = [
        (malformed("status-line"), FaultKind::Malformed { kind: Malformed::StatusLine }),
        (malformed("header"), FaultKind::Malformed { kind: Malformed::Header }),
        (malformed("chunk-size"), FaultKind::Malformed { kind: Malformed::ChunkSize }),
        (malformed("json"), FaultKind::Malformed { kind: Malformed::Json }),
        (
            "{ share = \"1%\", content_length = { off_by = 10 } }".into(),
            FaultKind::ContentLength { off_by: 10 },
        ),
        (
            "{ share = \"1%\", content_length = { off_by = -9 } }".into(),
            FaultKind::ContentLength { off_by: -9 },
        ),
        ("{ share = \"1%\", redirect_loop = true }".into(), FaultKind::RedirectLoop {}),
        ("{ share = \"1%\", redirect_loop = {} }".into(), FaultKind::RedirectLoop {}),
        (
            "{ share = \"1%\", header_flood = { size = \"64KiB\" } }".into(),
            FaultKind::HeaderFlood { size: ByteSize::new(65_536) },
        ),
    ];
    for (written, expected) in kinds {
        let phases = routes(&format!("faults = [{written}]"), "");
        assert_eq!(phases[0][0].faults[0].kind, expected, "{written}");
        let text = serde_json::to_string(&phases[0][0]).unwrap();
        assert_eq!(serde_json::from_str::<RouteBehaviour>(&text).unwrap(), phases[0][0], "{text}");
    }
}

#[test]
fn what_needs_http2_is_refused_with_the_reason() {
    let text =
        format!("{BASE}\n[upstream.other]\nfaults = [{{ share = \"1%\", goaway = {{ error = 0 }} }}]\n");
    let refused = load_text(&text, &[]).unwrap_err().render(false);
    assert!(refused.contains("`goaway`") && refused.contains("needs HTTP/2"), "{refused}");
}

#[test]
fn the_plan_file_holds_it_all() {
    let written = "capacity = { workers = 2, overflow = { body = { text = \"no\", rate = \"1B/s\" } } }\n\
                   faults = [{ share = \"1%\", stall = { after = \"1B\", for = \"1s\" } }]";
    for route in routes(written, "").into_iter().flatten() {
        let text = serde_json::to_string(&route).unwrap();
        assert_eq!(serde_json::from_str::<RouteBehaviour>(&text).unwrap(), route, "{text}");
    }
}

fn warned(client: &str, written: &str) -> Vec<&'static str> {
    let text =
        format!("{BASE}\n[upstream.other]\n{written}\n[client.callers]\ntarget = \"other\"\n{client}\n");
    let loaded = good(&text, &[]);
    let plan = plan(&loaded, &PlanOptions::default()).unwrap();
    warnings(&loaded, &plan).iter().map(|warning| warning.code.id).filter(|id| *id == "W019").collect()
}

#[test]
fn only_what_cannot_be_done_is_warned_of() {
    let open = "rate = \"100/s\"";
    assert_eq!(warned(open, "latency = \"50ms\"\ncapacity = { workers = 4 }"), ["W019"]);
    assert!(warned(open, "latency = \"50ms\"\ncapacity = { workers = 6 }").is_empty());
    let served = "latency = \"50ms\"\ncapacity = { workers = 1, service = \"5ms\" }";
    assert!(warned(open, served).is_empty(), "a latency after the service keeps no worker");
    let limited = "latency = \"50ms\"\ncapacity = { workers = 2 }\nlimit = { rate = \"20/s\" }";
    assert!(warned(open, limited).is_empty(), "what the limit rejects takes no worker");
    assert!(warned("users = 50", "latency = \"50ms\"\ncapacity = { workers = 1, queue = 50 }").is_empty());
}

#[test]
fn overlays_are_explained_in_words() {
    let overlay = "upstream.other.capacity = { workers = 2, queue = 9, service = \"5ms\", ignore_disconnect = true }\n\
                   upstream.other.body = { size = \"64KiB\", rate = \"64KiB/s\", chunk = \"1KiB\" }\n\
                   upstream.other.faults = [{ share = \"5%\", stall = { at = \"mid-body\", for = \"2s\" } }, \
                   { share = \"1%\", malformed = { kind = \"chunk-size\" } }, \
                   { share = \"1%\", content_length = { off_by = -9 } }, { share = \"1%\", redirect_loop = true }, \
                   { share = \"1%\", header_flood = { size = \"64KiB\" } }]";
    let text = format!("{BASE}\n[upstream.other]\n[[phase]]\nname = \"odd\"\nduration = \"4s\"\n{overlay}\n");
    let loaded = good(&text, &[]);
    let explained = explain(&loaded, &plan(&loaded, &PlanOptions::default()).unwrap());
    for words in [
        "2 workers for 5ms each, a queue of 9, beyond it 503, working on for callers that left",
        "body 64KiB at 64KiB/s, 1KiB at a time",
        "5% stall in the body for 2s, 1% malformed chunk size, 1% a Content-Length of 9 bytes fewer than are sent, \
         1% redirect to the same place, 1% 64KiB of headers",
    ] {
        assert!(explained.contains(words), "{explained}");
    }
}

#[test]
fn the_text_of_a_file_is_a_body_of_the_type_that_its_name_tells() {
    let body = &routes("body = { file = \"charge.json\", rate = \"4KiB/s\" }", "")[0][0].body;
    let BodyContent::File(file) = &body.content else { panic!("no file: {body:?}") };
    assert_eq!((file.name.as_str(), file.content_type()), ("charge.json", "application/json"));
    assert_eq!(body.len_at(0.0), 31);
    assert_eq!(file.text, "{\"id\": \"ch_1\", \"amount\": 1200}\n");
    assert_eq!(wrong("body = { file = \"bytes.bin\" }"), ["S025"], "no text");
    assert_eq!(wrong("body = { file = \"none.json\" }"), ["S001"], "not there");
    assert_eq!(wrong("body = { file = 3 }").len(), 1);
}

#[test]
fn a_route_of_rows_is_read_with_its_defaults() {
    let written =
        |row: &str| format!("[[upstream.other.route]]\nname = \"row\"\nmatch.path = \"/row\"\nrow = {row}");
    let row = |row: &str| {
        let loaded = good(&format!("{BASE}\n[upstream.other]\n{}\n", written(row)), &[]);
        let plan = plan(&loaded, &PlanOptions::default()).unwrap();
        let (_, upstream) = plan.upstream_of(plan.host_named("other").unwrap()).unwrap();
        assert_eq!(upstream.routes[1].row, None, "the route for the rest has none");
        upstream.routes[0].row
    };
    assert_eq!((row("true"), row("{}")), (Some(Row::default()), Some(Row::default())));
    let blind = Row { unconditional: Unconditional::Accept, most: 7 };
    assert_eq!(row("{ unconditional = \"accept\", most = 7 }"), Some(blind));
    for (row, code) in [
        ("false", "S013"),
        ("\"yes\"", "S013"),
        ("{ most = 0 }", "S020"),
        ("{ unconditional = \"maybe\" }", "S017"),
        ("{ version = 1 }", "S011"),
    ] {
        assert_eq!(wrong(&written(row)), [code], "{row}");
    }
    assert_eq!(wrong("row = true"), ["S011"], "it is a route that has rows, not an upstream");
}

#[test]
fn an_update_is_a_request_that_writes() {
    let client = |request: &str| {
        format!(
            "{BASE}\n[client.writers]\ntarget = \"payments\"\nusers = 3\ncalls = 1\nrequests = [{request}]\n"
        )
    };
    let update = good(&client("{ method = \"PUT\", path = \"/row\", update = true }"), &[]);
    let plan = plan(&update, &PlanOptions::default()).unwrap();
    let writers = plan.clients.iter().find(|c| plan.host_name(c.host) == "writers").unwrap();
    assert!(writers.requests[0].update);
    assert!(writers.timeline.iter().all(|load| matches!(load, Load::Closed { calls: Some(1), .. })));
    assert!(explain(&update, &plan).contains("closed loop, 3 users, thinking 0s, 1 call each"));
    assert_eq!(codes(&client("{ path = \"/row\", update = true }"), &[]), ["S018"]);
    assert_eq!(codes(&client("{ method = \"HEAD\", path = \"/row\", update = true }"), &[]), ["S018"]);
    assert_eq!(codes(&client("{ method = \"PUT\", path = \"/row\", update = 1 }"), &[]), ["S013"]);
    let open = client("{ path = \"/row\" }").replace("users = 3", "rate = \"3/s\"");
    assert_eq!(codes(&open, &[]), ["S018"], "an open loop has no callers that could be done");
    assert_eq!(codes(&client("{ path = \"/row\" }").replace("calls = 1", "calls = 0"), &[]), ["S020"]);
}
