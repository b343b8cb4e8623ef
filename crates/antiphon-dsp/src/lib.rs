//! Oscillators, envelopes, filters, ramps, meters.
#![forbid(unsafe_code)]
