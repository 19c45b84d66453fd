//! The admin API, as a program beside the run meets it: the built binary, raw requests, each change seen on the wire.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use crate::binary::{SHORT, Workplace};
use crate::steered::{STEERED, Served, raw};

#[test]
fn what_runs_can_be_looked_at() {
    let served = Served::start(&[]);
    let state = served.get("/v1/state").json();
    assert_eq!((&state["scenario"], &state["seed"]), (&json!("steered"), &json!(1)));
    assert_eq!(state["upstreams"][0]["address"], json!(served.upstream));
    assert_eq!(state["upstreams"][0]["phase"], json!("calm"));
    let phases = served.get("/v1/phases").json();
    assert_eq!(phases["phases"][0]["in_force_at"], json!(["payments"]));
    assert_eq!(phases["phases"][1]["start"], json!(3600.0));
    let routes = served.get("/v1/routes").json();
    assert_eq!(routes["routes"][0]["match"]["path"], json!("/charge/{id}"));
    assert_eq!(routes["routes"][1]["name"], json!("default"));
    assert_eq!(served.call("/charge/1").body.len(), 2, "half of four bytes");
    served.call("/nothing");
    let faults = served.until("/v1/faults", |faults| faults["faults"][0]["observed"] == json!(1));
    let truncate = &faults["faults"][0];
    assert_eq!((&truncate["kind"], &truncate["number"]), (&json!("truncate"), &json!(1)));
    assert_eq!((&truncate["met"], &truncate["planned"]), (&json!(1), &json!(1.0)));
}

#[test]
fn the_attempt_log_is_paged_and_filtered() {
    let served = Served::start(&[]);
    for n in 0..5 {
        served.call(&format!("/{n}"));
    }
    let call = "x-upstorm-call: 00000000000000ab";
    raw(&served.upstream, "POST", "/charge/1", (&["Host: payments", call], "body"));
    let all = served.until("/v1/attempts", |page| page["attempts"].as_array().map(Vec::len) == Some(6));
    assert_eq!((&all["more"], &all["next"]), (&json!(false), &json!("6")));
    let first = served.get("/v1/attempts?limit=4").json();
    assert_eq!((&first["more"], &first["next"]), (&json!(true), &json!("4")));
    let second = served.get("/v1/attempts?limit=4&cursor=4").json();
    assert_eq!(second["attempts"].as_array().map(Vec::len), Some(2));
    assert_eq!(served.get("/v1/attempts?cursor=6").json()["attempts"], json!([]));
    let only = |query: &str| {
        let page = served.get(&format!("/v1/attempts?{query}")).json();
        page["attempts"].as_array().map_or(0, Vec::len)
    };
    let counts = ["route=charge", "route=default", "fault=truncate", "fault=none", "fault=hang"].map(only);
    assert_eq!(counts, [1, 5, 1, 5, 0]);
    let counts =
        ["status=200", "status=2xx", "status=5xx", "call=ab", "call=ac", "upstream=payments"].map(only);
    assert_eq!(counts, [6, 6, 0, 1, 0, 6]);
    assert_eq!((only("since=0s"), only("since=1h")), (6, 0));
    let charged = &served.get("/v1/attempts?call=ab").json()["attempts"][0];
    assert_eq!((&charged["method"], &charged["ended"]), (&json!("POST"), &json!("cut")));
    assert_eq!((&charged["fault"], &charged["changed"]), (&json!("truncate"), &json!(false)));
    for (query, status, code) in [
        ("upstream=paymants", 404, "S028"),
        ("route=chrage", 404, "S029"),
        ("upstream=payments&route=chrage", 404, "S029"),
        ("status=teapot", 422, "S020"),
        ("fault=hung", 422, "S017"),
        ("call=xyz", 422, "S"),
        ("since=5", 422, "S014"),
        ("since=soon", 422, "S015"),
        ("limit=0", 422, "S020"),
        ("limit=1001", 422, "S020"),
        ("cursor=x", 422, "S020"),
        ("colour=red", 422, "S011"),
        ("limit=1&limit=2", 422, "S011"),
    ] {
        let answer = served.get(&format!("/v1/attempts?{query}"));
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        assert!(answer.codes()[0].starts_with(code), "{query}: {}", answer.body);
        assert!(answer.head.contains("application/problem+json"), "{query}");
    }
}

