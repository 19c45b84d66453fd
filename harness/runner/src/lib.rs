//! The story of one run: topology, subjects, perform and judge.
