//! sled: changes, samples, beats, keys.
#![forbid(unsafe_code)]
