//! Recordings that were cut off: what was still open is not in them, so nothing they leave out is held.

use upstorm_checks::judge;
use upstorm_model::plan::PlannedCheck;
use upstorm_model::recording::Recording;
use upstorm_model::verdict::{Doubt, Finding, Verdict};
use upstorm_model::{Offset, Plan, TimeSpan};

use crate::rows::{SHOPPERS, rows};
use crate::script::{Script, Trouble};

/// What would have been written by this time.
fn cut(recording: &mut Recording, at: Offset) {
    recording.calls.retain(|call| call.done <= at);
    recording.attempts.retain(|attempt| attempt.end <= at);
    recording.connections.retain(|connection| connection.accepted <= at);
    recording.marks.retain(|mark| mark.at <= at);
    recording.partial = true;
}

#[test]
fn what_was_open_at_the_cut_keeps_every_check_from_holding() {
    for row in rows().filter(|row| row.verdict == Verdict::Held) {
        let script = (row.script)();
        let plan = script.plan(3);
        let mut recording = (script.by)(&script, &plan);
        cut(&mut recording, Offset::from_secs_f64(plan.end.as_secs_f64() * 0.6));
        for (check, found) in plan.checks.iter().zip(judge(&plan, &recording)) {
            let asked = check.always_on.is_none();
            assert!(!asked || found.verdict != Verdict::Held, "{}, {}: {found:#?}", row.check, row.name);
        }
    }
}

/// An error rate over one phase of six seconds each, the recording cut after these seconds.
fn of_phase(index: u16, seconds: u64) -> Finding {
    let script = Script::steady(6, "standard");
    let script = Script { phases: vec![script.phases[0].clone(), ("more", 6, Trouble::None)], ..script };
    let script = script.asks(SHOPPERS, &[index], r#"{"slo":{"errors":"1%"}}"#);
    let mut plan: Plan = script.plan(3);
    plan.clients[0].timeout = TimeSpan::from_secs(2);
    let mut recording = (script.by)(&script, &plan);
    cut(&mut recording, plan.phases[0].start + std::time::Duration::from_secs(seconds));
    let slo: Option<&PlannedCheck> = plan.checks.first();
    assert_eq!(slo.and_then(|check| check.always_on), None);
    judge(&plan, &recording).remove(0)
}

#[test]
fn a_phase_whose_calls_had_all_ended_is_judged() {
    assert_eq!(of_phase(0, 9).verdict, Verdict::Held);
    for (index, seconds) in [(0, 7), (1, 9)] {
        let found = of_phase(index, seconds);
        assert_eq!(found.verdict, Verdict::Inconclusive, "{found:#?}");
        assert_eq!(found.observations[0].doubt, Some(Doubt::CutOff));
    }
}

#[test]
fn a_failure_before_the_cut_stays_one() {
    let row = rows().find(|row| row.check == "slo" && row.verdict == Verdict::Failed).unwrap();
    let script = (row.script)();
    let plan = script.plan(3);
    let mut recording = (script.by)(&script, &plan);
    cut(&mut recording, Offset::from_secs_f64(plan.end.as_secs_f64() * 0.9));
    let found = judge(&plan, &recording).into_iter().find(|f| f.kind == "slo").unwrap();
    assert_eq!(found.verdict, Verdict::Failed, "{found:#?}");
}
