//! `capacity`: workers, the queue before them, and what comes of overflow.

use upstorm_model::scenario::{Capacity, Overflow};

use super::body::body;
use super::header::response_headers;
use super::http::status;
use super::law::law;
use super::limit::drawn_retry_after;
use super::table::TableReader;
use super::unit::some_time;
use super::value::{count, truth};
use crate::reading::Reading;
use crate::tree::Node;

/// The most workers, and the longest queue: more requests at once than one machine has connections.
const MOST: u32 = 1_000_000;

/// `capacity = { workers = 32, queue = 256, service = "20ms" }`.
pub(super) fn capacity(node: &Node, reading: &Reading<'_>) -> Option<Capacity> {
    let mut table = TableReader::open(node, "a capacity", reading)?;
    // None at all is a pause: whoever waits goes on waiting until a phase brings some.
    let workers = table.required("workers", count(0..=MOST));
    let queue = table.optional("queue", count(0..=MOST)).unwrap_or_default();
    let service = table.optional("service", law);
    let overflow = table.optional("overflow", overflow).unwrap_or_default();
    let ignore_disconnect = table.optional("ignore_disconnect", truth).unwrap_or_default();
    let finish_begun = table.optional("finish_begun", truth).unwrap_or_default();
    if ignore_disconnect && finish_begun {
        let message = "what ignores who leaves finishes all that it has, begun or not";
        table.conflict(("ignore_disconnect", "finish_begun"), message);
    }
    let deadline = table.optional("deadline", some_time);
    table.finish();
    Some(Capacity { workers: workers?, queue, service, overflow, ignore_disconnect, finish_begun, deadline })
}

fn overflow(node: &Node, reading: &Reading<'_>) -> Option<Overflow> {
    let mut table = TableReader::open(node, "the overflow of a capacity", reading)?;
    let mut overflow = Overflow::default();
    table.lay("status", &mut overflow.status, status);
    overflow.retry_after = table.optional("retry_after", drawn_retry_after);
    table.lay("headers", &mut overflow.headers, response_headers);
    overflow.body = table.optional("body", body);
    table.finish();
    Some(overflow)
}
