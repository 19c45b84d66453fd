//! Judges what a client or gateway does when its upstream misbehaves.
fn main() {}
