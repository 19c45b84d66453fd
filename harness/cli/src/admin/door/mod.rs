//! The door: listening, who may come in, and how much they may bring.

mod asked;
mod guard;
mod listener;
mod problem;
mod reply;

pub(crate) use asked::Asked;
pub(crate) use listener::listen;
pub(crate) use problem::{Misfit, Problem, ProblemView};
pub(crate) use reply::Reply;
