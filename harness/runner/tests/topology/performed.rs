//! A scenario's text, performed in a world, and what can be asked of its recording.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use upstorm_language::compile::{PlanOptions, plan};
use upstorm_language::{LoadOptions, load};
use upstorm_model::recording::{Annotation, Attempt, Call, CallId, MarkKind, Outcome, Recording};
use upstorm_model::scenario::WorldKind;
use upstorm_model::{HostId, Plan};
use upstorm_runner::{Stop, header_of, perform_in_world};
use upstorm_world::Recorder;

/// Both worlds.
pub(crate) const WORLDS: [WorldKind; 2] = [WorldKind::Sim, WorldKind::Real];

/// What came of a scenario.
pub(crate) struct Performed {
    pub(crate) plan: Arc<Plan>,
    pub(crate) recording: Recording,
}

/// Performs a scenario; its `version`, `name` and `[run]` are added.
pub(crate) fn performed(text: &str, world: WorldKind) -> Performed {
    let text = format!("version = 1\nname = \"topology\"\n{text}\n");
    let nothing = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let options = LoadOptions { sets: &[], env: &|_| None, read: &nothing };
    let loaded = load("topology.toml", None, text.as_bytes(), &options);
    let loaded = loaded.unwrap_or_else(|e| panic!("{}", e.render(false)));
    let options = PlanOptions { world: Some(world), ..PlanOptions::default() };
    let plan = Arc::new(plan(&loaded, &options).unwrap_or_else(|e| panic!("{}", e.render(false))));
    let recorder = Recorder::in_memory();
    perform_in_world(&plan, recorder.clone(), &Stop::new()).unwrap();
    let recording = Recording::from_records(header_of(&plan), recorder.take());
    Performed { plan, recording }
}

impl Performed {
    pub(crate) fn host(&self, name: &str) -> HostId {
        self.plan.host_named(name).unwrap_or_else(|| panic!("no host {name}"))
    }

    pub(crate) fn attempts_at(&self, name: &str) -> Vec<&Attempt> {
        let host = self.host(name);
        self.recording.attempts.iter().filter(|a| a.upstream == host).collect()
    }

    pub(crate) fn calls_of(&self, name: &str) -> Vec<&Call> {
        let host = self.host(name);
        self.recording.calls.iter().filter(|c| c.id.client() == host).collect()
    }

    /// How many attempts each call made at all upstreams.
    pub(crate) fn attempts_by_call(&self) -> BTreeMap<CallId, usize> {
        let mut counts: BTreeMap<CallId, usize> = self.recording.calls.iter().map(|c| (c.id, 0)).collect();
        for call in self.recording.attempts.iter().filter_map(|a| a.keys.call) {
            *counts.entry(call).or_default() += 1;
        }
        counts
    }

    /// What a host said of itself, in order.
    pub(crate) fn said_by(&self, name: &str) -> Vec<Annotation> {
        let host = self.host(name);
        let said = self.recording.marks.iter().filter_map(|mark| match mark.kind {
            MarkKind::Says(who, what) if who == host => Some(what),
            _ => None,
        });
        said.collect()
    }
}

/// How many calls were answered with this status.
pub(crate) fn answered(calls: &[&Call], status: u16) -> usize {
    calls.iter().filter(|c| c.outcome == Outcome::Answered(status)).count()
}
