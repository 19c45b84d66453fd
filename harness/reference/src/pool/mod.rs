//! The pool: kept-alive HTTP/1.1 connections to one host, never more than so many at once.
//!
//! Connections are expensive to make and must not be made without bound when an upstream stalls (a partition under
//! load otherwise holds tens of thousands). hyper-util's pooled client repeats requests on its own, behind the
//! retry policy's back, and costs more; so connections are held here by hand. What an error means for a retry is
//! left to the policies.

mod answer;
mod exchange;
mod failure;
mod lease;
mod line;

pub(crate) use answer::AnswerBody;
pub(crate) use exchange::{Pool, PoolSettings};
