//! The server that misbehaves on purpose.
