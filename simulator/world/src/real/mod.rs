//! The real world: sockets on loopback, and time from the operating system's monotonic clock.
