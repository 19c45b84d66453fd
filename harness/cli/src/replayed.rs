//! What a replay came to, in words.

use std::path::Path;

use upstorm_model::Plan;
use upstorm_model::recording::{DecodeError, Fate, Header, MarkKind, Recording};
use upstorm_model::verdict::Verdict;
use upstorm_runner::replay::{
    Difference, End, FatesCompared, RecordsCompared, VerdictDifference, compare_fates, compare_records,
    compare_verdicts,
};
use upstorm_runner::{ExitCode, judge};
use upstorm_world::read_recording;

use crate::failure::Failure;
use crate::record_table::{kind, table};

/// A replay's result: what is said, and how the process ends.
#[derive(Debug)]
pub(crate) struct Told {
    /// For people.
    pub(crate) text: String,
    /// For scripts.
    pub(crate) exit: ExitCode,
}

/// A recording of the simulated world against its replay, whose bytes are not the same.
pub(crate) fn exactly(plan: &Plan, recorded: &[u8], replayed: &[u8]) -> Result<Told, Failure> {
    let compared = compare_records(recorded, replayed).map_err(damaged)?;
    let mut lines: Vec<String> = Vec::new();
    if let Some([recorded, replayed]) = &compared.headers {
        belongs(plan, recorded)?;
        lines.push(versions(recorded, replayed));
    }
    lines.push(records_in_words(plan, &compared));
    let exit = if compared.matches() { ExitCode::Held } else { ExitCode::Failed };
    Ok(Told { text: lines.join("\n"), exit })
}

fn damaged(error: DecodeError) -> Failure {
    Failure::usage(anyhow::Error::new(error).context("the recording cannot be replayed"))
}

/// A plan and a recording of different seeds were put together by somebody; whatever came of comparing them would mislead.
fn belongs(plan: &Plan, recorded: &Header) -> Result<(), Failure> {
    if recorded.seed == plan.seed.0 {
        return Ok(());
    }
    Err(Failure::usage(anyhow::anyhow!(
        "plan.json is of seed {} and recording.bin of seed {}: they do not belong together",
        plan.seed.0,
        recorded.seed
    )))
}

fn versions(recorded: &Header, replayed: &Header) -> String {
    if recorded.tool == replayed.tool {
        format!("recorded as `{}`, replayed as `{}`", recorded.scenario, replayed.scenario)
    } else {
        format!("recorded by upstorm {}, replayed by {}", recorded.tool, replayed.tool)
    }
}

fn records_in_words(plan: &Plan, compared: &RecordsCompared) -> String {
    let alike = compared.alike;
    if let Some(difference) = &compared.first {
        return difference_in_words(plan, difference);
    }
    match compared.end {
        End::Whole => format!("matches: all {alike} records are alike"),
        End::Interrupted(at) => format!(
            "matches as far as it goes: the first {alike} records are alike, up to the interruption at {at}; what follows \
             would not have happened, and is not compared"
        ),
        End::CutOff => format!(
            "matches as far as it goes: the recording is cut off after {alike} records, which are alike: its run was killed"
        ),
        End::Followed { byte } => format!(
            "differs: all {alike} records are alike, but from byte {byte} on the file holds something that no run wrote"
        ),
        End::Damaged { byte, records: [first, last] } => format!(
            "differs: the recording is damaged. The first {alike} records are alike; byte {byte} of the file is not what the \
             replay has there, and records {first} to {last} lie in its frame, which cannot be read"
        ),
    }
}

fn difference_in_words(plan: &Plan, difference: &Difference) -> String {
    let Difference { number, frame_at, recorded, replayed } = difference;
    let what = match (recorded, replayed) {
        (Some(one), Some(other)) if kind(one) == kind(other) => kind(one).to_owned(),
        (Some(one), Some(other)) => format!("{} was recorded, {} replayed", kind(one), kind(other)),
        (Some(one), None) => format!("{} was recorded, and the replay is over", kind(one)),
        (None, Some(other)) => format!("the recording is over, and {} was replayed", kind(other)),
        (None, None) => "nothing".to_owned(),
    };
    let before = number - 1;
    let head = format!(
        "differs from record {number} on ({what}; in the frame at byte {frame_at}); {before} records before it are alike"
    );
    format!("{head}\n\n{}", table(plan, recorded.as_ref(), replayed.as_ref()))
}

