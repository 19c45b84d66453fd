//! Resilience policies: pure machines and their tower layers.
