//! The matrix: which variants there are, what they are called, and that each is a scenario of its own.

#![expect(clippy::unwrap_used, reason = "a test may panic where it is set up wrongly")]

mod loading;

use loading::{BASE, codes, good, load_text};
use upstorm_language::compile::PlanOptions;
use upstorm_language::{Matrix, matrix};

fn with(table: &str) -> String {
    format!("{BASE}\n[matrix]\n{table}\n")
}

fn variants(table: &str) -> Matrix {
    good(&with(table), &[]).matrix.unwrap()
}

fn labels(table: &str) -> Vec<String> {
    variants(table).variants.into_iter().map(|variant| variant.label).collect()
}

fn said(table: &str) -> String {
    load_text(&with(table), &[]).unwrap_err().render(false)
}

#[test]
fn each_variant_is_the_file_with_its_paths_set() {
    let matrix = variants(
        "axes = { \"gateway.edge.preset\" = [\"none\", \"retry\"], \"phase.steady.duration\" = [\"2s\"] }\nseeds = 10",
    );
    assert_eq!(matrix.seeds, Some(10));
    let of = |v: &upstorm_language::Variant| {
        let scenario = &v.loaded.scenario;
        (
            v.label.clone(),
            scenario.gateway["edge"].preset.clone(),
            scenario.phase[0].duration.unwrap().to_string(),
        )
    };
    let expected = [("preset=none,duration=2s", "none"), ("preset=retry,duration=2s", "retry")];
    let expected: Vec<_> = expected.map(|(l, p)| (l.to_owned(), p.to_owned(), "2s".to_owned())).into();
    assert_eq!(matrix.variants.iter().map(of).collect::<Vec<_>>(), expected);
    let plans = matrix::plans(&matrix, &PlanOptions::default()).unwrap();
    assert_eq!(plans[1].variant.as_deref(), Some("preset=retry,duration=2s"));
    assert_eq!((plans[0].gateways[0].policy.retry.max_attempts, plans[0].seed), (1, plans[1].seed));
    assert!(plans[1].gateways[0].policy.retry.max_attempts > 1);
}

#[test]
fn the_file_itself_is_as_it_was() {
    let table = "axes = { \"gateway.edge.preset\" = [\"none\"] }";
    let (plain, with) = (good(BASE, &[]), good(&with(table), &[]));
    assert_eq!(plain.scenario, with.scenario);
    assert_eq!(
        good(&self::with(table), &["gateway.edge.preset=naive"]).scenario.gateway["edge"].preset,
        "naive"
    );
}

#[test]
fn values_may_be_tables_numbers_and_variables_and_may_have_names() {
    let text = "axes = { \"client.shoppers.rate\" = { calm = \"10/s\", rising = { from = \"1/s\", to = \"90/s\" } }, \
                \"gateway.edge.retry.max_attempts\" = [1, 3] }";
    assert_eq!(
        labels(text),
        [
            "rate=calm,max_attempts=1",
            "rate=calm,max_attempts=3",
            "rate=rising,max_attempts=1",
            "rate=rising,max_attempts=3"
        ]
    );
    let fast = BASE.replace("\"50/s\"", "\"${vars.load}\"");
    let text = format!(
        "{fast}\n[vars]\nload = \"5/s\"\n[matrix]\naxes = {{ \"vars.load\" = [\"10/s\", \"20/s\"] }}"
    );
    let loaded = good(&text, &[]);
    let plans = matrix::plans(loaded.matrix.as_ref().unwrap(), &PlanOptions::default()).unwrap();
    assert_ne!(plans[0].clients, plans[1].clients);
    assert_eq!(plans[1].variant.as_deref(), Some("load=20-s"));
}

#[test]
fn named_variants_set_several_paths_and_may_be_crossed_with_axes() {
    let named = "variants = { plain = {}, guarded = { \"gateway.edge.preset\" = \"none\", \"client.shoppers.timeout\" = \"1s\" } }";
    assert_eq!(labels(named), ["plain", "guarded"]);
    let crossed = format!("{named}\naxes = {{ \"client.shoppers.rate\" = [\"10/s\", \"20/s\"] }}");
    assert_eq!(labels(&crossed).len(), 4);
    assert_eq!(labels(&crossed)[3], "guarded,rate=20-s");
}

