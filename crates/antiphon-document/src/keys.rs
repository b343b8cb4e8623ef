//! The keys within the pages of a pattern: which step, chord note, lock or free note a value is about.
//!
//! Each key is written in one way only, so that no two keys mean the same thing: a key that is written another
//! way is a newer version's, kept and silent.

use antiphon_model::{NoteId, Param, Pitch, limits::STEPS_MAX};

use crate::{
    limits::NOTE_SHARDS,
    schema::{page_key, step_page},
};

/// One value of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepField {
    On,
    Velocity,
    Pitch,
    Length,
    Tie,
    Micro,
    Ratchet,
    Chance,
    Condition,
}

impl StepField {
    pub(crate) const ALL: [Self; 9] = [
        Self::On,
        Self::Velocity,
        Self::Pitch,
        Self::Length,
        Self::Tie,
        Self::Micro,
        Self::Ratchet,
        Self::Chance,
        Self::Condition,
    ];

    const fn letter(self) -> &'static str {
        match self {
            Self::On => "o",
            Self::Velocity => "v",
            Self::Pitch => "p",
            Self::Length => "l",
            Self::Tie => "t",
            Self::Micro => "m",
            Self::Ratchet => "r",
            Self::Chance => "c",
            Self::Condition => "i",
        }
    }
}

/// Stands between a step and the pitch of a chord note.
const CHORD: &str = "n";

pub(crate) fn step_key(step: u16, field: StepField) -> String {
    format!("{step}{}", field.letter())
}

pub(crate) fn chord_key(step: u16, pitch: Pitch) -> String {
    format!("{step}{CHORD}{}", pitch.get())
}

/// What the keys of a step's chord notes begin with.
pub(crate) fn chord_prefix(step: u16) -> String {
    format!("{step}{CHORD}")
}

pub(crate) fn lock_key(step: u16, param: Param) -> String {
    format!("{step}{}", param.key())
}

/// The step that a key in page `page` of the steps speaks of.
pub(crate) fn step_of_key(page: &str, key: &str) -> Option<u16> {
    let (step, rest) = split_step(page, key)?;
    let known = StepField::ALL.iter().any(|field| field.letter() == rest);
    (known || pitch_of(rest).is_some()).then_some(step)
}

/// The chord note that a key of the steps speaks of.
pub(crate) fn chord_of_key(page: &str, key: &str) -> Option<(u16, Pitch)> {
    let (step, rest) = split_step(page, key)?;
    Some((step, pitch_of(rest)?))
}

/// The lock that a key in page `page` of the locks speaks of.
pub(crate) fn lock_of_key(page: &str, key: &str) -> Option<(u16, Param)> {
    let (step, rest) = split_step(page, key)?;
    Some((step, Param::of_key(rest)?))
}

fn pitch_of(rest: &str) -> Option<Pitch> {
    let digits = rest.strip_prefix(CHORD)?;
    let pitch = Pitch::new(digits.parse().ok()?).ok()?;
    (pitch.get().to_string() == digits).then_some(pitch)
}

fn split_step<'a>(page: &str, key: &'a str) -> Option<(u16, &'a str)> {
    let (digits, rest) = key.split_at_checked(key.find(|c: char| !c.is_ascii_digit())?)?;
    let step: u16 = digits.parse().ok().filter(|step| *step < STEPS_MAX)?;
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && step_page(step) == page).then_some((step, rest))
}

/// One value of a free note. What it was made with stands in one value under its id alone, which keeps a paste
/// of a thousand notes within a change; what was changed since stands in its fields and merges one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoteField {
    Made,
    Start,
    Length,
    Pitch,
    Velocity,
    Deleted,
}

impl NoteField {
    pub(crate) const ALL: [Self; 6] =
        [Self::Made, Self::Start, Self::Length, Self::Pitch, Self::Velocity, Self::Deleted];

    const fn letter(self) -> &'static str {
        match self {
            Self::Made => "",
            Self::Start => "s",
            Self::Length => "l",
            Self::Pitch => "p",
            Self::Velocity => "v",
            Self::Deleted => "d",
        }
    }
}

/// Digits of a note's id.
const ID_DIGITS: usize = 32;

pub(crate) fn note_key(note: NoteId, field: NoteField) -> String {
    format!("{note}{}", field.letter())
}

/// The shard that holds a note, wherever the note moves.
pub(crate) fn note_shard(note: NoteId) -> String {
    let [first, ..] = *blake3::hash(&note.0).as_bytes();
    page_key(u16::from(first % NOTE_SHARDS))
}

/// The note that a key in shard `shard` speaks of.
pub(crate) fn note_of_key(shard: &str, key: &str) -> Option<NoteId> {
    let (digits, rest) = key.split_at_checked(ID_DIGITS)?;
    let note: NoteId = digits.parse().ok()?;
    let known = NoteField::ALL.iter().any(|field| field.letter() == rest);
    let canonical = !digits.bytes().any(|digit| digit.is_ascii_uppercase());
    (known && canonical && note_shard(note) == shard).then_some(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_back_to_what_it_is_about() {
        for step in 0..STEPS_MAX {
            let page = step_page(step);
            for field in StepField::ALL {
                assert_eq!(step_of_key(&page, &step_key(step, field)), Some(step));
            }
            for pitch in [-36, -1, 0, 36].map(Pitch::clamped) {
                let key = chord_key(step, pitch);
                assert_eq!(chord_of_key(&page, &key), Some((step, pitch)));
                assert_eq!(step_of_key(&page, &key), Some(step));
                assert!(key.starts_with(&chord_prefix(step)));
            }
            for param in Param::ALL {
                assert_eq!(lock_of_key(&page, &lock_key(step, param)), Some((step, param)));
            }
        }
        for n in 0..=255 {
            let note = NoteId([n; 16]);
            for field in NoteField::ALL {
                assert_eq!(note_of_key(&note_shard(note), &note_key(note, field)), Some(note));
            }
        }
    }

    #[test]
    fn keys_written_another_way_are_about_nothing() {
        for (page, key) in [
            ("0", "01o"),
            ("0", "17o"),
            ("0", "o"),
            ("0", "1x"),
            ("0", "+1o"),
            ("10", "256o"),
            ("0", ""),
            ("0", "1"),
            ("0", "1n"),
            ("0", "1n+4"),
            ("0", "1n04"),
            ("0", "1n-0"),
            ("0", "1n37"),
            ("0", "1nn4"),
        ] {
            assert_eq!(step_of_key(page, key), None, "{page}/{key}");
        }
        for (page, key) in [("0", "1Level"), ("0", "01level"), ("1", "1level"), ("0", "level"), ("0", "1o")] {
            assert_eq!(lock_of_key(page, key), None, "{page}/{key}");
        }
        let note = NoteId([0xab; 16]);
        let (shard, key) = (note_shard(note), note.to_string());
        assert_eq!(note_of_key("40", &key), None);
        for key in [key.to_uppercase(), format!("{key}x"), key[1..].to_owned(), format!("{}é", &key[1..])] {
            assert_eq!(note_of_key(&shard, &key), None, "{key}");
        }
    }
}
