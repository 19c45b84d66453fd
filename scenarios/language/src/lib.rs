//! The scenario language: TOML to scenario to plan, with diagnostics, JSON Schema and the built-in library.
