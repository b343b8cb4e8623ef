//! Undo of my own edits, field by field.
//!
//! An entry remembers what each field held before and after, and *which operation* said so. It is undone
//! only where the field still says what the entry made it say: a field that somebody else has written
//! since is left alone. An undo writes the old value anew, as an operation of its own; `aliases` remembers
//! which operation it stands for, so that undoing further back still recognises its own work, and work of
//! others that was uncovered by an undo stays theirs. Entries name operations by what they stand for, so
//! one look is enough however often a field went back and forth.
//!
//! Every change says in its message what kind of deed it was, so that [`Recall`](crate::recall::Recall)
//! finds the same stacks again in the changes of earlier runs.

use std::collections::{HashMap, VecDeque};

use crate::{
    ids::OpId,
    limits::{LABEL_BYTES_MAX, UNDO_ENTRIES_MAX},
    moment::{self, MOMENT_BYTES_MAX},
    raw::Scalar,
    schema,
    writes::Write,
};

/// One field of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) path: Vec<String>,
    pub(crate) key: String,
    pub(crate) before: Option<Scalar>,
    /// The operation that said `before`, or that it stands for.
    pub(crate) before_op: Option<OpId>,
    pub(crate) after: Scalar,
    /// The operation that says `after`, or that it stands for.
    pub(crate) after_op: Option<OpId>,
}

/// One edit that can be undone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) fields: Vec<Field>,
}

/// Which way through the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Back,
    Forth,
}

impl Way {
    pub(crate) fn deed(self) -> Deed<'static> {
        match self {
            Self::Back => Deed::Undo,
            Self::Forth => Deed::Redo,
        }
    }
}

/// What a change is to undo, told by its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed<'a> {
    /// Nothing that anybody undoes: no message.
    Other,
    /// An edit and its label, which is never one of the two words below.
    Edit(&'a str),
    Undo,
    Redo,
}

const UNDO: &str = "undo";
const REDO: &str = "redo";

impl<'a> Deed<'a> {
    pub(crate) fn of_message(message: Option<&'a str>) -> Self {
        match message.map(|message| moment::split(message).0) {
            None => Self::Other,
            Some(UNDO) => Self::Undo,
            Some(REDO) => Self::Redo,
            Some(label) => Self::Edit(label),
        }
    }

    pub(crate) fn message(self) -> Option<String> {
        match self {
            Self::Other => None,
            Self::Edit(label) => Some(cut(label).to_owned()),
            Self::Undo => Some(UNDO.to_owned()),
            Self::Redo => Some(REDO.to_owned()),
        }
    }
}

/// A label as far as a change carries it, with room for a moment behind it.
fn cut(label: &str) -> &str {
    let bytes = LABEL_BYTES_MAX - MOMENT_BYTES_MAX;
    label.get(..label.floor_char_boundary(bytes)).unwrap_or_default()
}

/// What I did, and what I undid.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    done: VecDeque<Entry>,
    undone: Vec<Entry>,
    /// An operation written by undo or redo, and the one that it stands for.
    aliases: HashMap<OpId, Option<OpId>>,
}

impl Undo {
    /// A new edit of mine, which wrote `fields`: what was undone before cannot be redone any more. `added` is
    /// the track that it made.
    pub(crate) fn edited(&mut self, label: &str, mut fields: Vec<Field>, added: Option<&[String]>) {
        self.undone.clear();
        if let Some(added) = added {
            // What was added goes by being marked, so that what others put into it meanwhile can return.
            fields.retain(|field| field.path == added && field.key == schema::DELETED);
            fields.iter_mut().for_each(|field| field.before = Some(Scalar::Bool(true)));
        }
        fields.retain(|field| {
            let changes = field.before.as_ref() != Some(&field.after);
            if !changes && field.after_op != field.before_op {
                // It won over a rival without showing anything else: it speaks for the one it repeats.
                self.stands_for(field.after_op, field.before_op, None);
            }
            // A field that said so before is not this edit's to take back.
            changes
        });
        if !fields.is_empty() {
            self.keep(Entry { label: cut(label).to_owned(), fields });
        }
    }

    fn keep(&mut self, entry: Entry) {
        if self.done.len() >= UNDO_ENTRIES_MAX {
            self.done.pop_front();
        }
        self.done.push_back(entry);
    }

    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn label(&self, way: Way) -> Option<&str> {
        let entry = match way {
            Way::Back => self.done.back(),
            Way::Forth => self.undone.last(),
        };
        entry.map(|entry| entry.label.as_str())
    }

    /// Takes the next entry of that way.
    pub(crate) fn take(&mut self, way: Way) -> Option<Entry> {
        match way {
            Way::Back => self.done.pop_back(),
            Way::Forth => self.undone.pop(),
        }
    }

    /// Puts an entry that was carried out on the other side.
    pub(crate) fn carried_out(&mut self, entry: Entry, way: Way) {
        match way {
            Way::Back => self.undone.push(entry),
            Way::Forth => self.keep(entry),
        }
    }

    /// The operation that `op` stands for.
    pub(crate) fn meaning(&self, op: Option<OpId>) -> Option<OpId> {
        match op {
            Some(op) => self.aliases.get(&op).copied().unwrap_or(Some(op)),
            None => None,
        }
    }

    /// `op` was written by an undo or redo over `replaced` and stands for `original`.
    ///
    /// What it replaced never shows again, so there is one alias per field that was ever undone.
    pub(crate) fn stands_for(&mut self, op: Option<OpId>, original: Option<OpId>, replaced: Option<OpId>) {
        if let Some(replaced) = replaced {
            self.aliases.remove(&replaced);
        }
        if let Some(op) = op {
            self.aliases.insert(op, original);
        }
    }
}

impl Field {
    /// What the field must say now for this entry to be carried out.
    pub(crate) fn expected(&self, way: Way) -> Option<OpId> {
        match way {
            Way::Back => self.after_op,
            Way::Forth => self.before_op,
        }
    }

    /// Somebody wrote here at the same time and lost: without my write, theirs is what shows.
    pub(crate) fn uncovers(&mut self, value: Scalar, op: Option<OpId>) {
        self.before = Some(value);
        self.before_op = op;
    }

    /// What it is to say.
    pub(crate) fn wanted(&self, way: Way) -> (Option<&Scalar>, Option<OpId>) {
        match way {
            Way::Back => (self.before.as_ref(), self.before_op),
            Way::Forth => (Some(&self.after), self.after_op),
        }
    }

    /// A field as an edit is about to write it.
    pub(crate) fn about_to(write: &Write, before: Option<Scalar>, before_op: Option<OpId>) -> Self {
        Self {
            path: write.path.clone(),
            key: write.key.clone(),
            before,
            before_op,
            after: write.value.clone(),
            after_op: None,
        }
    }
}