#[test]
fn a_route_is_changed_and_the_wire_shows_it() {
    let served = Served::start(&[]);
    let changed = served.write(
        "PATCH",
        "/v1/routes/payments/charge",
        &json!({"faults": [], "status": {"404": "100%"}}),
    );
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.json()["routes"][0]["by_hand"]["faults"], json!([]));
    let answer = served.call("/charge/1");
    assert_eq!((answer.status, answer.body.as_str()), (404, "fine"));
    assert_eq!(served.call("/other").status, 200, "the others stay as they are");
    let log = served.until("/v1/attempts?route=charge", |page| page["attempts"][0]["status"] == json!(404));
    assert_eq!(log["attempts"][0]["changed"], json!(true));
    // Beside what is there, a key of it taken back, and only this.
    served.write(
        "PATCH",
        "/v1/routes/payments/charge",
        &json!({"status": null, "body": {"text": "changed"}}),
    );
    let answer = served.call("/charge/1");
    assert_eq!((answer.status, answer.body.as_str()), (200, "changed"));
    served.write("PUT", "/v1/routes/payments/charge", &json!({"latency": "1ms", "faults": []}));
    assert_eq!(served.call("/charge/1").body, "fine");
    // What is read can be written back.
    let now = served.charge()["in_force"].clone();
    let again = served.write("PUT", "/v1/routes/payments/charge", &now);
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(served.charge()["in_force"], now);
    assert_eq!(served.send("DELETE", "/v1/routes/payments/charge", (&[], "")).status, 200);
    assert_eq!(served.charge()["by_hand"], json!({}));
    assert_eq!(served.call("/charge/1").body.len(), 2, "as planned again");
}

#[test]
fn one_fault_is_added_and_one_removed() {
    let served = Served::start(&[]);
    let faults = "/v1/routes/payments/charge/faults";
    assert_eq!(served.send("DELETE", &format!("{faults}/1"), (&[], "")).status, 200);
    assert_eq!(served.call("/charge/1").body, "fine");
    let closing = json!({"share": "100%", "close": {"at": "before-headers"}});
    let added = served.write("POST", faults, &closing);
    assert_eq!(added.status, 201, "{}", added.body);
    let cut = served.call("/charge/1");
    assert_eq!((cut.status, cut.head.as_str()), (0, ""), "closed before the first byte");
    let seen = served.until("/v1/faults", |faults| faults["faults"][0]["observed"] == json!(1));
    assert_eq!((&seen["faults"][0]["kind"], &seen["faults"][0]["by_hand"]), (&json!("close"), &json!(true)));
    for wrong in ["2", "0", "one", "-1"] {
        let answer = served.send("DELETE", &format!("{faults}/{wrong}"), (&[], ""));
        assert_eq!((answer.status, answer.codes()), (404, vec!["S020".to_owned()]), "{wrong}");
    }
    let misfit = served.write("POST", faults, &json!({"share": "100%", "hung": true}));
    assert_eq!(misfit.status, 422);
    assert_eq!(misfit.json()["errors"][0]["pointer"], json!("/hung"));
}

#[test]
fn a_phase_is_jumped_to_held_and_left_by_a_reset() {
    let served = Served::start(&[]);
    assert_eq!(served.call("/").status, 200);
    let jumped = served.write("POST", "/v1/jump", &json!({"phase": "closed", "hold": true})).json();
    let upstream = &jumped["upstreams"][0];
    assert_eq!((&upstream["phase"], &upstream["held"]), (&json!("closed"), &json!(true)));
    assert_eq!(served.call("/").status, 418);
    served.write("PATCH", "/v1/routes/payments/default", &json!({"status": {"204": "100%"}}));
    assert_eq!(served.call("/").status, 204, "what was laid over a route stays");
    served.write("POST", "/v1/jump", &json!({"phase": "calm"}));
    assert_eq!(served.call("/").status, 204);
    let counted =
        |text: &str| text.lines().any(|l| l.starts_with("http_server_request_duration_seconds_count"));
    assert!(counted(&served.get("/metrics").body));
    let reset = served.send("POST", "/v1/reset", (&[], ""));
    assert_eq!(reset.status, 200, "{}", reset.body);
    let upstream = &reset.json()["upstreams"][0];
    assert_eq!((&upstream["jumped"], &upstream["changed_routes"]), (&json!(false), &json!([])));
    assert!(!counted(&served.get("/metrics").body), "counters begin at nothing");
    assert_eq!(served.call("/").status, 200);
    served.until("/v1/attempts", |page| page["attempts"].as_array().is_some_and(|list| list.len() >= 4));
}

