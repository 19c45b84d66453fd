//! The small interface to network and time, its worlds, and the recorder.
//!
//! Upstreams, gateways, policies and callers see nothing but this interface, so the same code runs over real
//! sockets in real time and over a simulated network in virtual time. Only binding, connecting, the time,
//! sleeping and spawning are abstract. What is sent and why is left to the rooms above.

mod clock;
mod env;
mod hyper_io;
mod net;
pub mod real;
mod recorder;
pub mod simulated;
mod stream;

pub use clock::{Alarm, Clock, Sleep, TimedOut, Timeout};
pub use env::{Env, Spawn, World};
pub use hyper_io::{HyperExecutor, HyperTimer, hyper_io};
pub use net::{BindError, Blackhole, Listen, Listener, Net};
pub use recorder::{Recorder, RecorderError, RecordingFile, Tap, read_recording};
pub use stream::{Stream, Transport};
