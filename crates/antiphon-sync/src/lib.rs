//! Replication of documents, presence and samples; the gate.
#![forbid(unsafe_code)]
