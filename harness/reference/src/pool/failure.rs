//! What a broken exchange means: hyper's and the network's errors by their kind, never by their text.
//!
//! The two worlds and the kernel agree on `io::ErrorKind`, and texts change between versions, so a policy that reads
//! texts treats the same failure differently from one day to the next.

use std::error::Error;
use std::io;

use upstorm_policy::Failure;

/// The failure behind an error of hyper's client.
pub(super) fn of_hyper(error: &hyper::Error) -> Failure {
    if error.is_parse() {
        return Failure::Malformed;
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Failure::Closed;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            return of_io(cause);
        }
        if let Some(cause) = cause.downcast_ref::<hyper::Error>() {
            return of_hyper(cause);
        }
        source = cause.source();
    }
    // hyper gives no cause when writing broke while the answer was being read.
    Failure::Reset
}

fn of_io(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Failure::Closed,
        // A wrong chunk size, for instance.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Failure::Malformed,
        _ => Failure::Reset,
    }
}
