//! Rows: the versions of the paths of one route, for callers that lock optimistically.
//!
//! A write that does not know of the last one would undo it. So a read tells the version (`ETag`, RFC 9110 section
//! 8.8.3), and a write says which one it was made from (`If-Match`, section 13.1.1): where that is no longer the current
//! one it is answered 412 and changes nothing. What a row holds is not kept, only that it changed.
//!
//! | request | version it brings | answer | the version after it |
//! |---|---|---|---|
//! | any | not the current one | 412 | as before |
//! | GET, HEAD | the current one, or none | as decided, with the current `ETag` | as before |
//! | PUT, PATCH, POST, DELETE | the current one, or `*` | as decided, with the new `ETag` | a new one |
//! | the same | none | 428 (RFC 6585 section 3), or as decided with the new `ETag` where that is accepted | as before, or a new one |
//! | others | the current one, or none | as decided | as before |
//!
//! Compared and written in one instant, when the answer's time has come: after the limit, the worker and the latency,
//! and before anything that cuts it. So a write whose answer is then lost has been done, and whoever was turned away,
//! gave up before, or drew a status other than 2xx has not touched the row (section 13.2.1: a precondition counts only
//! where the request would have succeeded). Without latency that is the instant at which the request is there.
//! Versions are numbered along the whole route and never come again, so a row that was forgotten cannot be mistaken for
//! what it was.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{ETAG, HeaderMap, HeaderValue, IF_MATCH};
use http::request::Parts;
use http::{Method, StatusCode};
use upstorm_model::scenario::{Row, Unconditional};

use crate::answer::Answer;
use crate::fate::Decision;
use crate::fault::Action;
use crate::hash::fnv;
use crate::problem::{Words, problem};

/// The rows of one route.
#[derive(Debug)]
pub(crate) struct Rows {
    setting: Row,
    versions: Mutex<Versions>,
    conflict: Arc<Answer>,
    required: Arc<Answer>,
}

impl Rows {
    /// Nobody has asked for one yet.
    pub(crate) fn new(setting: Row) -> Self {
        let conflict = Words {
            name: "row-changed",
            title: "the row was written since it was read",
            detail: "read it again, and write from that",
        };
        let required = Words {
            name: "version-required",
            title: "a write must say which version it was made from",
            detail: "bring the ETag of a GET as If-Match",
        };
        Self {
            setting,
            versions: Mutex::default(),
            conflict: Arc::new(problem(StatusCode::PRECONDITION_FAILED, conflict)),
            required: Arc::new(problem(StatusCode::PRECONDITION_REQUIRED, required)),
        }
    }

    /// Reads or writes the row that a request is for, if its answer is to be a success: the answer then tells what came
    /// of it.
    pub(crate) fn meet(&self, decision: &mut Decision, parts: &Parts) {
        let unanswered = matches!(decision.action, Action::Hang | Action::Ignore);
        if unanswered || !decision.answer.status.is_success() {
            return;
        }
        let access = {
            let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            versions.access(self.setting, (&parts.method, parts.uri.path()), &parts.headers)
        };
        match access {
            Access::Untouched => {}
            Access::Done(version) => {
                if let Ok(tag) = HeaderValue::try_from(tag(version)) {
                    Arc::make_mut(&mut decision.answer).headers.insert(ETAG, tag);
                }
            }
            Access::Conflict => decision.answer_instead(&self.conflict, &parts.method),
            Access::Required => decision.answer_instead(&self.required, &parts.method),
        }
    }
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// It was neither a read nor a write.
    Untouched,
    /// It was done; this is the version now.
    Done(u64),
    /// It brought another version than the current one.
    Conflict,
    /// It brought none, and must.
    Required,
}

/// The versions of the rows, by the hash of their paths.
#[derive(Debug, Default)]
struct Versions {
    rows: BTreeMap<u64, Entry>,
    /// Their paths by when they were last asked for, so that the one left alone for longest can be forgotten.
    by_use: BTreeMap<u64, u64>,
    uses: u64,
    last: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    version: u64,
    used: u64,
}

impl Versions {
    fn access(&mut self, setting: Row, (method, path): (&Method, &str), headers: &HeaderMap) -> Access {
        let path = fnv(path.as_bytes());
        let current = self.current(path, setting.most);
        let brought = headers.get_all(IF_MATCH);
        let conditional = brought.iter().next().is_some();
        if conditional && !brought.iter().any(|list| names(list, current)) {
            return Access::Conflict;
        }
        match *method {
            Method::GET | Method::HEAD => Access::Done(current),
            Method::PUT | Method::PATCH | Method::POST | Method::DELETE => {
                if !conditional && setting.unconditional == Unconditional::Refuse {
                    return Access::Required;
                }
                let version = self.next();
                if let Some(row) = self.rows.get_mut(&path) {
                    row.version = version;
                }
                Access::Done(version)
            }
            _ => Access::Untouched,
        }
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// The version of a row, which from now on is the last to be forgotten.
    fn current(&mut self, path: u64, most: u32) -> u64 {
        self.uses += 1;
        let version = match self.rows.get(&path).copied() {
            Some(row) => {
                self.by_use.remove(&row.used);
                row.version
            }
            None => {
                while self.rows.len() >= most as usize {
                    let Some((_, oldest)) = self.by_use.pop_first() else { break };
                    self.rows.remove(&oldest);
                }
                self.next()
            }
        };
        self.by_use.insert(self.uses, path);
        self.rows.insert(path, Entry { version, used: self.uses });
        version
    }
}

fn tag(version: u64) -> String {
    format!("\"v{version}\"")
}

/// Whether a list of tags names this version. A weak tag never does: it says that two versions are much alike, and a
/// write asks for the same (section 8.8.3.2).
fn names(list: &HeaderValue, version: u64) -> bool {
    let tag = tag(version);
    let mut tags = list.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    tags.any(|one| one == b"*" || one == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (IF_MATCH, HeaderValue::from_str(line).unwrap())).collect()
    }

