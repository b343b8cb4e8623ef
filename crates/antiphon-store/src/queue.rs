//! Submissions that are not durable yet, laid over the database.
//!
//! The queue is a map from key to the newest value, each with the ticket that brought it. The writer commits
//! the whole map at once: the state after its newest ticket, so a batch is never split. Readers look here
//! first, so what was submitted is seen at once, also while the disk is full.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use antiphon_model::SessionId;

use crate::{limits::QUEUE_BYTES_MAX, writer::Ticket};

#[derive(Debug, Default)]
pub(crate) struct Queue {
    entries: BTreeMap<Arc<[u8]>, Entry>,
    bytes: usize,
    /// The ticket given last.
    submitted: Ticket,
    /// Where the next change of a session goes, for sessions appended to since opening.
    next_change: HashMap<SessionId, u64>,
}

#[derive(Debug, Clone)]
struct Entry {
    ticket: Ticket,
    /// `None` deletes.
    value: Option<Arc<[u8]>>,
}

/// Key and new value of one write.
pub(crate) type Change = (Arc<[u8]>, Option<Arc<[u8]>>);

impl Queue {
    pub(crate) fn submitted(&self) -> Ticket {
        self.submitted
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.bytes.saturating_add(bytes) <= QUEUE_BYTES_MAX
    }

    /// Takes the writes of one batch.
    pub(crate) fn push(&mut self, changes: Vec<Change>) -> Ticket {
        self.submitted = self.submitted.next();
        for (key, value) in changes {
            self.bytes += size(&key, value.as_deref());
            let entry = Entry { ticket: self.submitted, value };
            if let Some(old) = self.entries.insert(key.clone(), entry) {
                self.bytes -= size(&key, old.value.as_deref());
            }
        }
        self.submitted
    }

    /// Everything that waits, and the ticket it reaches.
    pub(crate) fn snapshot(&self) -> (Ticket, Vec<Change>) {
        let changes = self.entries.iter().map(|(key, entry)| (key.clone(), entry.value.clone())).collect();
        (self.submitted, changes)
    }

    /// What was submitted up to `ticket` is durable now.
    pub(crate) fn settle(&mut self, ticket: Ticket) {
        let bytes = &mut self.bytes;
        self.entries.retain(|key, entry| {
            let waits = entry.ticket > ticket;
            if !waits {
                *bytes -= size(key, entry.value.as_deref());
            }
            waits
        });
    }

    /// The waiting value of a key: `Some(None)` where it is to be deleted.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Option<Arc<[u8]>>> {
        self.entries.get(key).map(|entry| entry.value.clone())
    }

    /// The waiting writes under a prefix, in order.
    pub(crate) fn under(&self, prefix: &[u8]) -> Vec<Change> {
        self.entries
            .range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, entry)| (key.clone(), entry.value.clone()))
            .collect()
    }

    pub(crate) fn next_change(&self, session: SessionId) -> Option<u64> {
        self.next_change.get(&session).copied()
    }

    pub(crate) fn set_next_change(&mut self, session: SessionId, index: u64) {
        self.next_change.insert(session, index);
    }
}

fn size(key: &[u8], value: Option<&[u8]>) -> usize {
    // What the map itself costs an entry, so that millions of tiny ones are bounded too.
    const ENTRY_BYTES: usize = 96;
    ENTRY_BYTES + key.len() + value.map_or(0, <[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::Queue;

    fn change(key: &str, value: Option<&str>) -> super::Change {
        (key.as_bytes().into(), value.map(|value| value.as_bytes().into()))
    }

    #[test]
    fn settling_keeps_what_was_submitted_since() {
        let mut queue = Queue::default();
        let first = queue.push(vec![change("a", Some("1")), change("b", Some("1"))]);
        let (reached, _) = queue.snapshot();
        assert_eq!(reached, first);
        queue.push(vec![change("a", Some("2"))]);
        queue.settle(reached);
        assert_eq!(queue.get(b"a").unwrap().as_deref(), Some(b"2".as_slice()));
        assert!(queue.get(b"b").is_none());
        queue.settle(queue.submitted());
        assert!(queue.is_empty());
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn a_prefix_finds_its_own_keys_only() {
        let mut queue = Queue::default();
        queue.push(vec![change("a", None), change("ab", Some("1")), change("ac", None), change("b", None)]);
        let keys: Vec<_> = queue.under(b"a").into_iter().map(|(key, _)| key.to_vec()).collect();
        assert_eq!(keys, [b"a".to_vec(), b"ab".to_vec(), b"ac".to_vec()]);
    }
}
