//! Two records side by side, field by field: what was recorded and what was replayed.
//!
//! Fields are those of the record's written form, so that a field of a later version is shown too. Times are shown to
//! the nanosecond: two records may differ in nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use upstorm_model::recording::Record;
use upstorm_model::{Offset, Plan};

/// What a record is, as a reader calls it.
pub(crate) const fn kind(record: &Record) -> &'static str {
    match record {
        Record::Call(_) => "a call",
        Record::Attempt(_) => "an attempt",
        Record::Connection(_) => "a connection",
        Record::Mark(_) => "a mark",
    }
}

/// The fields of both, those that differ marked with `≠`.
pub(crate) fn table(plan: &Plan, recorded: Option<&Record>, replayed: Option<&Record>) -> String {
    let (left, right) = (fields(plan, recorded), fields(plan, replayed));
    let names = names(&left, &right);
    let sides: [BTreeMap<&str, &str>; 2] =
        [&left, &right].map(|side| side.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect());
    let shown = |side: usize, name: &str| sides[side].get(name).copied().unwrap_or("–");
    let width =
        |texts: Vec<&str>, least: usize| texts.iter().map(|t| t.chars().count()).fold(least, usize::max);
    let first = width(names.clone(), 0);
    let second = width(sides[0].values().copied().collect(), "recorded".len());
    let mut lines = vec![format!("  {:first$}  {:second$}  replayed", "", "recorded")];
    for name in names {
        let (one, other) = (shown(0, name), shown(1, name));
        let mark = if one == other { ' ' } else { '≠' };
        lines.push(format!("{mark} {name:first$}  {one:second$}  {other}"));
    }
    lines.join("\n") + "\n"
}

type Fields = Vec<(String, String)>;

/// Each field of either once, in its order.
fn names<'a>(left: &'a Fields, right: &'a Fields) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let all = left.iter().chain(right).map(|(name, _)| name.as_str());
    all.filter(|name| seen.insert(*name)).collect()
}

/// The fields of a record in their order, each with its value.
fn fields(plan: &Plan, record: Option<&Record>) -> Fields {
    let mut found = Vec::new();
    // The outermost table has one key, the kind.
    let written = record.and_then(|record| serde_json::to_value(record).ok());
    for value in written.as_ref().and_then(Value::as_object).into_iter().flat_map(|kind| kind.values()) {
        flatten(plan, "", value, &mut found);
    }
    found
}

fn flatten(plan: &Plan, name: &str, value: &Value, found: &mut Fields) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                flatten(plan, &below(key), value, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(plan, &below(&index.to_string()), value, found);
            }
        }
        _ => found.push((name.to_owned(), shown(plan, name, value))),
    }
}

/// Fields that are offsets.
const TIMES: [&str; 8] = ["at", "planned", "sent", "done", "accepted", "head", "first_byte", "end"];
/// Fields that are hosts.
const HOSTS: [&str; 2] = ["upstream", "peer"];
/// Fields that are call ids.
const CALLS: [&str; 2] = ["id", "keys.call"];

fn shown(plan: &Plan, name: &str, value: &Value) -> String {
    match (value, value.as_u64()) {
        (Value::Null, _) => "none".to_owned(),
        (Value::String(text), _) => text.clone(),
        (_, Some(nanos)) if TIMES.contains(&name) => {
            format!("{:.9} s", Offset::from_nanos(nanos).as_secs_f64())
        }
        (_, Some(host)) if HOSTS.contains(&name) => {
            let named = usize::try_from(host).ok().and_then(|host| plan.hosts.get(host));
            named.map_or(host.to_string(), |host| host.name.clone())
        }
        // The id of a connection is a small number, that of a call has its client in front.
        (_, Some(call)) if CALLS.contains(&name) && call > u64::from(u32::MAX) => format!("{call:016x}"),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Overrides, load_scenario};
    use upstorm_model::recording::{Connection, ConnectionFate, Mark, MarkKind};
    use upstorm_model::{HostId, TimeSpan};

    #[test]
    fn what_differs_is_marked_and_names_are_given() {
        let input =
            load_scenario("steady", &Overrides::default()).unwrap_or_else(|e| panic!("{}", e.message()));
        let upstream = input.plan.upstreams[0].host;
        let connection = |accepted, fate| {
            let peer = Some(HostId(0));
            let accepted = Offset::from_nanos(accepted);
            Record::Connection(Connection {
                upstream,
                id: 3,
                peer,
                segment: 0,
                accepted,
                fate,
                delay: TimeSpan::ZERO,
            })
        };
        let one = connection(1_234_567_890, ConnectionFate::Served);
        let other = connection(1_234_567_891, ConnectionFate::Reset);
        let mark = Record::Mark(Mark { at: Offset::ZERO, kind: MarkKind::End });
        let sides = table(&input.plan, Some(&one), Some(&other));
        insta::assert_snapshot!(sides + "\n" + &table(&input.plan, Some(&one), Some(&mark)));
    }
}
