//! What is to become durable together: all of a batch is there after a crash, or nothing of it.

use antiphon_model::SessionId;

use crate::record::{BeatRecord, SessionRecord};

/// Writes that belong together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub(crate) writes: Vec<Write>,
}

#[derive(Debug, Clone)]
pub(crate) enum Write {
    Session(SessionRecord),
    Change { session: SessionId, envelope: Vec<u8> },
    Roster { session: SessionId, bytes: Vec<u8> },
    Setting { key: String, value: Option<Vec<u8>> },
    Beat(BeatRecord),
    DeleteSession(SessionId),
    DeleteBeat([u8; 32]),
}

impl Batch {
    /// A batch without writes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has it nothing to write?
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Appends a signed change to a session's log.
    pub fn append(self, session: SessionId, envelope: Vec<u8>) -> Self {
        self.with(Write::Change { session, envelope })
    }

    /// Writes what the list shows of a session.
    pub fn put_session(self, record: SessionRecord) -> Self {
        self.with(Write::Session(record))
    }

    /// Writes a session's roster.
    pub fn put_roster(self, session: SessionId, bytes: Vec<u8>) -> Self {
        self.with(Write::Roster { session, bytes })
    }

    /// Writes a setting.
    pub fn set_setting(self, key: &str, value: Vec<u8>) -> Self {
        self.with(Write::Setting { key: key.to_owned(), value: Some(value) })
    }

    /// Forgets a setting.
    pub fn clear_setting(self, key: &str) -> Self {
        self.with(Write::Setting { key: key.to_owned(), value: None })
    }

    /// Enters a beat, whose file is written already, into the index.
    pub fn put_beat(self, record: BeatRecord) -> Self {
        self.with(Write::Beat(record))
    }

    /// Deletes a session's record, log and roster. Beats stay.
    pub fn delete_session(self, session: SessionId) -> Self {
        self.with(Write::DeleteSession(session))
    }

    /// Takes a beat out of the index.
    pub fn delete_beat(self, id: [u8; 32]) -> Self {
        self.with(Write::DeleteBeat(id))
    }

    fn with(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }
}
