//! Runs a peer: performs its effects with the io crates.
#![forbid(unsafe_code)]
