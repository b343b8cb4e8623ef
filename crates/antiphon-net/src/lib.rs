//! libp2p: discovery, connections, frames of bytes; the clock thread.
#![forbid(unsafe_code)]
