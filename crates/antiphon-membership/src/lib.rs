//! Who may do what in a session: the signed roster.
//!
//! A session begins with a [`Genesis`] that names its owner and is signed by the owner's device. The owner
//! then signs [`Grant`]s: this device has this role, under this grant id. A [`Roster`] is the verified set of
//! both. It is a pure function of that set: peers that hold the same records agree, whatever the order in
//! which the records came.
//!
//! - Signatures are checked over the bytes as stored or received; nothing is ever re-encoded to be verified.
//! - Where a device holds several grants, the one with the greatest `(issued_at_ms, id)` says its role.
//! - An Automerge actor belongs to one device under one grant ([`actor_id`]), so that every change in a
//!   document says under which right it was made, and a later right never borrows an earlier actor.
//!
//! # Growth
//! Each signed record starts with a version byte, and each kind has its own signature domain. `Close`,
//! `Checkpoint` and `Mode` will be further kinds. A record of an unknown version or kind is refused as
//! [`RosterError::TooNew`] rather than kept: what cannot be verified would be anybody's to stuff, and a peer
//! that cannot enforce a closed grant must say so instead of passing it on as if it did.
#![forbid(unsafe_code)]

pub mod limits;
mod record;
mod role;
mod roster;

pub use record::{Genesis, Grant, GrantId, RecordError, SignedGenesis, SignedGrant};
pub use role::Role;
pub use roster::{Roster, RosterError, actor_id};
