//! The recording: what callers asked, what the upstream saw, and marks. All that checks may read.
//!
//! Append-only and streamed, so that a killed run can be judged up to where it got. Records are encoded in
//! frames with a checksum ([`codec`]); files and threads are the world's business.

mod attempt;
mod call;
pub mod codec;
mod held;
mod mark;
mod method;
mod updates;
mod whole;

pub use attempt::{Admission, Attempt, Connection, ConnectionFate, End, Fate, Hint, Keys, Origin};
pub use call::{Call, CallId, Outcome};
pub use codec::{DecodeError, Decoder, Encoder, Header};
pub use held::{Held, Holder};
pub use mark::{Annotation, Change, Mark, MarkKind};
pub use method::Method;
pub use updates::Updates;
pub use whole::{Record, Recording};
