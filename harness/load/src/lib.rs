//! Arrivals, open and closed loops, callers.