#[test]
fn what_cannot_be_done_is_said_with_its_code_and_changes_nothing() {
    let served = Served::start(&[]);
    let (route, before) = ("/v1/routes/payments/charge", served.charge());
    for (body, code, pointer) in [
        (json!({"latncy": "5ms"}), "S011", "/latncy"),
        (json!({"latency": 5}), "S014", "/latency"),
        (json!({"latency": "5 parsecs", "status": {"503": "100%"}}), "S015", "/latency"),
        (json!({"status": {"200": "80%", "503": "80%"}}), "S0", "/status"),
        (json!({"faults": [{"share": "101%", "hang": true}]}), "S0", "/faults/0/share"),
        (json!({"limit": {"rate": "-1/s"}}), "S0", "/limit/rate"),
        (json!({"latency": {"histogram": {"file": "/etc/passwd"}}}), "S001", "/latency/histogram/file"),
        (json!([]), "S013", ""),
    ] {
        let answer = served.write("PATCH", route, &body);
        assert_eq!(answer.status, 422, "{body}: {}", answer.body);
        let error = &answer.json()["errors"][0];
        assert!(error["code"].as_str().is_some_and(|c| c.starts_with(code)), "{body}: {error}");
        assert_eq!(error["pointer"], json!(pointer), "{body}: {error}");
        assert!(!error["message"].as_str().unwrap_or_default().is_empty());
    }
    let unknown = served.write("PATCH", "/v1/routes/payments/chrage", &json!({}));
    assert_eq!((unknown.status, unknown.codes()), (404, vec!["S029".to_owned()]));
    assert!(unknown.body.contains("did you mean `charge`"), "{}", unknown.body);
    assert_eq!(served.get("/v1/routes/paymants/charge").codes(), ["S028"]);
    let phase = served.write("POST", "/v1/jump", &json!({"phase": "calmer"}));
    assert_eq!((phase.status, phase.codes()), (422, vec!["S030".to_owned()]));
    assert_eq!(served.write("POST", "/v1/jump", &json!({})).codes(), ["S012"]);
    assert_eq!(
        served.write("POST", "/v1/jump", &json!({"phase": 3, "hold": "yes"})).codes(),
        ["S013", "S013"]
    );
    assert_eq!(served.write("POST", "/v1/reset", &json!({"all": true})).codes(), ["S011"]);
    assert_eq!(served.charge()["in_force"], before["in_force"], "nothing changed");
    assert_eq!(served.get("/v1/state").json()["upstreams"][0]["jumped"], json!(false));
}

#[test]
fn what_is_no_request_of_the_api_is_refused_by_http() {
    let served = Served::start(&[]);
    let (route, json_type) = ("/v1/routes/payments/charge", "Content-Type: application/json");
    let huge = format!("{{\"x-note\": \"{}\"}}", "x".repeat(70_000));
    for (method, path, headers, body, status) in [
        ("GET", "/v1/nothing", vec![], "", 404),
        ("GET", "/", vec![], "", 404),
        ("PUT", "/v1/state", vec![json_type], "{}", 405),
        ("BREW", route, vec![], "", 405),
        ("PATCH", route, vec![json_type], "{\"latency\": ", 400),
        ("PATCH", route, vec![json_type], "", 400),
        ("PATCH", route, vec![json_type], huge.as_str(), 413),
        ("PATCH", route, vec!["Content-Type: text/plain"], "{}", 415),
        ("PATCH", route, vec!["Content-Type: application/x-www-form-urlencoded"], "a=b", 415),
        ("PATCH", route, vec![], "{}", 415),
        ("PATCH", route, vec![json_type, "Origin: http://evil.example"], "{}", 403),
        ("GET", "/v1/state", vec!["Origin: null"], "", 403),
    ] {
        let answer = served.send(method, path, (&headers, body));
        assert_eq!(answer.status, status, "{method} {path} {headers:?}: {}", answer.body);
        assert_eq!(answer.json()["status"], json!(status), "{method} {path}");
        let kind = answer.json()["type"].clone();
        assert!(kind.as_str().is_some_and(|kind| kind.starts_with("urn:upstorm:problem:")), "{kind}");
    }
    let wrong = served.send("POST", route, (&[json_type], "{}"));
    assert!(wrong.head.to_lowercase().contains("allow: get, put, patch, delete"), "{}", wrong.head);
    let rebound = raw(&served.admin, "GET", "/v1/state", (&["Host: evil.example"], ""));
    assert_eq!(rebound.status, 403, "a name that somebody pointed here");
    assert_eq!(served.charge()["by_hand"], json!({}));
}

