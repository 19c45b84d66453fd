//! What makes one call and says how it ended: the border between load and HTTP.

use std::future::Future;
use std::pin::Pin;

use upstorm_model::Offset;
use upstorm_model::recording::{CallId, Outcome};

/// Makes calls.
pub trait Caller: Send + Sync {
    /// Makes a call and waits for its end, at most until `timeout_at`. Dropping the future abandons the call.
    fn call(&self, call: OutgoingCall) -> Pin<Box<dyn Future<Output = CallResult> + Send>>;
}

/// A call that is to be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutgoingCall {
    /// Its identity.
    pub id: CallId,
    /// An index into the client's kinds of request.
    pub request: u16,
    /// When it should have been sent.
    pub planned: Offset,
    /// When it is sent: now.
    pub sent: Offset,
    /// When the client stops waiting.
    pub timeout_at: Offset,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallResult {
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of the response body that arrived.
    pub bytes: u64,
    /// When the upstream made the response, where it said so.
    pub made: Option<Offset>,
}
