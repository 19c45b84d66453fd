//! The limit on open files, raised as far as the system lets us.
//!
//! A storm of retries opens a connection a try, two descriptors each on one machine; the usual soft limit of
//! 1,024 would fail the harness, not the subject.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit on open files to the hard one. Where that is refused, the old limit stays, and
/// running out of descriptors is then reported by whoever meets it.
pub(super) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}
