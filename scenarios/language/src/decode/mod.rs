//! Decoding: from the spanned tree to the scenario, every error on the way told at its place.
//!
//! One file a table of the language. A decoder takes a value and gives what it says, or reports why it cannot and
//! gives nothing; nobody stops at the first error. What a key means is left to the model and the compiler.

mod body;
mod capacity;
mod check;
mod client;
mod connect;
mod fault;
mod header;
mod histogram;
mod http;
mod law;
mod law_sense;
mod limit;
mod names;
mod network;
mod phase;
mod policy;
mod run;
mod scenario;
mod stall;
mod status;
mod table;
mod unit;
mod upstream;
mod value;
mod word;

pub(crate) use scenario::decode_scenario;
