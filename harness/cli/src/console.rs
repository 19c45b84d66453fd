//! The two ways out: results to stdout, everything else to stderr. A closed pipe is the reader's choice, not an error.

use std::io::{self, IsTerminal, Write};

use crate::failure::Failure;

/// Writes a result to stdout.
///
/// # Errors
/// When it cannot be written, as on a full disk.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(newline.as_bytes()));
    match written.and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::harness(anyhow::anyhow!("cannot write to stdout: {e}")))
        }
        _ => Ok(()),
    }
}

/// Writes anything else to stderr.
pub(crate) fn tell(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { err.write_all(b"\n") });
}

/// Says what went wrong.
pub(crate) fn complain(message: &str) {
    if message.starts_with("error") { tell(message) } else { tell(&format!("error: {message}")) }
}

/// Whether stdout takes colour: a terminal, and `NO_COLOR` is not set.
pub(crate) fn stdout_in_colour() -> bool {
    io::stdout().is_terminal() && colour_allowed()
}

/// Whether stderr takes colour.
pub(crate) fn stderr_in_colour() -> bool {
    io::stderr().is_terminal() && colour_allowed()
}

fn colour_allowed() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
