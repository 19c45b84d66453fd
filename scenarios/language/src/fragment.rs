//! Fragments: a piece of the language on its own, written as JSON, with the same words and the same mistakes.
//!
//! Whoever changes a scenario while it runs writes what would stand in the file. Decoded by the decoders of the file, a
//! fragment means the same, and what is wrong with it is told by the same codes, each with the JSON Pointer of its place.
//! What is changed, and whether it may be, is left to the caller.

use upstorm_model::TimeSpan;
use upstorm_model::scenario::{Behaviour, Fault};

use crate::LoadOptions;
use crate::decode;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::reading::Reading;
use crate::tree::{Json, JsonText, Node};

/// What is wrong with a fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no JSON, or has a key twice.
    #[error("{0}")]
    NotJson(String),
    /// It is no piece of the language: everything that is wrong with it, in the order of the places.
    #[error("the language has no such thing")]
    Misfits(Vec<Misfit>),
}

/// One thing that is wrong with a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Its kind.
    pub code: &'static Code,
    /// What is wrong.
    pub message: String,
    /// Where, as a JSON Pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// What to write instead, and what else is good to know.
    pub help: Vec<String>,
}

/// A change of a behaviour: what is set, and what goes back to what the scenario says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patch {
    set: Behaviour,
    taken_back: Vec<String>,
}

impl Patch {
    /// What was laid over the plan before, changed by this.
    #[must_use]
    pub fn over(&self, before: &Behaviour) -> Behaviour {
        let over = before.overlaid(&self.set);
        let Behaviour { limit, capacity, latency, status, body, faults, script, hold, probes, ledger } = over;
        let stays = |key: &str| !self.taken_back.iter().any(|taken| taken == key);
        Behaviour {
            limit: limit.filter(|_| stays("limit")),
            capacity: capacity.filter(|_| stays("capacity")),
            latency: latency.filter(|_| stays("latency")),
            status: status.filter(|_| stays("status")),
            body: body.filter(|_| stays("body")),
            faults: faults.filter(|_| stays("faults")),
            script: script.filter(|_| stays("script")),
            hold: hold.filter(|_| stays("hold")),
            probes: probes.filter(|_| stays("probes")),
            ledger: ledger.filter(|_| stays("ledger")),
        }
    }
}

/// The keys of a behaviour. A key that is null goes back to what the scenario says.
///
/// # Errors
/// When it is no JSON or no behaviour: everything that is wrong with it.
pub fn behaviour(text: &str) -> Result<Patch, Refusal> {
    read(text, true, |node, reading, nulls| {
        let set = decode::lone_behaviour(node, reading)?;
        let taken_back = nulls.iter().map(|pointer| pointer.trim_start_matches('/').to_owned()).collect();
        Some(Patch { set, taken_back })
    })
}

/// One entry of `faults`.
///
/// # Errors
/// When it is no JSON or no fault: everything that is wrong with it.
pub fn fault(text: &str) -> Result<Fault, Refusal> {
    read(text, false, |node, reading, _| decode::fault(node, reading))
}

/// A length of time, such as `1.5s`, that stands alone and without quotes.
///
/// # Errors
/// When it is none.
pub fn time(text: &str) -> Result<TimeSpan, Refusal> {
    let is_bare = text.parse::<f64>().is_ok_and(f64::is_finite);
    let quoted = if is_bare { text.to_owned() } else { serde_json::Value::from(text).to_string() };
    read(&quoted, false, |node, reading, _| decode::time(node, reading))
}

