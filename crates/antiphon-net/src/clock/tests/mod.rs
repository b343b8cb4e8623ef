//! The clock's thread with real sockets: hundred listeners, hostile datagrams, ways that open and close.

mod crossing;
mod crowd;
mod hostile;
pub(crate) mod room;
mod ways;
