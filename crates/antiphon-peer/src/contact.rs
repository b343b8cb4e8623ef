//! Other peers as far as this one knows them.

use antiphon_identity::PeerId;
use antiphon_model::{Name, SessionId};

use crate::wire::{Hello, PROTOCOL_VERSION};

/// A connected peer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contact {
    pub(crate) hello: Option<Hello>,
    pub(crate) standing: Standing,
}

/// Where I stand with the session that a peer shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Standing {
    #[default]
    Stranger,
    Asking,
    Refused {
        reason: String,
    },
    Member,
}

/// A peer that is connected and shows itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearby {
    pub peer: PeerId,
    pub name: String,
    pub session: Option<(SessionId, String)>,
    pub standing: Standing,
    /// How its versions differ from ours, in words.
    pub differs: Option<String>,
}

impl Contact {
    /// The session that this peer has open.
    pub(crate) fn session(&self) -> Option<SessionId> {
        self.hello.as_ref()?.session.as_ref().map(|open| SessionId(open.id))
    }

    /// The name it gives, made safe to show; `None` before its hello.
    pub(crate) fn name(&self) -> Option<String> {
        self.hello.as_ref().map(|hello| Name::repaired(&hello.name, "Someone").as_str().to_owned())
    }

    /// How its versions differ from ours, in words for people.
    pub(crate) fn differs(&self, engine: u32) -> Option<String> {
        let hello = self.hello.as_ref()?;
        if hello.protocol != PROTOCOL_VERSION {
            return Some(format!(
                "speaks protocol {}, this one {PROTOCOL_VERSION}: you cannot jam until both run the same version",
                hello.protocol
            ));
        }
        (hello.engine != engine).then(|| {
            format!("has sound engine {}, this one {engine}: edits and time are shared, but it may sound a little different", hello.engine)
        })
    }

    /// Can the two jam?
    pub(crate) fn is_compatible(&self) -> bool {
        self.hello.as_ref().is_some_and(|hello| hello.protocol == PROTOCOL_VERSION)
    }

    pub(crate) fn nearby(&self, peer: PeerId, engine: u32) -> Option<Nearby> {
        let hello = self.hello.as_ref()?;
        let session = hello.session.as_ref().map(|open| {
            (SessionId(open.id), Name::repaired(&open.name, "Untitled session").as_str().to_owned())
        });
        let name = self.name()?;
        Some(Nearby { peer, name, session, standing: self.standing.clone(), differs: self.differs(engine) })
    }
}
