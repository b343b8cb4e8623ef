//! Names of actors, changes and operations, as plain bytes.

use std::fmt;

use automerge::ObjId;

/// Who made a change: a device under one grant (`antiphon_membership::actor_id`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub [u8; 32]);

/// The SHA-256 by which a change is named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeHash(pub [u8; 32]);

/// An operation: the `counter`th of the document as its actor saw it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OpId {
    /// Grows along every path of dependencies.
    pub counter: u64,
    /// Who made it.
    pub actor: ActorId,
}

macro_rules! hex {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Eight digits tell actors and changes apart in a log; all of them only fill the line.
                let short = &self.0[..4];
                write!(f, concat!(stringify!($name), "("))?;
                short.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, ")")
            }
        }
    };
}
hex!(ActorId);
hex!(ChangeHash);

impl ActorId {
    /// The id as Automerge has it; `None` where it is not 32 bytes, which only a stranger's is.
    pub fn read(actor: &automerge::ActorId) -> Option<Self> {
        actor.to_bytes().try_into().ok().map(Self)
    }

    pub(crate) fn to_automerge(self) -> automerge::ActorId {
        automerge::ActorId::from(&self.0[..])
    }
}

impl From<automerge::ChangeHash> for ChangeHash {
    fn from(hash: automerge::ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl From<ChangeHash> for automerge::ChangeHash {
    fn from(hash: ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl OpId {
    /// The operation that made an object or wrote a value; `None` for the root.
    pub(crate) fn of(id: &ObjId) -> Option<Self> {
        match id {
            ObjId::Root => None,
            ObjId::Id(counter, actor, _) => Some(Self { counter: *counter, actor: ActorId::read(actor)? }),
        }
    }
}
