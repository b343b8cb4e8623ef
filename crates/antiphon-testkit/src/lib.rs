//! Simulated network, virtual time, audio checks.
#![forbid(unsafe_code)]

pub mod sound;
