//! One peer as a state machine.
#![forbid(unsafe_code)]
