//! What the list shows of a session, taken from the open one.

use antiphon_membership::Role;
use antiphon_peer::Peer;
use antiphon_store::SessionRecord;

/// The record of the open session.
pub(crate) fn of_open_session(peer: &Peer, edited_at_ms: u64) -> Option<SessionRecord> {
    let song = peer.song()?;
    Some(SessionRecord {
        id: peer.session()?,
        name: song.name.clone(),
        edited_at_ms,
        tracks: song.tracks.len() as u32,
        bpm: song.tempo.bpm(),
        role: match peer.role()? {
            Role::Owner => antiphon_store::Role::Owner,
            Role::Editor => antiphon_store::Role::Editor,
            Role::Listener => antiphon_store::Role::Listener,
        },
        parent: peer.parent(),
        forgotten: false,
    })
}
