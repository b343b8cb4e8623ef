//! The immutable signed beat: canonical bytes, hash, signature, lineage.
#![forbid(unsafe_code)]