/// A recording of real sockets against its replay: what does not depend on time.
pub(crate) fn fates_and_verdicts(
    plan: &Plan,
    simulated: &Plan,
    [recorded, replayed]: [&Path; 2],
) -> Result<Told, Failure> {
    let recorded = read_recording(recorded).map_err(Failure::usage)?;
    let replayed = read_recording(replayed)?;
    belongs(plan, &recorded.header)?;
    let fates = compare_fates(plan, &recorded.attempts, &replayed.attempts);
    let mut lines = vec![
        "recorded over real sockets, whose times cannot repeat: fates and verdicts are compared".to_owned(),
    ];
    if recorded.header.tool != replayed.header.tool {
        lines.push(versions(&recorded.header, &replayed.header));
    }
    lines.extend(fates_in_words(plan, &fates));
    let differing = if is_partial(&recorded) {
        lines.push("verdicts: not compared, for the recording is partial".to_owned());
        Vec::new()
    } else {
        let findings = [judge(plan, &recorded).findings, judge(simulated, &replayed).findings];
        let differing = compare_verdicts(&findings[0], &findings[1]);
        lines.extend(verdicts_in_words(&differing, findings[0].len()));
        differing
    };
    let exit = match (fates.differing, differing.len(), fates.alike) {
        (0, 0, 0) => ExitCode::Inconclusive,
        (0, 0, _) => ExitCode::Held,
        _ => ExitCode::Failed,
    };
    lines.push(match exit {
        ExitCode::Held => "matches".to_owned(),
        ExitCode::Failed => "differs".to_owned(),
        _ => "nothing could be compared".to_owned(),
    });
    Ok(Told { text: lines.join("\n"), exit })
}

fn is_partial(recording: &Recording) -> bool {
    recording.partial || recording.says(&MarkKind::Interrupted)
}

fn fates_in_words(plan: &Plan, fates: &FatesCompared) -> Vec<String> {
    let FatesCompared { alike, differing, timed, only_recorded, only_replayed, unkeyed, first } = fates;
    let mut lines = vec![format!("fates: {alike} attempts alike, {differing} differ")];
    if *timed > 0 {
        lines.push(format!(
            "  {timed} met another segment, stage of a ramp, rate limit or queue, which go by time: not counted as differing"
        ));
    }
    if only_recorded + only_replayed > 0 {
        lines.push(format!("  {only_recorded} only in the recording, {only_replayed} only in the replay"));
    }
    if *unkeyed > 0 {
        lines.push(format!(
            "  {unkeyed} carried no call id: their fate went by arrival, and cannot be compared"
        ));
    }
    if let Some(first) = first {
        lines.push(format!(
            "  the first that differs: attempt {} of call {} at {}: recorded {}; replayed {}",
            first.ordinal,
            first.call,
            plan.host_name(first.upstream),
            fate(first.recorded),
            fate(first.replayed)
        ));
    }
    lines
}

fn fate(fate: Fate) -> String {
    let fault = fate.fault.map_or("no fault".to_owned(), |index| format!("fault {}", u32::from(index) + 1));
    format!("status {}, delay {}, {fault}", fate.status, fate.delay)
}

fn verdicts_in_words(differing: &[VerdictDifference], checks: usize) -> Vec<String> {
    if differing.is_empty() {
        return vec![format!("verdicts: all {checks} alike")];
    }
    let head = format!("verdicts: {} of {checks} differ", differing.len());
    let verdict = |of: Option<Verdict>| of.map_or("not judged", upstorm_reports::words::verdict);
    let line = |d: &VerdictDifference| {
        let about = if d.subject.is_empty() { String::new() } else { format!(" ({})", d.subject) };
        format!("  {}{about}: recorded {}, replayed {}", d.check, verdict(d.recorded), verdict(d.replayed))
    };
    std::iter::once(head).chain(differing.iter().map(line)).collect()
}
