//! What lies on a stopped peer's disk, read as the product reads it.

use std::path::Path;

use antiphon_identity::DeviceKey;
use antiphon_membership::Roster;
use antiphon_store::Store;
use antiphon_sync::{SessionSync, SyncConfig};

/// The heads of a stored session: equal ones mean equal documents.
#[derive(Debug, PartialEq, Eq)]
pub struct Heads {
    pub heads: Vec<String>,
    pub changes: usize,
}

/// Reads them from a data folder that no process owns.
pub fn heads(folder: &Path, session: &str) -> Heads {
    let store = Store::open(folder).expect("a stopped peer's store opens");
    let id = session.parse().expect("a session id");
    let roster = store.roster(id).expect("the store can be read").expect("the roster is there");
    let roster = Roster::from_bytes(&roster).expect("the roster verifies");
    let envelopes = store.changes(id).expect("the store can be read").envelopes;
    let changes = envelopes.len();
    let key = DeviceKey::from_seed(&[1; 32]).into();
    let config = SyncConfig { key, actor_n: 1, engine_version: 1 };
    let (sync, restored) = SessionSync::restore(config, roster, envelopes);
    assert_eq!(restored.refused, 0, "stored changes are taken again");
    let mut heads: Vec<String> = sync.document().heads().iter().map(|head| format!("{head:?}")).collect();
    heads.sort();
    Heads { heads, changes }
}
