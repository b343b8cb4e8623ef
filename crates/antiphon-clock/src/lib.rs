//! The session clock from ping samples: offset, drift, error bound.
#![forbid(unsafe_code)]
