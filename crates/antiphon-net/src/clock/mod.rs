//! The session clock's transport: a thread, a socket, and a stream per link to fall back to.
//!
//! To read in this order: [`thread`] owns everything; [`link`] is one peer's share of it; [`way`] decides between
//! datagrams and stream; [`offer`], [`seal`] and [`replay`] are what the datagrams rest on; [`socket`], [`stamp`],
//! [`waker`] and [`standstill`] are where it touches the system.

mod allowance;
pub(crate) mod counters;
pub(crate) mod desk;
mod link;
mod links;
pub(crate) mod offer;
mod priority;
mod replay;
mod seal;
pub(crate) mod socket;
mod stamp;
pub(crate) mod standstill;
pub(crate) mod stream;
pub(crate) mod thread;
mod waker;
pub(crate) mod way;

#[cfg(test)]
mod tests;
