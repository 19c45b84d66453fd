//! The report model: what `results.json` holds, and how it is drawn from a plan, a recording and findings.
//!
//! A pure function of its input, linear in the calls and attempts: the same recording gives the same bytes on any
//! machine, so no wall-clock time is in it. The one exception is [`Pace`], which is handed in and must be left out of any
//! comparison. Changes are additive: a field may be added, none renamed or removed.

mod behaviour;
mod digest;
mod document;
mod edge;
mod fidelity;
mod host;
mod injected;
mod input;
mod latency;
mod mix;
mod note;
mod pace;
mod phase;
mod span;
mod spectrum;
mod timeline;

pub use behaviour::{BehaviourRow, StatusShare};
pub use digest::RecordingDigest;
pub use document::{Partial, RESULTS_VERSION, Results, Tool};
pub use edge::EdgeRow;
pub use fidelity::{DelayQuantiles, DelayRow, Fidelity, LoadRow, Noise};
pub use host::{HostRole, HostRow};
pub use injected::InjectedRow;
pub use input::ResultsInput;
pub use latency::Latencies;
pub use mix::MixSeries;
pub use note::{Note, NoteKind};
pub use pace::Pace;
pub use phase::PhaseRow;
pub use span::{Band, BandKind, Partition};
pub use spectrum::{SlowCall, Spectrum, SpectrumPoint};
pub use timeline::{EdgeSeries, Timeline};
