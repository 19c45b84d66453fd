//! `upstorm replay`: what was recorded is performed again, and the first difference is named.

use std::collections::BTreeMap;

use upstorm_model::recording::{Decoder, Encoder, Record};

use crate::binary::{Ran, SHORT, Workplace};

fn recorded(world: &str) -> Workplace {
    let place = Workplace::new();
    place.write("short.toml", SHORT);
    let ran = place.run(&["run", "short.toml", "--world", world, "--out", "run", "--quiet"]);
    assert!([0, 12].contains(&ran.code), "{}\n{}", ran.out, ran.err);
    place
}

fn replay(place: &Workplace) -> Ran {
    place.run(&["replay", "run", "--quiet"])
}

fn bytes(place: &Workplace) -> Vec<u8> {
    std::fs::read(place.path().join("run/recording.bin")).expect("there is a recording")
}

/// Writes the recording again with its records changed.
fn tamper(place: &Workplace, change: impl FnOnce(&mut Vec<Record>)) {
    let bytes = bytes(place);
    let mut decoder = Decoder::new(&bytes).expect("it is a recording");
    let mut records: Vec<Record> = decoder.by_ref().collect();
    change(&mut records);
    let (mut encoder, mut changed) = Encoder::new(decoder.header());
    records.iter().for_each(|record| encoder.push(record, &mut changed));
    encoder.flush(&mut changed);
    place.write("run/recording.bin", changed);
}

#[test]
fn a_simulated_run_matches_and_its_folder_is_only_read() {
    let place = recorded("sim");
    let files = || -> BTreeMap<_, _> {
        let entries = std::fs::read_dir(place.path().join("run")).expect("the folder can be listed");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.map(|path| (path.clone(), std::fs::read(&path).expect("a file"))).collect()
    };
    let before = files();
    let ran = replay(&place);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let results: serde_json::Value = serde_json::from_str(&place.read("run/results.json")).expect("JSON");
    let digest = results["recording"]["sha256"].as_str().expect("the digest is in the results");
    assert!(ran.out.starts_with("matches") && ran.out.contains(digest), "{}", ran.out);
    assert!(before == files(), "the run folder is as it was");
}

#[test]
fn the_digest_is_kept_by_judge_and_so_is_the_pace() {
    let place = recorded("sim");
    let told = |place: &Workplace| {
        let results: serde_json::Value = serde_json::from_str(&place.read("run/results.json")).expect("JSON");
        (results["recording"].clone(), results["pace"].clone())
    };
    let before = told(&place);
    assert!(
        before.0["bytes"] == bytes(&place).len() && before.1["virtual_seconds"].is_number(),
        "{before:?}"
    );
    place.run(&["judge", "run"]);
    assert_eq!(told(&place), before);
    place.run(&["report", "run"]);
    assert_eq!(told(&place), before);
}

#[test]
fn a_changed_record_is_named_with_both_sides() {
    let place = recorded("sim");
    let mut number = 0;
    tamper(&place, |records| {
        let changed = records.iter_mut().enumerate().filter(|(_, r)| matches!(r, Record::Call(_))).nth(20);
        let (index, Record::Call(call)) = changed.expect("there are calls") else { return };
        call.bytes += 1;
        number = index + 1;
    });
    let ran = replay(&place);
    assert_eq!(ran.code, 10, "{}{}", ran.out, ran.err);
    let changed = ran.out.lines().find(|line| line.starts_with('≠')).expect("the field is marked");
    assert!(changed.contains("bytes") && changed.contains("1025") && changed.contains("1024"), "{}", ran.out);
    assert!(ran.out.contains(&format!("record {number} on (a call;")), "{}", ran.out);
}

#[test]
fn a_damaged_or_cut_off_recording_is_said_to_be_so() {
    let place = recorded("sim");
    let whole = bytes(&place);
    place.write("run/recording.bin", &whole[..whole.len() - 5]);
    let ran = replay(&place);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("as far as it goes") && ran.out.contains("cut off"), "{}", ran.out);

    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x10;
    place.write("run/recording.bin", damaged);
    let ran = replay(&place);
    assert_eq!(ran.code, 10, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("damaged") && ran.out.contains(&format!("byte {middle} ")), "{}", ran.out);

    for (contents, word) in
        [(&b"hello\n"[..], "not a recording"), (b"upstorm-recording 9 1 t s\n", "version 9")]
    {
        place.write("run/recording.bin", contents);
        let ran = replay(&place);
        assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
        assert!(ran.err.contains(word), "{}", ran.err);
    }
    std::fs::remove_file(place.path().join("run/recording.bin")).expect("there is one");
    let ran = replay(&place);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("recording.bin"), "{}", ran.err);
}

#[test]
fn another_version_of_the_tool_and_another_seed_are_told() {
    let place = recorded("sim");
    let whole = bytes(&place);
    let line = whole.iter().position(|byte| *byte == b'\n').expect("a header line");
    let head = String::from_utf8_lossy(&whole[..line]).into_owned();
    let with_head = |head: &str| [head.as_bytes(), &whole[line..]].concat();
    place.write("run/recording.bin", with_head(&head.replace(env!("CARGO_PKG_VERSION"), "0.0.9")));
    let ran = replay(&place);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("recorded by upstorm 0.0.9") && ran.out.contains("matches"), "{}", ran.out);

    let mut fields: Vec<&str> = head.split(' ').collect();
    // The name, the version of the form, the seed.
    fields[2] = "2";
    place.write("run/recording.bin", with_head(&fields.join(" ")));
    let ran = replay(&place);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("do not belong together"), "{}", ran.err);
    place.write("run/plan.json", "{}");
    assert_eq!(replay(&place).code, 2);
    assert_eq!(place.run(&["replay", "nowhere"]).code, 2);
}

#[test]
fn a_recording_of_real_sockets_is_compared_by_fates_and_verdicts() {
    let place = recorded("real");
    let ran = replay(&place);
    // Whether load-delivered held over real sockets is the machine's say; the fates are not.
    assert!([0, 10].contains(&ran.code), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("alike, 0 differ"), "{}", ran.out);
    assert!(ran.out.contains("verdicts:"), "{}", ran.out);
    tamper(&place, |records| {
        let attempts = records.iter_mut().filter_map(|record| match record {
            Record::Attempt(attempt) => Some(attempt),
            _ => None,
        });
        attempts.take(3).for_each(|attempt| attempt.fate.status = 418);
    });
    let ran = replay(&place);
    assert_eq!(ran.code, 10, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("alike, 3 differ") && ran.out.contains("recorded status 418"), "{}", ran.out);
}
