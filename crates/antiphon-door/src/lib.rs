//! The ways into a running peer: folder lock, local socket, web gateway; attach or run.
#![forbid(unsafe_code)]
