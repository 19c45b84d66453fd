//! Routes by path prefix, and several populations.

use upstorm_model::scenario::WorldKind;

use crate::performed::{WORLDS, answered, performed};

const ROUTED: &str = r#"
[upstream.payments]
[upstream.auth]
status = { 503 = "100%" }
[gateway.edge]
routes = { "/v1" = "payments", "/auth" = "auth" }
breaker = { kind = "consecutive", failures = 3, open_for = "60s" }
[client.payers]
target = "edge"
rate = "50/s"
requests = [{ path = "/v1/charges/{seq}?a=b" }]
[client.users]
target = "edge"
rate = "50/s"
requests = [{ path = "/auth" }]
[client.lost]
target = "edge"
rate = "50/s"
requests = [{ path = "/v10/charges" }]
[[phase]]
name = "steady"
duration = "1s"
"#;

#[test]
fn each_prefix_has_its_own_upstream_and_its_own_breaker() {
    for world in WORLDS {
        let run = performed(ROUTED, world);
        let [payers, users, lost] = ["payers", "users", "lost"].map(|name| run.calls_of(name));
        assert!(payers.len() > 20 && answered(&payers, 200) == payers.len(), "{world:?}: {payers:?}");
        assert_eq!(answered(&users, 503), users.len(), "{world:?}");
        assert_eq!(answered(&lost, 404), lost.len(), "{world:?}");
        // The breaker before the one that fails opened, and the other took no notice.
        assert!(run.attempts_at("auth").len() < users.len() / 2, "{world:?}");
        assert_eq!(run.attempts_at("payments").len(), payers.len(), "{world:?}");
    }
}

const POPULATIONS: &str = r#"
[upstream.payments]
status = { 200 = "50%", 503 = "50%" }
[gateway.edge]
target = "payments"
[client.patient]
target = "edge"
preset = "naive"
rate = "100/s"
[client.hasty]
target = "edge"
rate = "100/s"
[client.direct]
target = "payments"
preset = "naive"
rate = "100/s"
[[phase]]
name = "steady"
duration = "2s"
"#;

#[test]
fn populations_differ_in_their_policies_and_are_told_apart() {
    for world in WORLDS {
        let run = performed(POPULATIONS, world);
        let share = |name: &str| {
            let calls = run.calls_of(name);
            answered(&calls, 200) as f64 / calls.len() as f64
        };
        assert!(share("patient") > 0.85 && share("direct") > 0.85, "{world:?}");
        assert!((0.3..0.7).contains(&share("hasty")), "{world:?}: {}", share("hasty"));
        let hasty = run.host("hasty");
        let counts = run.attempts_by_call();
        assert!(counts.iter().filter(|(id, _)| id.client() == hasty).all(|(_, count)| *count == 1));
        let (edge, direct) = (run.host("edge"), run.host("direct"));
        for attempt in run.attempts_at("payments") {
            let client = attempt.keys.call.unwrap().client();
            assert_eq!(attempt.peer, Some(if client == direct { direct } else { edge }), "{world:?}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_recording() {
    let (one, other) = (performed(POPULATIONS, WorldKind::Sim), performed(POPULATIONS, WorldKind::Sim));
    assert_eq!(one.recording.attempts, other.recording.attempts);
    assert_eq!(one.recording.calls, other.recording.calls);
}
