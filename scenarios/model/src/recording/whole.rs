//! The recording as a whole: every kind of record, in time order.

use serde::{Deserialize, Serialize};

use super::{Attempt, Call, Connection, Header, Mark, MarkKind};

/// One entry of a recording, in the order it was finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// A logical request of a client.
    Call(Call),
    /// A try that reached an upstream.
    Attempt(Attempt),
    /// A connection that reached an upstream.
    Connection(Connection),
    /// Something else worth knowing.
    Mark(Mark),
}

/// A whole recording, each kind in time order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// What was said before the first record.
    pub header: Header,
    /// The calls, by planned time.
    pub calls: Vec<Call>,
    /// The attempts, by the time their request head arrived.
    pub attempts: Vec<Attempt>,
    /// The connections, by the time they were accepted.
    pub connections: Vec<Connection>,
    /// The marks, by time.
    pub marks: Vec<Mark>,
    /// True when the run did not write its end: it was killed or given up, or the file was cut off.
    pub partial: bool,
}

impl Recording {
    /// Sorts records that were streamed as they finished into time order.
    #[must_use]
    pub fn from_records(header: Header, records: impl IntoIterator<Item = Record>) -> Self {
        let mut recording = Self { header, partial: true, ..Self::default() };
        for record in records {
            match record {
                Record::Call(call) => recording.calls.push(call),
                Record::Attempt(attempt) => recording.attempts.push(attempt),
                Record::Connection(connection) => recording.connections.push(connection),
                Record::Mark(mark) => {
                    recording.partial &= mark.kind != MarkKind::End;
                    recording.marks.push(mark);
                }
            }
        }
        recording.calls.sort_by_key(|c| (c.planned, c.id));
        recording.attempts.sort_by_key(|a| (a.head, a.connection, a.request));
        recording.connections.sort_by_key(|c| (c.accepted, c.id));
        recording.marks.sort_by_key(|m| m.at);
        recording
    }

    /// Whether a mark says this.
    #[must_use]
    pub fn says(&self, kind: &MarkKind) -> bool {
        self.marks.iter().any(|mark| mark.kind == *kind)
    }
}
