//! Updates: an attempt that reads, and writes from what it has read.
//!
//! A write that was refused because somebody else wrote first (412) cannot simply be sent again: it must be made anew,
//! from what is there now. So both requests together are one attempt, below the policies: a retry reads again, a
//! timeout holds for both, a breaker counts them once. The version that the read was answered with (`ETag`, RFC 9110
//! section 8.8.3) goes with the write (`If-Match`, section 13.1.1); a read that was answered without one is followed by
//! a write without one, and a read that was no success by none: its answer is the attempt's. Whether 412 is a reason to
//! try again is the policy's to say (`retry_on`).

use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::Method;
use http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use http_body_util::BodyExt;
use tower::Service;
use upstorm_policy::{Failure, Replay};

use crate::body::OutBody;
use crate::headers::IDEMPOTENCY_KEY;
use crate::outbound::{Outbound, Part};
use crate::wire::{Answered, Wire};

/// Makes two requests of an update, and one of anything else.
#[derive(Debug, Clone)]
pub(super) struct Updates(pub(super) Wire);

impl Service<Box<Outbound>> for Updates {
    type Response = Answered;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Answered, Failure>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, outbound: Box<Outbound>) -> Self::Future {
        if outbound.part != Part::Update {
            return self.0.call(outbound);
        }
        let mut wire = self.0.clone();
        Box::pin(async move {
            let Some(read) = read_of(&outbound) else { return wire.call(outbound).await };
            let mut read = wire.call(Box::new(read)).await?;
            if !read.status().is_success() {
                return Ok(read);
            }
            // Nothing is written from half of what was there.
            while let Some(frame) = read.body_mut().frame().await {
                frame?;
            }
            let mut write = outbound;
            write.part = Part::Write;
            write.headers.remove(IF_MATCH);
            write.headers.extend(read.headers_mut().remove(ETAG).map(|version| (IF_MATCH, version)));
            wire.call(write).await
        })
    }
}

/// The read of an update; none where its write cannot be copied.
fn read_of(write: &Outbound) -> Option<Outbound> {
    let mut read =
        Outbound { method: Method::GET, body: OutBody::EMPTY, part: Part::Read, ..write.replay()? };
    for header in [IF_MATCH, IDEMPOTENCY_KEY, CONTENT_TYPE] {
        read.headers.remove(header);
    }
    Some(read)
}
