//! What a good scenario decodes to, and how files, `--set` and variables are put together.

mod loading;

use loading::{BASE, SHOPPING, codes, good, load_text};
use upstorm_language::Position;
use upstorm_model::policy::{BreakerKind, BudgetKind, Preset, Window};
use upstorm_model::scenario::{CheckKind, Cut, CutAt, FaultKind, Keep, RetryAfter, Scenario, WorldKind};
use upstorm_model::{ByteSize, DrawnLaw, Law, Rate, Ratio, TimeSpan, Varying};

fn with(more: &str) -> Scenario {
    good(&format!("{BASE}\n{more}"), &[]).scenario
}

#[test]
fn the_documented_example_is_decoded_whole() {
    let scenario = good(SHOPPING, &[]).scenario;
    assert_eq!((scenario.version, scenario.run.seed), (1, 42));
    let payments = &scenario.upstream["payments"];
    let Some(Law::Drawn(DrawnLaw::Mixture(laws))) = &payments.route[0].behaviour.latency else {
        panic!("{:?}", payments.route[0].behaviour.latency)
    };
    assert_eq!(laws.len(), 2);
    let quota = &payments.route[1];
    assert_eq!(quota.r#match.header["x-tenant"], "gold");
    let limit = quota.behaviour.limit.as_ref().unwrap();
    assert_eq!(limit.reject.retry_after, Some(RetryAfter::Seconds(2)));
    let kinds: Vec<&FaultKind> = quota.behaviour.faults.as_ref().unwrap().iter().map(|f| &f.kind).collect();
    assert_eq!(
        kinds,
        [
            &FaultKind::Reset(Cut::At { at: CutAt::MidBody }),
            &FaultKind::Close(Cut::After { after: ByteSize::new(1500) }),
            &FaultKind::Hang {},
            &FaultKind::Truncate { keep: Keep::Size(ByteSize::new(1024)) },
        ]
    );
    assert_eq!(scenario.client["shoppers"].load.rate, Some(Varying::Fixed(Rate::per_second(200.0))));
    assert_eq!(scenario.phase[2].repeat, Some(4));
    assert_eq!(scenario.phase[2].steps.len(), 2);
    assert!(scenario.phase[2].steps[0].overlay.upstream["payments"].connect.as_ref().unwrap().refuses());
    assert_eq!(scenario.phase[3].overlay.partition, [["edge".to_owned(), "payments".to_owned()]]);
    let kinds: Vec<&str> = scenario.check.iter().map(|check| check.kind.key()).collect();
    assert_eq!(kinds, ["slo", "breaker", "retry_budget", "jitter", "retry_after", "recovery"]);
}

#[test]
fn defaults_are_what_the_documentation_says() {
    let scenario = with("[client.idle]\ntarget = \"payments\"\nusers = 3\n");
    let client = &scenario.client["idle"];
    assert_eq!(client.timeout, TimeSpan::from_secs(10));
    assert_eq!(client.max_in_flight, 10_000);
    assert_eq!((client.requests.len(), client.requests[0].method.as_str()), (1, "GET"));
    assert_eq!((client.preset.as_str(), client.settings.retry.max_attempts), ("none", 1));
    assert_eq!(scenario.run.world, WorldKind::Real);
}

#[test]
fn overrides_are_laid_over_the_preset_key_by_key() {
    let scenario = with(
        "[gateway.tuned]\ntarget = \"payments\"\npreset = \"standard\"\nretry.backoff.base = \"50ms\"\n\
         breaker.window = { calls = 30 }\n",
    );
    let mut expected = Preset::named("standard").unwrap().settings();
    expected.retry.backoff.base = TimeSpan::from_millis(50);
    expected.breaker.window = Window::Calls(30);
    assert_eq!(scenario.gateway["tuned"].settings, expected);
}

#[test]
fn a_breaker_or_budget_that_the_preset_has_off_stays_off_until_kind_says_otherwise() {
    let scenario = with(
        "[gateway.tuned]\ntarget = \"payments\"\nbreaker.min_calls = 5\nretry.budget.ratio = \"10%\"\n\
         [gateway.twin]\ntarget = \"payments\"\npreset = \"naive\"\nretry.budget.ttl = \"4s\"\n\
         [gateway.on]\ntarget = \"payments\"\nbreaker.kind = \"rate\"\nretry.budget.kind = \"ratio-window\"\n\
         [gateway.off]\ntarget = \"payments\"\npreset = \"standard\"\nbreaker.kind = \"off\"\nretry.budget.kind = \"none\"\n\
         [gateway.row]\ntarget = \"payments\"\nbreaker = { kind = \"consecutive\", failures = 3 }\nretry.budget.ratio = 0.1\n",
    );
    let kinds = |name: &str| {
        let settings = &scenario.gateway[name].settings;
        (settings.breaker.kind, settings.retry.budget.kind)
    };
    assert_eq!(kinds("tuned"), (BreakerKind::Off, BudgetKind::None));
    assert_eq!(kinds("twin"), (BreakerKind::Off, BudgetKind::None));
    assert_eq!(kinds("on"), (BreakerKind::Rate, BudgetKind::RatioWindow));
    assert_eq!(kinds("off"), (BreakerKind::Off, BudgetKind::None));
    assert_eq!(kinds("row"), (BreakerKind::Consecutive, BudgetKind::None));
    assert_eq!(scenario.gateway["row"].settings.retry.budget.ratio, Ratio::new(0.1));
}

#[test]
fn json_bodies_may_be_toml_or_text() {
    let scenario = with(
        "[upstream.other]\nbody = { json = { ok = true, ids = [1, 2.5] } }\n\
         [[upstream.other.route]]\nname = \"r\"\nbody = { json = '{\"b\": 1}', framing = \"chunked\" }\n",
    );
    let other = &scenario.upstream["other"];
    let text = |body: &Option<upstorm_model::scenario::Body>| format!("{:?}", body.as_ref().unwrap().content);
    assert_eq!(text(&other.behaviour.body), r#"Json("{\"ids\":[1,2.5],\"ok\":true}")"#);
    assert_eq!(text(&other.route[0].behaviour.body), r#"Json("{\"b\": 1}")"#);
}

#[test]
fn a_histogram_file_is_read_into_buckets() {
    let scenario =
        with("[upstream.other]\nlatency = { histogram = { file = \"measured-ok.csv\", max = \"1s\" } }\n");
    let Some(Law::Drawn(DrawnLaw::Histogram { buckets, .. })) = &scenario.upstream["other"].behaviour.latency
    else {
        panic!("no histogram")
    };
    let expected = [(5, 10), (10, 70), (50, 20)].map(|(ms, n)| (TimeSpan::from_millis(ms), n));
    assert_eq!(buckets.as_slice(), expected);
    assert_eq!(
        codes(
            &format!("{BASE}\n[upstream.other]\nlatency = {{ histogram = {{ file = \"none.csv\" }} }}\n"),
            &[]
        ),
        ["S001"]
    );
}

#[test]
fn extending_merges_tables_deeply_and_lists_by_name_but_replaces_choices_whole() {
    let scenario = good(
        "extends = [\"base.toml\"]\nname = \"over\"\n\
         [[upstream.payments.route]]\nname = \"charge\"\nlatency = { exponential = { mean = \"9ms\" } }\n\
         [[upstream.payments.route]]\nname = \"quota\"\nmatch.path = \"/quota\"\n\
         [gateway.edge]\nretry.max_attempts = 2\n\
         [[check]]\nname = \"slo\"\nslo.p99 = \"1s\"\n",
        &[],
    )
    .scenario;
    assert_eq!(scenario.name, "over");
    let routes = &scenario.upstream["payments"].route;
    assert_eq!(routes.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["charge", "quota"]);
    assert_eq!(routes[0].r#match.method.as_deref(), Some("POST"), "the base's match is kept");
    assert!(matches!(routes[0].behaviour.latency, Some(Law::Drawn(DrawnLaw::Exponential { .. }))));
    assert_eq!(scenario.gateway["edge"].preset, "standard");
    assert_eq!(scenario.gateway["edge"].settings.retry.max_attempts, 2);
    let CheckKind::Slo(slo) = &scenario.check[0].kind else { panic!("{:?}", scenario.check[0]) };
    assert_eq!((slo.of.as_str(), slo.p99), ("shoppers", Some(TimeSpan::from_secs(1))));
}

#[test]
fn a_set_reaches_any_key_and_names_stand_for_entries_of_lists() {
    let sets = [
        "run.seed=7",
        "phase.steady.duration=2s",
        "check.slo.slo.p99=\"1s\"",
        "upstream.payments.route.charge.latency={ lognormal = { median = \"40ms\", sigma = 0.5 } }",
        "gateway.edge.preset=naive",
        "gateway.edge.limits.max_requests=7",
        "client.shoppers.rate=500/s",
        "run.seed=8",
    ];
    let scenario = good(BASE, &sets).scenario;
    assert_eq!(scenario.run.seed, 8, "the last word wins");
    assert_eq!(scenario.phase[0].duration, Some(TimeSpan::from_secs(2)));
    assert_eq!(scenario.gateway["edge"].preset, "naive");
    assert_eq!(scenario.gateway["edge"].settings.limits.max_requests, Some(7));
    assert_eq!(scenario.client["shoppers"].load.rate, Some(Varying::Fixed(Rate::per_second(500.0))));
    let latency = &scenario.upstream["payments"].route[0].behaviour.latency;
    assert!(matches!(latency, Some(Law::Drawn(DrawnLaw::Lognormal { .. }))));
}

#[test]
fn an_error_in_a_set_points_into_its_text() {
    let diagnostics = load_text(BASE, &["gateway.edge.retry.max_attempts=0"]).unwrap_err();
    let spot = diagnostics.iter().next().unwrap().spot().unwrap();
    assert_eq!(diagnostics.sources().get(spot.source).unwrap().name, "--set");
    assert_eq!(diagnostics.sources().text_at(spot), "0");
}

#[test]
fn variables_come_from_the_file_the_command_line_and_the_environment() {
    let text = |rate: &str| BASE.replace("\"50/s\"", rate) + "\n[vars]\nn = 2\nload = \"${vars.n}0/s\"\n";
    let rate = |rate: &str, sets: &[&str]| {
        good(&text(rate), sets).scenario.client["shoppers"].load.rate.unwrap().first().get()
    };
    assert_eq!(rate("\"${vars.load}\"", &[]), 20.0);
    assert_eq!(rate("\"${vars.load}\"", &["vars.n=9"]), 90.0);
    assert_eq!(rate("\"${UPSTORM_TEST_RATE}\"", &[]), 75.0);
    assert_eq!(rate("\"${UPSTORM_UNSET:-33/s}\"", &[]), 33.0);
    let scenario =
        good(&(text("\"1/s\"") + "[upstream.other]\nbody.text = \"$${kept} ${vars.n}\"\n"), &[]).scenario;
    assert!(format!("{:?}", scenario.upstream["other"].behaviour.body).contains("${kept} 2"));
    let counted = good(&(text("\"1/s\"")), &["gateway.edge.retry.max_attempts=${vars.n}"]).scenario;
    assert_eq!(counted.gateway["edge"].settings.retry.max_attempts, 2, "a lone variable keeps its type");
}

#[test]
fn variables_that_double_each_other_are_stopped() {
    let mut text = format!("{BASE}\n[vars]\nv0 = \"0123456789\"\n");
    for n in 1..40 {
        text += &format!("v{n} = \"${{vars.v{0}}}${{vars.v{0}}}\"\n", n - 1);
    }
    assert!(codes(&text, &[]).contains(&"S008"));
}

#[test]
fn places_of_keys_and_values_can_be_looked_up() {
    let loaded = good(SHOPPING, &["check.jitter.jitter.width=1s"]);
    let text = |path: &str| loaded.sources.text_at(loaded.spans.value(path).unwrap());
    assert_eq!(text("check[0].slo.p99"), "\"800ms\"");
    assert_eq!(text("client.shoppers.rate"), "\"${vars.rate}\"");
    assert_eq!(text("check[3].jitter.width"), "1s");
    assert_eq!(text("phase[1].upstream.payments.route.charge.status.503"), "\"30%\"");
    let key = loaded.spans.key("phase[2].repeat").unwrap();
    assert_eq!(loaded.sources.text_at(key), "repeat");
    let check = loaded.sources.position(loaded.spans.value("check[1]").unwrap());
    let line = SHOPPING.lines().position(|line| line.contains("name    = \"breaker\"")).unwrap();
    assert_eq!(check, Position { line: u32::try_from(line).unwrap(), column: 1 });
    assert_eq!(loaded.spans.nearest("check[1].breaker.not_written"), loaded.spans.value("check[1].breaker"));
    assert_eq!(loaded.spans.nearest("nowhere"), None);
}

#[test]
fn what_is_unlike_the_base_in_a_phase_is_checked_against_it() {
    let overlay = |over: &str| {
        codes(&format!("{BASE}\n[[phase]]\nname = \"p\"\nduration = \"1s\"\nclient.shoppers = {over}\n"), &[])
    };
    assert_eq!(overlay("{ rate = { from = \"1/s\", to = \"9/s\", shape = \"exponential\" } }"), [""; 0]);
    assert_eq!(overlay("{ users = 5, think = \"1s\" }"), [""; 0]);
    assert_eq!(overlay("{ arrivals = \"constant\" }"), [""; 0]);
    assert_eq!(overlay("{ think = \"1s\" }"), ["S018"]);
    assert_eq!(overlay("{ users = 5, arrivals = \"constant\" }"), ["S018"]);
    assert_eq!(overlay("{ users = 5, rate = \"1/s\" }"), ["S018"]);
}

#[test]
fn budgets_of_every_kind_and_the_throttle_are_tuned_by_their_own_keys() {
    let scenario = good(
        BASE,
        &[
            "gateway.edge.retry.max_attempts=unlimited",
            "gateway.edge.retry.budget.kind=token-bucket",
            "gateway.edge.retry.budget.timeout_cost=10",
            "gateway.edge.throttle.kind=adaptive",
            "gateway.edge.throttle.window=1m",
            "gateway.edge.breaker.window_buckets=10",
        ],
    );
    let settings = scenario.scenario.gateway["edge"].settings.clone();
    let budget = &settings.retry.budget;
    assert_eq!((budget.kind, budget.timeout_cost, budget.retry_cost), (BudgetKind::TokenBucket, 10, 14));
    assert_eq!(settings.retry.max_attempts, upstorm_model::policy::Retry::UNLIMITED);
    assert_eq!((settings.throttle.k, settings.throttle.window), (2.0, TimeSpan::from_secs(60)));
    assert_eq!(settings.breaker.window_buckets, 10);
}

#[test]
fn a_budget_that_bounds_nothing_is_refused() {
    for sets in [
        &["gateway.edge.retry.max_attempts=unlimited", "gateway.edge.retry.budget.kind=none"][..],
        &["gateway.edge.retry.max_attempts=unlimited", "gateway.edge.retry.budget.kind=concurrency"],
        &["gateway.edge.retry.budget.kind=client-ratio", "gateway.edge.retry.budget.ratio=1.5"],
        &["gateway.edge.retry.budget.max_retries=3", "gateway.edge.retry.budget.budget_percent=10%"],
    ] {
        let diagnostics = load_text(BASE, sets).unwrap_err();
        let codes: Vec<&str> = diagnostics.iter().map(|d| d.code.id).collect();
        assert_eq!(codes, ["S018"], "{sets:?}");
    }
}

#[test]
fn reasons_of_nothing_are_refused() {
    for set in
        ["gateway.edge.failover={to=[\"payments\"],on=[]}", "gateway.edge.fallback={kind=\"answer\",on=[]}"]
    {
        let diagnostics = load_text(BASE, &[set]).unwrap_err();
        let codes: Vec<&str> = diagnostics.iter().map(|d| d.code.id).collect();
        assert!(codes.contains(&"S020"), "{set}: {codes:?}");
    }
}
