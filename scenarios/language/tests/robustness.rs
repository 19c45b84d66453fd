//! No input makes loading panic: random bytes, and good scenarios with something torn out, doubled or replaced.

mod loading;

use loading::{BASE, SHOPPING, load_bytes, load_text};
use proptest::prelude::*;

/// Loads and renders: an error is fine, a panic is not.
fn survive(bytes: &[u8], sets: &[&str]) {
    if let Err(diagnostics) = load_bytes("any.toml", bytes, sets) {
        assert!(diagnostics.iter().count() > 0);
        assert!(diagnostics.render(false).contains("error["));
        let _ = diagnostics.render(true);
    }
}

/// Pieces of the language, good and bad, to be put anywhere.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "\"",
        "[",
        "]",
        "{",
        "}",
        "=",
        ".",
        "\n",
        "#",
        "'''",
        "\\u00",
        "é",
        "\u{feff}",
        "\0",
        "-1",
        "0",
        "1e999",
        "nan",
        "99999999999999999999999999999999999999999",
        "true",
        "1979-05-27",
        "\"5s\"",
        "\"0%\"",
        "\"1000%\"",
        "{}",
        "[]",
        "[[]]",
        "${vars.x}",
        "${",
        "$${",
        "{ from = \"1s\", to = \"0s\" }",
        "x-y = 1\n",
        "extends = [\"base.toml\"]\n",
        "latency = { mixture = [] }\n",
        "status = {}\n",
        "[[phase]]\n",
        "[upstream.payments]\n",
        "name = \"\"\n",
        "[run.network]\n",
        "between = [{ hosts = [\"edge\", \"payments\"], delay = \"9s\" }]\n",
    ])
}

fn torn(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    (0..text.len(), 0..40_usize, piece(), any::<bool>()).prop_map(move |(at, length, piece, keep)| {
        let end = if keep { at } else { (at + length).min(text.len()) };
        [&text.as_bytes()[..at], piece.as_bytes(), &text.as_bytes()[end..]].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes, &[]);
    }

    #[test]
    fn random_pieces(pieces in prop::collection::vec(piece(), 0..60)) {
        survive(pieces.concat().as_bytes(), &[]);
    }

    #[test]
    fn a_torn_scenario(bytes in prop_oneof![torn(SHOPPING), torn(BASE)]) {
        survive(&bytes, &[]);
    }

    #[test]
    fn a_value_replaced(line in 0..100_usize, value in piece()) {
        let mut lines: Vec<String> = SHOPPING.lines().map(str::to_owned).collect();
        let index = line % lines.len();
        if let Some((key, _)) = lines[index].clone().split_once('=') {
            lines[index] = format!("{key}= {value}");
        }
        survive(lines.join("\n").as_bytes(), &[]);
    }

    #[test]
    fn any_set(set in "[a-z.\"'=\\[\\]{}$ 0-9%/]{0,30}", value in piece()) {
        survive(BASE.as_bytes(), &[&set]);
        survive(BASE.as_bytes(), &[&format!("client.shoppers.rate={value}")]);
        survive(BASE.as_bytes(), &[&format!("upstream.payments.status={value}")]);
        survive(BASE.as_bytes(), &[&format!("run.network={value}"), "run.network.between=[{}]"]);
        survive(BASE.as_bytes(), &[&format!("run.network.between={value}")]);
        survive(BASE.as_bytes(), &[&format!("run.network.between=[{{ hosts = {value} }}]")]);
    }
}

#[test]
fn deep_and_wide_inputs_are_refused_or_taken_without_a_stack_overflow() {
    survive(format!("{}=1", vec!["a"; 200_000].join(".")).as_bytes(), &[]);
    survive("[".repeat(500_000).as_bytes(), &[]);
    survive(format!("a = {}", "[".repeat(100_000)).as_bytes(), &[]);
    survive(BASE.as_bytes(), &[&format!("{}=1", vec!["a"; 5000].join("."))]);
    let wide: String = (0..20_000).map(|n| format!("k{n} = {n}\n")).collect();
    let diagnostics = load_text(&wide, &[]).unwrap_err();
    assert!(diagnostics.errors() > 20_000);
    assert!(diagnostics.render(false).ends_with(" more like these\n"));
}
