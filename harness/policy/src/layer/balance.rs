//! Balance: each attempt goes to one of several replicas, and its end is told to the ejection.
//!
//! It stands above the timeouts, one for each replica, so that an attempt cut at its timeout counts against its replica and
//! a caller who left does not. What the balance and the ejection decide is theirs.

use std::sync::{Arc, Mutex};

use tower::ServiceExt;
use upstorm_model::policy::PolicySettings;

use super::{Around, Below, Layer, lock};
use crate::{Balance, BodyEnd, Ending, Failure, Outlier, Replay, Reply, Settle, Time, Turned};

#[derive(Debug)]
pub(crate) struct BalanceLayer<S, T> {
    replicas: Vec<S>,
    choice: Arc<Mutex<Choice>>,
    around: Around<T>,
}

#[derive(Debug)]
struct Choice {
    balance: Balance,
    outlier: Outlier,
}

/// An attempt at a replica. Dropped before its end, nobody heard it.
#[derive(Debug)]
struct Pending<T: Time> {
    choice: Arc<Mutex<Choice>>,
    around: Around<T>,
    replica: usize,
    /// The status of its head, once that is in.
    status: u16,
    over: bool,
}

impl<T: Time> Pending<T> {
    fn settle(&mut self, ending: Ending) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let now = self.around.time.now();
        let turned = {
            let mut choice = lock(&self.choice);
            choice.balance.done(self.replica);
            choice.outlier.settle(now, self.replica, ending)
        };
        announce(&self.around, &turned);
    }
}

impl<T: Time> Settle for Pending<T> {
    fn settled(mut self: Box<Self>, end: BodyEnd) {
        let status = self.status;
        self.settle(match end {
            BodyEnd::Complete => Ending::Answered(status),
            BodyEnd::Broke(failure) => failure.into(),
            BodyEnd::Dropped => Ending::Left,
        });
    }
}

impl<T: Time> Drop for Pending<T> {
    fn drop(&mut self) {
        self.settle(Ending::Left);
    }
}

fn announce<T: Time>(around: &Around<T>, turned: &[Turned]) {
    for one in turned {
        around.listener.on(one.at, one.event());
    }
}

impl<S, T: Time> BalanceLayer<S, T> {
    /// Over these replicas, at least one.
    pub(crate) fn new(settings: &PolicySettings, around: &Around<T>, replicas: Vec<S>) -> Self {
        let draws = (around.seed, around.name.as_str());
        let balance = Balance::new(settings.balance, replicas.len(), draws);
        let outlier = Outlier::new(&settings.outlier, replicas.len());
        let choice = Arc::new(Mutex::new(Choice { balance, outlier }));
        Self { replicas, choice, around: around.clone() }
    }

    fn pick(&self, call: u64, ordinal: u32) -> Pending<T> {
        let now = self.around.time.now();
        let (replica, turned) = {
            let mut choice = lock(&self.choice);
            let (among, turned) = choice.outlier.among(now);
            (choice.balance.pick(&among, call, ordinal), turned)
        };
        announce(&self.around, &turned);
        let (choice, around) = (self.choice.clone(), self.around.clone());
        Pending { choice, around, replica, status: 0, over: false }
    }
}

impl<S: Below<Req>, T: Time, Req: Replay> Layer<Req> for BalanceLayer<S, T> {
    type Reply = S::Response;

    async fn run(self: Arc<Self>, req: Req) -> Result<S::Response, Failure> {
        let mut pending = self.pick(req.call(), req.scope().ordinal);
        let Some(replica) = self.replicas.get(pending.replica).cloned() else {
            return Err(Failure::ConnectFailed);
        };
        let reply = match replica.oneshot(req).await {
            Ok(reply) => reply,
            Err(failure) => {
                pending.settle(failure.into());
                return Err(failure);
            }
        };
        pending.status = reply.status();
        // It is in flight until its last byte, and a body that breaks is a failure too.
        Ok(reply.guard(Box::new(pending)))
    }
}
