//! Decoding: from the spanned tree to the scenario, every error on the way told at its place.
//!
//! One file a table of the language. A decoder takes a value and gives what it says, or reports why it cannot and
//! gives nothing; nobody stops at the first error. What a key means is left to the model and the compiler.

mod body;
mod capacity;
mod check;
mod check_of_alert;
mod check_of_breaker;
mod check_of_recovery;
mod client;
mod connect;
mod ending;
mod fault;
mod flaw;
mod gateway;
mod header;
mod histogram;
mod hold;
mod http;
mod law;
mod law_sense;
mod limit;
mod matrix;
mod names;
mod network;
mod phase;
mod policy;
mod probes;
mod replica;
mod row;
mod run;
mod scenario;
mod script;
mod stall;
mod status;
mod table;
mod tally;
mod unit;
mod upstream;
mod value;
mod word;

pub(crate) use fault::fault;
pub(crate) use matrix::{Axis, AxisValue, SelectedBy, Selector, WrittenMatrix, matrix};
pub(crate) use scenario::decode_scenario;
pub(crate) use unit::time;
pub(crate) use upstream::lone_behaviour;
