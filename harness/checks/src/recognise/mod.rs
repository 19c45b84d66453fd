//! Recognising: which family of backoff a row of waits shows, and with which settings.
//!
//! A subject that is no program of ours has no settings to hold its waits against; its documentation may be wrong or
//! missing. Its waits are seen all the same. Each family is fitted by maximum likelihood to all retry numbers at once,
//! with noise that grows with the wait, and then held against the waits by Kolmogorov–Smirnov: what does not fit is no
//! candidate, however close the others are. Of those that fit the likeliest is named, unless another one is about as
//! likely.
//!
//! - `courses`: the waits of each call, in order, as many as are looked at.
//! - `noise`: the edges of a uniform spread under noise: the likelihood that all fits use.
//! - `spread`: none, full, equal, proportional and additive jitter are one family, U(r·v, v), told apart by r.
//! - `growth`: how v grows with the retry number: constant, linear or exponential, and where it stops.
//! - `decorrelated`, `polly`: the two whose wait depends on the one before; that is seen, so nothing is averaged.
//! - `fit`: what a fitted family says of itself, and whether the waits agree.
//! - `naming`: the choice between them.

mod courses;
mod decorrelated;
mod fit;
mod growth;
mod naming;
mod noise;
mod polly;
mod spread;

pub(crate) use courses::Courses;
pub(crate) use fit::BLUR;
pub(crate) use naming::{LEAST, Named, UNLIKELY, name};

#[cfg(test)]
mod naming_test;