    fn ask(versions: &mut Versions, method: &Method, path: &str, lines: &[&str]) -> Access {
        versions.access(Row::default(), (method, path), &headers(lines))
    }

    #[test]
    fn of_two_who_read_the_same_the_second_is_told_and_must_read_again() {
        let mut rows = Versions::default();
        let read = |rows: &mut Versions| match ask(rows, &Method::GET, "/a", &[]) {
            Access::Done(version) => tag(version),
            other => panic!("{other:?}"),
        };
        let (one, other) = (read(&mut rows), read(&mut rows));
        assert_eq!(one, other);
        let Access::Done(new) = ask(&mut rows, &Method::PUT, "/a", &[&one]) else { panic!("refused") };
        assert_eq!(ask(&mut rows, &Method::PUT, "/a", &[&other]), Access::Conflict);
        assert_eq!(read(&mut rows), tag(new), "a write that was refused changes nothing");
        assert!(matches!(ask(&mut rows, &Method::PATCH, "/a", &[&tag(new)]), Access::Done(_)));
    }

    #[test]
    fn rows_are_told_apart_by_their_path_and_need_a_version_to_be_written() {
        let mut rows = Versions::default();
        let Access::Done(a) = ask(&mut rows, &Method::GET, "/a", &[]) else { panic!("refused") };
        assert!(matches!(ask(&mut rows, &Method::GET, "/b", &[]), Access::Done(b) if b != a));
        assert_eq!(ask(&mut rows, &Method::PUT, "/b", &[&tag(a)]), Access::Conflict);
        assert_eq!(ask(&mut rows, &Method::DELETE, "/a", &[]), Access::Required);
        let blind = Row { unconditional: Unconditional::Accept, ..Row::default() };
        assert!(matches!(rows.access(blind, (&Method::POST, "/a"), &headers(&[])), Access::Done(_)));
        assert_eq!(rows.access(blind, (&Method::POST, "/a"), &headers(&[&tag(a)])), Access::Conflict);
        assert_eq!(ask(&mut rows, &Method::OPTIONS, "/a", &[]), Access::Untouched);
    }

    #[test]
    fn a_list_names_a_version_and_a_weak_tag_none() {
        let list = |text: &str| names(&HeaderValue::from_str(text).unwrap(), 7);
        for text in ["\"v7\"", "*", " \"v6\" ,\t\"v7\"", "W/\"v7\", \"v7\""] {
            assert!(list(text), "{text}");
        }
        for text in ["", "\"v70\"", "v7", "W/\"v7\"", "\"v6\",", "\"v7\" \"v7\"", "'v7'"] {
            assert!(!list(text), "{text}");
        }
        let mut rows = Versions::default();
        let Access::Done(version) = ask(&mut rows, &Method::GET, "/", &[]) else { panic!("refused") };
        let several = ["\"v99\"", &tag(version)];
        assert!(matches!(ask(&mut rows, &Method::PUT, "/", &several), Access::Done(_)), "lines are one list");
    }

    proptest! {
        /// The model: a plain map that forgets nothing. Where memory is short a write may be refused that the model
        /// takes; the other way round never.
        #[test]
        fn no_write_is_lost_however_little_is_remembered(
            most in 1_u32..8, steps in prop::collection::vec((0_u8..4, 0_u8..6, any::<bool>()), 1..200),
        ) {
            let (mut rows, mut model) = (Versions::default(), BTreeMap::<u8, u32>::new());
            let mut read: BTreeMap<(u8, u8), (u64, u32)> = BTreeMap::new();
            let setting = Row { most, ..Row::default() };
            for (who, path, writes) in steps {
                let count = model.entry(path).or_default();
                let name = format!("/{path}");
                if !writes {
                    if let Access::Done(version) = rows.access(setting, (&Method::GET, &name), &headers(&[])) {
                        read.insert((who, path), (version, *count));
                    }
                } else if let Some((version, seen)) = read.get(&(who, path)) {
                    let done = rows.access(setting, (&Method::PUT, &name), &headers(&[&tag(*version)]));
                    if matches!(done, Access::Done(_)) {
                        prop_assert_eq!(seen, &*count, "it undid a write");
                        *count += 1;
                    } else {
                        prop_assert!(seen != count || most < 6);
                    }
                }
                prop_assert!(rows.rows.len() <= most as usize && rows.by_use.len() == rows.rows.len());
            }
        }
    }
}
