//! Evidence, statistics, one file a check.
