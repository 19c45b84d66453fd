//! The reference client as the load engine calls it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use upstorm_load::{CallResult, Caller, OutgoingCall};
use upstorm_reference::{Client, Outgoing};

/// A client population's way out: each call goes through the reference client's policies.
#[derive(Debug)]
pub(crate) struct ReferenceCaller(pub(crate) Arc<Client>);

impl Caller for ReferenceCaller {
    fn call(&self, call: OutgoingCall) -> Pin<Box<dyn Future<Output = CallResult> + Send>> {
        let client = Arc::clone(&self.0);
        Box::pin(async move {
            let outgoing = Outgoing { id: call.id, request: call.request, timeout_at: call.timeout_at };
            let answer = client.call(outgoing).await;
            CallResult { outcome: answer.outcome, bytes: answer.bytes, made: answer.made }
        })
    }
}