#[test]
fn labels_are_short_unlike_each_other_and_fit_to_name_folders() {
    assert_eq!(
        labels("axes = { \"gateway.edge.preset\" = [\"none\"], \"client.shoppers.preset\" = [\"retry\"] }"),
        ["edge.preset=none,shoppers.preset=retry"]
    );
    let odd = labels("axes = { \"vars.x\" = [\"50%\", \"50/\", \"../etc\", \"\", \"A b\", \"a B\"] }");
    assert_eq!(odd, ["x=50", "x=50-2", "x=etc", "x=empty", "x=A-b", "x=a-B-2"]);
    let long = "y".repeat(500);
    let many = labels(&format!("axes = {{ \"vars.x\" = [\"{long}1\", \"{long}2\"] }}"));
    assert!(many[0] != many[1] && many.iter().all(|label| label.len() < 130));
}

#[test]
fn each_variant_has_its_baseline_which_comes_first() {
    let two = "axes = { \"gateway.edge.preset\" = [\"retry\", \"none\"], \"client.shoppers.rate\" = [\"10/s\", \"20/s\"] }";
    let of = |baseline: &str| -> Vec<(String, String)> {
        let matrix = variants(&format!("{two}\n{baseline}"));
        let label = |index: usize| matrix.variants[index].label.clone();
        matrix.variants.iter().map(|v| (v.label.clone(), label(v.baseline))).collect()
    };
    let by_rate = of("baseline = { \"gateway.edge.preset\" = \"none\" }");
    let expected = [
        ("preset=none,rate=10-s", "preset=none,rate=10-s"),
        ("preset=retry,rate=10-s", "preset=none,rate=10-s"),
        ("preset=none,rate=20-s", "preset=none,rate=20-s"),
        ("preset=retry,rate=20-s", "preset=none,rate=20-s"),
    ];
    assert_eq!(by_rate, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let one = of("baseline = \"preset=none,rate=20-s\"");
    assert!(one[0].0 == "preset=none,rate=20-s" && one.iter().all(|(_, baseline)| *baseline == one[0].0));
    assert!(
        of("").iter().all(|(_, baseline)| baseline == "preset=retry,rate=10-s"),
        "without one, the first"
    );
}

#[test]
fn some_are_left_out_and_some_do_not_count() {
    let axes = "axes = { \"gateway.edge.preset\" = [\"none\", \"retry\", \"standard\"] }";
    let matrix = variants(&format!(
        "{axes}\nexclude = [{{ \"gateway.edge.preset\" = \"retry\" }}]\ngate = [\"*=standard\"]"
    ));
    let of: Vec<_> = matrix.variants.iter().map(|v| (v.label.as_str(), v.gates)).collect();
    assert_eq!(of, [("preset=none", false), ("preset=standard", true)]);
    assert!(variants(axes).variants.iter().all(|v| v.gates));
    assert_eq!(matrix.select(&["*=st*".to_owned()]), Ok(vec![1]));
    assert_eq!(matrix.select(&[]), Ok(vec![0, 1]));
    assert!(
        matrix
            .select(&["preset=stnadard".to_owned()])
            .unwrap_err()
            .contains("did you mean `preset=standard`")
    );
}

#[test]
fn what_makes_no_matrix_is_refused() {
    for (table, code) in [
        ("", "S012"),
        ("axes = {}", "S012"),
        ("axes = 5", "S013"),
        ("axes.gateway.edge.preset = [\"none\"]", "S013"),
        ("axes = { \"gateway.edge.preset\" = \"none\" }", "S013"),
        ("axes = { \"gateway..preset\" = [\"none\"] }", "S009"),
        ("axes = { \"phase.stedy.duration\" = [\"1s\"] }", "S009"),
        ("axes = { \"gateway.edge.prest\" = [\"none\"] }", "S011"),
        ("axes = { \"gatway.edge.preset\" = [\"none\"] }", "S011"),
        ("axes = { \"gateway.edge.preset\" = [\"nonne\"] }", "S032"),
        ("axes = { \"client.shoppers.rate\" = [5] }", "S014"),
        ("axes = { \"run.seed\" = [1] }", "S033"),
        ("axes = { \"matrix.seeds\" = [1] }", "S033"),
        ("axes = { \"vars.a\" = [1.5, 1.5] }", "S033"),
        ("variants = { a = { \"vars.x\" = [{ y = 1 }] }, b = { 'vars.\"x\"' = [{ y = 1 }] } }", "S033"),
        ("variants = { a = {}, \"b c\" = { \"vars.x\" = 1 } }", "S025"),
        ("axes = { \"vars.a\" = [1] }\nseeds = 0", "S020"),
        ("axes = { \"vars.a\" = [1] }\nexclude = [\"*\"]", "S033"),
        ("axes = { \"vars.a\" = [1, 2] }\nbaseline = \"a=*\"", "S034"),
        (
            "axes = { \"vars.a\" = [1, 2], \"vars.b\" = [1, 2] }\nexclude = [\"a=1,b=2\"]\nbaseline = { \"vars.a\" = 1 }",
            "S034",
        ),
        ("axes = { \"vars.a\" = [1, 2] }\nseed = 3", "S011"),
    ] {
        assert_eq!(codes(&with(table), &[]), [code], "{table}:\n{}", said(table));
    }
}

#[test]
fn a_matrix_of_very_many_is_refused_before_they_are_made() {
    let values: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let axis = |n: usize| format!("\"vars.v{n}\" = [{}]", values.join(", "));
    let axes: Vec<String> = (0..40).map(axis).collect();
    let text = said(&format!("axes = {{ {} }}", axes.join(", ")));
    assert!(text.contains("S033") && text.contains("there may be 256"), "{text}");
}

#[test]
fn what_is_wrong_points_into_the_matrix_once_and_names_a_variant() {
    let wrong = "axes = { \"gateway.edge.preset\" = [\"none\", \"retry\"], \"client.shoppers.rate\" = [\"10/s\", \"20\"] }";
    let text = said(wrong);
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(text.contains("in the variant `preset=none,rate=20`"), "{text}");
    insta::assert_snapshot!("matrix_points_at_the_value", text);
    let of_the_file = format!("{}\n[matrix]\n{wrong}", BASE.replace("p99", "p9x"));
    let text = load_text(&of_the_file, &[]).unwrap_err().render(false);
    assert_eq!((text.matches("p9x`").count(), text.matches("in the variant").count()), (1, 1), "{text}");
}

#[test]
fn what_only_planning_finds_names_the_variant_too() {
    let checked = format!("{BASE}\n[[check]]\nname = \"jitter\"\njitter = {{ of = \"edge -> payments\" }}\n");
    let text = format!("{checked}[matrix]\naxes = {{ \"gateway.edge.preset\" = [\"standard\", \"none\"] }}");
    let matrix = good(&text, &[]).matrix.unwrap();
    let plans = matrix::plans(&matrix, &PlanOptions::default()).unwrap();
    let warned = |matrix: &Matrix| -> Vec<String> {
        let found = matrix::warnings(matrix, &plans);
        found.iter().filter(|d| d.code.id == "W002").flat_map(|d| d.notes.clone()).collect()
    };
    assert_eq!(warned(&matrix), ["in the variant `preset=none`"]);
    let mut gated = matrix.clone();
    gated.variants[1].gates = false;
    assert!(warned(&gated).is_empty(), "a variant that does not count may be broken on purpose");
    let unplannable = with("axes = { \"gateway.edge.target\" = [\"payments\", \"edge\"] }");
    let matrix = good(&unplannable, &[]).matrix.unwrap();
    let said = matrix::plans(&matrix, &PlanOptions::default()).unwrap_err().render(false);
    assert!(said.contains("S018") && said.contains("in the variant `target=edge`"), "{said}");
}
