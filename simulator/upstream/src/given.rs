//! What is given for an attempt instead of being drawn: by a step of a script, or by the request itself.
//!
//! Whoever names a status or a fault has said how the attempt ends, so neither is drawn; what is left out is as on the
//! route. The draws that are still made are the same as without it.

use std::sync::Arc;

use upstorm_model::Stream;
use upstorm_model::recording::Origin;
use upstorm_model::scenario::ScriptStep;

use crate::answer::Answer;
use crate::fault::{Action, Fault, Seen, fault_of};
use crate::stage::{BodyStage, Draw, LatencyStage};

/// What is given, ready.
#[derive(Debug)]
pub(crate) struct Given {
    /// Who gave it.
    pub(crate) origin: Origin,
    /// How long the response is held back.
    pub(crate) latency: Option<LatencyStage>,
    /// What is answered.
    pub(crate) answer: Option<Arc<Answer>>,
    fault: Option<Box<dyn Fault>>,
    stream: Stream,
}

impl Given {
    /// What this step says on this upstream and route, whose body is this.
    ///
    /// # Errors
    /// When it cannot be sent: what was wrong.
    pub(crate) fn compile(
        path: [&str; 2],
        (step, origin): (&ScriptStep, Origin),
        body: &BodyStage,
    ) -> Result<Self, String> {
        let own = step.body.as_ref().map_or_else(|| body.clone(), BodyStage::compile);
        let answer =
            step.status.map(|status| Answer::compile(status, Some(&step.table()), own)).transpose()?;
        Ok(Self {
            origin,
            // The same stream as the route's own law: a step that only shifts it meets the same draws.
            latency: step.latency.as_ref().map(|law| LatencyStage::compile(path, law)),
            answer: answer.map(Arc::new),
            fault: step.fault.as_ref().map(fault_of),
            stream: Stream::named(&[path[0], path[1], "given"]),
        })
    }

    /// What is done to the response; none where the route's own faults are to be asked.
    pub(crate) fn action(&self, draw: &Draw, seen: &Seen) -> Option<Action> {
        match &self.fault {
            Some(fault) => Some(fault.decide(seen, &mut draw.dice(self.stream))),
            None => self.answer.is_some().then_some(Action::Serve),
        }
    }
}