#[test]
fn the_token_is_asked_for_and_beyond_loopback_needed() {
    let served = Served::start(&["--admin-token", "open sesame"]);
    let answer = served.get("/v1/state");
    assert_eq!(answer.status, 401);
    assert!(answer.head.to_lowercase().contains("www-authenticate: bearer"), "{}", answer.head);
    assert_eq!(served.send("GET", "/v1/state", (&["Authorization: Bearer open sesam"], "")).status, 401);
    assert_eq!(served.send("GET", "/v1/state", (&["Authorization: Bearer open sesame"], "")).status, 200);
    let place = Workplace::new();
    place.write("steered.toml", STEERED);
    let refused = place.run(&["serve", "steered.toml", "--admin", "0.0.0.0:0"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("UPSTORM_ADMIN_TOKEN"), "{}", refused.err);
    let refused = place.run(&["serve", "steered.toml", "--admin", "9100"]);
    assert!(refused.code == 2 && refused.err.contains("127.0.0.1:9100"), "{}", refused.err);
}

#[test]
fn the_simulated_world_lets_nobody_in() {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    let refused = place.run(&["run", "short.toml", "--world", "sim", "--admin"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--admin needs the real world"), "{}", refused.err);
    let refused = place.run(&["run", "short.toml", "--world", "real", "--seeds", "2", "--admin"]);
    assert!(refused.code == 2 && refused.err.contains("one run"), "{}", refused.err);
}

#[test]
fn a_run_that_was_changed_says_so_and_proves_no_faults() {
    let place = Workplace::new();
    let failing = SHORT
        .replace("duration = \"1s\"", "duration = \"4s\"")
        .replace("latency = \"5ms\"", "latency = \"5ms\"\nstatus = { 200 = \"90%\", 503 = \"10%\" }");
    place.write("short.toml", failing);
    let mut child = place.start(&["run", "short.toml", "--world", "real", "--admin", "--out", "run"]);
    let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
    let mut lines = stderr.lines().map_while(Result::ok);
    let admin =
        lines.find_map(|line| line.strip_prefix("admin http://").map(str::to_owned)).expect("an address");
    let host = format!("Host: {admin}");
    let headers = [host.as_str(), "Content-Type: application/json", "User-Agent: a-test"];
    let body = json!({"latency": "7ms"}).to_string();
    let changed = raw(&admin, "PATCH", "/v1/routes/payments/default", (&headers, &body));
    assert_eq!(changed.status, 200, "{}", changed.body);
    let rest: Vec<String> = lines.collect();
    let output = child.wait_with_output().expect("it ends");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!([12, 10, 21].contains(&output.status.code().unwrap_or(-1)), "{shown} {rest:?}");
    let results: Value = serde_json::from_str(&place.read("run/results.json")).expect("results");
    let findings = results["findings"].as_array().expect("findings");
    for kind in ["faults-injected", "latency-law"] {
        let finding = findings.iter().find(|finding| finding["kind"] == json!(kind)).expect(kind);
        assert_eq!(finding["verdict"], json!("inconclusive"), "{finding:#}");
        assert_eq!(finding["observations"][0]["doubt"], json!("changed"));
    }
    assert!(shown.contains("the scenario was changed while it ran"), "{shown}");
}

#[test]
fn the_counters_have_the_names_of_the_conventions() {
    let served = Served::start(&[]);
    served.call("/charge/1");
    served.until("/v1/attempts", |page| page["attempts"].as_array().is_some_and(|list| !list.is_empty()));
    let answer = served.get("/metrics");
    assert!(answer.head.contains("text/plain; version=0.0.4"), "{}", answer.head);
    for line in [
        "# TYPE http_server_request_duration_seconds histogram",
        "http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/charge/{id}\",\
         network_protocol_version=\"1.1\",upstorm_route=\"charge\",upstorm_upstream=\"payments\",url_scheme=\"http\",\
         le=\"0.075\"} 1",
        "upstorm_faults_injected_total{upstorm_fault=\"truncate\",upstorm_route=\"charge\",upstorm_upstream=\"payments\"} 1",
        "upstorm_open_connections{upstorm_upstream=\"payments\"} ",
        "upstorm_delay_error_seconds_count{upstorm_upstream=\"payments\"} 1",
    ] {
        assert!(answer.body.contains(line), "{line} in\n{}", answer.body);
    }
    let limited = json!({"capacity": {"workers": 1, "queue": 3}, "latency": "5ms"});
    assert_eq!(served.write("PATCH", "/v1/routes/payments/charge", &limited).status, 200);
    let answer = served.get("/metrics");
    assert!(answer.body.contains("upstorm_queue_depth{upstorm_route=\"charge\""), "{}", answer.body);
}

#[test]
fn the_readme_changes_it_as_it_says() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: the_readme_changes_it_as_it_says: curl is not installed");
        return;
    }
    let readme = crate::readme::readme();
    let commands: Vec<&str> = readme.lines().filter(|line| line.starts_with("curl ")).collect();
    assert!(commands.len() >= 7, "{commands:?}");
    let scenario = readme.split("```toml\n").find(|block| block.starts_with("# file: checkout.toml"));
    let scenario = scenario.and_then(|block| block.split("```").next()).expect("the scenario");
    let served = Served::of(scenario, &[]);
    for command in commands {
        let command = command.replace("127.0.0.1:9100", &served.admin);
        let ran = std::process::Command::new("sh").args(["-c", &command]).output().expect("sh runs");
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && !said.contains("urn:upstorm:problem"), "{command}: {said}");
    }
}
