//! Carrying undo and redo out in the document.

use automerge::transaction::Transactable;

use crate::{
    commit::object,
    document::{ApplyError, LocalChange, SessionDocument},
    undo::{Entry, Field, Way},
};

impl SessionDocument {
    /// Entries of which nothing is left are passed over, so that one press does something.
    pub(crate) fn rewind(&mut self, way: Way, now_ms: u64) -> Option<LocalChange> {
        while let Some(entry) = self.undo.take(way) {
            let Entry { label, fields } = entry;
            let fields = fields.into_iter().filter_map(|field| self.still_mine(field, way)).collect();
            let entry = Entry { label, fields };
            let Ok(change) = self.write_back(&entry, way, now_ms) else { continue };
            self.undo.carried_out(entry, way);
            return Some(change);
        }
        None
    }

    /// The field, if it still says what this entry left it saying.
    fn still_mine(&self, mut field: Field, way: Way) -> Option<Field> {
        let said = self.said(&field.path, &field.key);
        if self.undo.meaning(said.op) != field.expected(way) {
            return None;
        }
        if let (Way::Back, Some((value, op))) = (way, said.rival) {
            let op = self.undo.meaning(Some(op));
            field.uncovers(value, op);
        }
        // Where that is what shows anyway, nothing would be undone.
        (field.before.as_ref() != Some(&field.after)).then_some(field)
    }

    fn write_back(&mut self, entry: &Entry, way: Way, now_ms: u64) -> Result<LocalChange, ApplyError> {
        let replaced: Vec<_> =
            entry.fields.iter().map(|field| self.said(&field.path, &field.key).op).collect();
        let touched = self.transact(now_ms, way.deed(), |tx, raw| {
            for field in &entry.fields {
                let object = object(raw, &field.path)?;
                match field.wanted(way).0 {
                    Some(value) => tx.put(&object, field.key.as_str(), value.to_automerge())?,
                    None => tx.delete(&object, field.key.as_str())?,
                }
            }
            Ok(())
        })?;
        for (field, replaced) in entry.fields.iter().zip(replaced) {
            let now = self.said(&field.path, &field.key).op;
            self.undo.stands_for(now, field.wanted(way).1, replaced);
        }
        self.change_made(entry.label.clone(), touched)
    }
}