/// Reads a document and decodes it. Where null is allowed, it is so for the keys of the outermost table.
fn read<T>(
    text: &str,
    null_is_a_word: bool,
    decode: impl Fn(&Node, &Reading<'_>, &[String]) -> Option<T>,
) -> Result<T, Refusal> {
    let json = Json::read(text).map_err(|error| Refusal::NotJson(error.to_string()))?;
    // A scenario may name a file; a caller over the network must not have one read.
    let no_files = |_: &std::path::Path| {
        Err(std::io::Error::other("a change over HTTP reads no files; write the figures themselves"))
    };
    let options = LoadOptions { sets: &[], env: &|_| None, read: &no_files };
    let reading = Reading::new(None, &options);
    let source = reading.add_source("the request", "");
    let (written, node) = JsonText::of(&json, source);
    let mut nulls = Vec::new();
    for (pointer, range) in written.nulls() {
        let is_outer_key = pointer.rfind('/') == Some(0);
        if null_is_a_word && is_outer_key {
            nulls.push(pointer.replace("~1", "/").replace("~0", "~"));
        } else {
            let message = "null is no value of the language";
            let spot = crate::source::Spot::new(source, range);
            let help = "leave the key out";
            reading.report(Diagnostic::new(&codes::WRONG_TYPE, message).at(spot, "").help(help));
        }
    }
    match decode(&node, &reading, &nulls) {
        Some(value) if reading.problems() == 0 => Ok(value),
        // A decoder that gives nothing has said why; should one forget, a plain sentence beats a wrong success.
        _ => Err(refusal(reading, &written)),
    }
}

fn refusal(reading: Reading<'_>, written: &JsonText) -> Refusal {
    let diagnostics = reading.into_diagnostics(&codes::MISSING_KEY, "it could not be decoded");
    let misfit = |diagnostic: &Diagnostic| Misfit {
        code: diagnostic.code,
        message: diagnostic.message.clone(),
        pointer: diagnostic.spot().map_or("", |spot| written.pointer(spot)).to_owned(),
        help: diagnostic.help.iter().chain(&diagnostic.notes).cloned().collect(),
    };
    Refusal::Misfits(diagnostics.iter().map(misfit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misfits(refusal: Refusal) -> Vec<(&'static str, String)> {
        match refusal {
            Refusal::Misfits(list) => list.into_iter().map(|m| (m.code.id, m.pointer)).collect(),
            Refusal::NotJson(message) => vec![("not json", message)],
        }
    }

    fn wrong(text: &str) -> Vec<(&'static str, String)> {
        misfits(behaviour(text).expect_err(text))
    }

    #[test]
    fn a_behaviour_is_written_as_in_a_scenario() {
        let patch = behaviour(
            r#"{"latency": {"lognormal": {"median": "40ms", "p99": "200ms"}},
                "status": {"200": "80%", "503": {"share": "20%", "retry_after": {"seconds": 2}}},
                "faults": [{"share": "1%", "reset": {"at": "mid-body"}}, {"share": "5%", "hang": true}],
                "capacity": {"workers": 4, "queue": 8}, "limit": {"rate": "10/s"}, "body": {"size": "2KiB"}}"#,
        );
        let set = patch.expect("it is sound").set;
        assert_eq!(set.faults.expect("faults").len(), 2);
        assert!(set.latency.is_some() && set.status.is_some() && set.limit.is_some() && set.body.is_some());
        assert_eq!(set.capacity.expect("capacity").workers, 4);
    }

    #[test]
    fn what_is_wrong_has_the_codes_of_the_file_and_its_place() {
        let one = |code, pointer: &str| vec![(code, pointer.to_owned())];
        assert_eq!(wrong(r#"{"latncy": "5ms"}"#), one("S011", "/latncy"));
        assert_eq!(wrong(r#"{"latncy": null}"#), one("S011", "/latncy"));
        assert_eq!(wrong(r#"{"latency": 5}"#), one("S014", "/latency"));
        assert_eq!(wrong(r#"{"latency": "5 parsecs"}"#), one("S015", "/latency"));
        assert_eq!(wrong(r#"{"faults": [{"share": "1%"}]}"#), one("S016", "/faults/0"));
        assert_eq!(
            wrong(r#"{"faults": [{"share": null, "hang": true}]}"#)[0],
            one("S013", "/faults/0/share")[0]
        );
        assert_eq!(wrong("[1]"), one("S013", ""));
        let both = wrong(r#"{"limit": {"rate": "x", "brust": 1}}"#);
        assert_eq!(both.iter().map(|m| m.1.as_str()).collect::<Vec<_>>(), ["/limit/brust", "/limit/rate"]);
    }

    #[test]
    fn a_fragment_reads_no_files() {
        let refused =
            behaviour(r#"{"latency": {"histogram": {"file": "/etc/passwd"}}}"#).expect_err("no files");
        let Refusal::Misfits(list) = refused else { panic!("a misfit") };
        assert_eq!((list[0].code.id, list[0].pointer.as_str()), ("S001", "/latency/histogram/file"));
        assert!(list[0].message.contains("reads no files"), "{}", list[0].message);
    }

    #[test]
    fn what_is_no_json_is_said_plainly() {
        for text in ["", "{", "nil", r#"{"a": 1} x"#, &"[".repeat(1000), r#"{"body": 1, "body": 2}"#] {
            assert_eq!(wrong(text)[0].0, "not json", "{text}");
        }
        assert!(wrong(r#"{"body": 1, "body": 2}"#)[0].1.contains("`body` is there twice"));
    }

    #[test]
    fn null_takes_a_key_back() {
        let before = behaviour(r#"{"latency": "5ms", "body": {"size": "1KiB"}}"#).expect("sound");
        let before = before.over(&Behaviour::default());
        let after = behaviour(r#"{"latency": null, "limit": {"rate": "5/s"}}"#).expect("sound").over(&before);
        assert!(after.latency.is_none() && after.body.is_some() && after.limit.is_some());
    }

    #[test]
    fn a_time_needs_its_unit() {
        assert_eq!(time("1.5s").expect("a time").as_secs_f64(), 1.5);
        assert_eq!(misfits(time("15").expect_err("bare"))[0].0, "S014");
        assert_eq!(misfits(time("soon").expect_err("no time"))[0].0, "S015");
    }
}
