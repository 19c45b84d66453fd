//! The report model, timeline and comparison; one renderer a file.
