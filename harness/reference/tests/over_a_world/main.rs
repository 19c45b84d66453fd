//! The gateway and the client over a world, between a hand-made upstream and a hand-made caller.
//!
//! Both ends speak bytes, not a library's idea of HTTP: what hyper would put right unseen is what these tests are for.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod broken;
mod client;
mod forwarding;
mod own;
mod pool;
mod retries;
mod spared;
mod stage;
mod updates;
