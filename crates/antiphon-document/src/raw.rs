//! The document as plain maps: a mirror that follows patches, so that no edit costs a whole read.
//!
//! Only what a song can be made of is mirrored: text, whole numbers, truth values, bytes and maps. Anything
//! else (floats, lists, counters, of which a peer might send some) is left out here, in one place, so that
//! repair never meets a value it has no musical meaning for.

use std::{collections::BTreeMap, ops::Bound};

use antiphon_model::TrackId;
use automerge::{Automerge, ObjId, ObjType, Patch, PatchAction, Prop, ReadDoc, ScalarValue, Value};

use crate::{keys, schema, touched::Touched};

/// A value of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    Bool(bool),
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// What stands under a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Scalar(Scalar),
    Map(RawMap),
}

/// A map of the document and the object that it mirrors.
#[derive(Debug, Clone)]
pub struct RawMap {
    pub(crate) id: ObjId,
    entries: BTreeMap<String, Entry>,
}

/// Two mirrors are equal when they say the same, whichever objects say it.
impl PartialEq for RawMap {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

/// The whole document; what repair reads.
pub type RawSong = RawMap;

impl Scalar {
    pub(crate) fn read(value: &ScalarValue) -> Option<Self> {
        match value {
            ScalarValue::Boolean(on) => Some(Self::Bool(*on)),
            ScalarValue::Int(number) | ScalarValue::Timestamp(number) => Some(Self::Int(*number)),
            ScalarValue::Uint(number) => i64::try_from(*number).ok().map(Self::Int),
            ScalarValue::Str(text) => Some(Self::Text(text.to_string())),
            ScalarValue::Bytes(bytes) => Some(Self::Bytes(bytes.clone())),
            _ => None,
        }
    }

    /// A lower bound of what it takes in a change.
    pub(crate) fn bytes_at_least(&self) -> usize {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) => 1,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    pub(crate) fn to_automerge(&self) -> ScalarValue {
        match self {
            Self::Bool(on) => ScalarValue::Boolean(*on),
            Self::Int(number) => ScalarValue::Int(*number),
            Self::Text(text) => ScalarValue::Str(text.as_str().into()),
            Self::Bytes(bytes) => ScalarValue::Bytes(bytes.clone()),
        }
    }
}

impl RawMap {
    /// A map with nothing in it that mirrors the root.
    pub fn new() -> Self {
        Self::mirroring(ObjId::Root)
    }

    fn mirroring(id: ObjId) -> Self {
        Self { id, entries: BTreeMap::new() }
    }

    /// The whole document as it is now.
    pub(crate) fn read(document: &Automerge) -> Self {
        Self::read_map(document, ObjId::Root)
    }

    fn read_map(document: &Automerge, id: ObjId) -> Self {
        let mut map = Self::mirroring(id.clone());
        for item in document.map_range(&id, ..) {
            let key = item.key.to_string();
            let child = item.id();
            let entry = match item.value.into_value() {
                Value::Object(ObjType::Map) => Some(Entry::Map(Self::read_map(document, child))),
                Value::Object(_) => None,
                Value::Scalar(scalar) => Scalar::read(&scalar).map(Entry::Scalar),
            };
            if let Some(entry) = entry {
                map.entries.insert(key, entry);
            }
        }
        map
    }

    /// The entries, by key.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), entry))
    }

    /// The map under `key`.
    pub fn map(&self, key: &str) -> Option<&Self> {
        match self.entries.get(key) {
            Some(Entry::Map(map)) => Some(map),
            _ => None,
        }
    }

    /// The maps in this map, by key.
    pub fn maps(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.entries().filter_map(|(key, entry)| match entry {
            Entry::Map(map) => Some((key, map)),
            Entry::Scalar(_) => None,
        })
    }

    /// The map at the end of `path`.
    pub fn at<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Option<&Self> {
        path.into_iter().try_fold(self, |map, key| map.map(key))
    }

    /// The value under `key`.
    pub fn scalar(&self, key: &str) -> Option<&Scalar> {
        match self.entries.get(key) {
            Some(Entry::Scalar(scalar)) => Some(scalar),
            _ => None,
        }
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        match self.scalar(key) {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn int(&self, key: &str) -> Option<i64> {
        match self.scalar(key) {
            Some(Scalar::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub fn bool(&self, key: &str) -> Option<bool> {
        match self.scalar(key) {
            Some(Scalar::Bool(on)) => Some(*on),
            _ => None,
        }
    }

    pub fn bytes(&self, key: &str) -> Option<&[u8]> {
        match self.scalar(key) {
            Some(Scalar::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// The entries whose keys begin so.
    pub(crate) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let from = self.entries.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(move |(key, _)| key.starts_with(prefix)).map(|(key, entry)| (key.as_str(), entry))
    }

    /// Sets a value; for raw songs that are built rather than read.
    pub fn put(&mut self, key: &str, value: Scalar) {
        self.entries.insert(key.to_owned(), Entry::Scalar(value));
    }

    /// The map under `key`, made when it is not there; for raw songs that are built rather than read.
    pub fn make(&mut self, key: &str) -> &mut Self {
        let entry = self.entries.entry(key.to_owned()).or_insert_with(|| Entry::Map(Self::new()));
        if matches!(entry, Entry::Scalar(_)) {
            *entry = Entry::Map(Self::new());
        }
        match entry {
            Entry::Map(map) => map,
            Entry::Scalar(_) => unreachable!("the entry was just made a map"),
        }
    }

    /// Follows what a transaction or a remote change did to the document and notes what it touched.
    pub(crate) fn follow(&mut self, patches: Vec<Patch>, touched: &mut Touched) {
        for patch in patches {
            let path: Vec<&str> = patch.path.iter().filter_map(|(_, prop)| map_key(prop)).collect();
            let Some(map) = self.at_mut(&path) else { continue };
            // A patch for an object that lost against a concurrent one is not about what is shown.
            if map.id != patch.obj {
                continue;
            }
            if let Some(key) = map.take_in(patch.action) {
                note(&path, &key, touched);
            }
        }
    }

    fn at_mut(&mut self, path: &[&str]) -> Option<&mut Self> {
        path.iter().try_fold(self, |map, key| match map.entries.get_mut(*key) {
            Some(Entry::Map(child)) => Some(child),
            _ => None,
        })
    }

    /// Takes one patch in; says which key it was about.
    fn take_in(&mut self, action: PatchAction) -> Option<String> {
        match action {
            PatchAction::PutMap { key, value: (value, id), .. } => {
                // The same map named again (it won a conflict): what is in it stays.
                if self.map(&key).is_some_and(|map| map.id == id) {
                    return None;
                }
                let entry = match value {
                    Value::Object(ObjType::Map) => Some(Entry::Map(Self::mirroring(id))),
                    Value::Object(_) => None,
                    Value::Scalar(scalar) => Scalar::read(&scalar).map(Entry::Scalar),
                };
                match entry {
                    Some(entry) => self.entries.insert(key.clone(), entry),
                    None => self.entries.remove(&key),
                };
                Some(key)
            }
            PatchAction::DeleteMap { key } => {
                self.entries.remove(&key);
                Some(key)
            }
            _ => None,
        }
    }
}

impl Default for RawMap {
    fn default() -> Self {
        Self::new()
    }
}

fn map_key(prop: &Prop) -> Option<&str> {
    match prop {
        Prop::Map(key) => Some(key),
        Prop::Seq(_) => None,
    }
}

/// Notes which part of the song the change of `key` in the map at `path` can be heard or seen in. A key that
/// this version knows nothing of is nothing that is heard.
fn note(path: &[&str], key: &str, touched: &mut Touched) {
    match path {
        [schema::META] => touched.song = true,
        [schema::TRANSPORT, _] => touched.transport = true,
        [schema::SAMPLES, ..] => touched.samples = true,
        [schema::SCENES, ..] => touched.scenes = true,
        [schema::CHAIN, ..] => touched.chain = true,
        [schema::TRACKS] => {
            let track = touch_track(key, touched);
            touched.new_tracks.extend(track);
        }
        [schema::TRACKS, track] => {
            let track = touch_track(track, touched);
            touched.samples |= key == schema::SOUND;
            touched.new_tracks.extend(track.filter(|_| key == schema::PATTERNS));
        }
        [schema::TRACKS, track, schema::PATTERNS] => touch_pattern(track, key, touched),
        [schema::TRACKS, track, schema::PATTERNS, pattern, inner @ ..] => {
            note_in_pattern(track, pattern, inner, key, touched);
        }
        [schema::TRACKS, track, ..] => drop(touch_track(track, touched)),
        _ => {}
    }
}

fn note_in_pattern(track: &str, pattern: &str, inner: &[&str], key: &str, touched: &mut Touched) {
    let step = match inner {
        [schema::STEPS, page] => keys::step_of_key(page, key),
        [schema::LOCKS, page] => keys::lock_of_key(page, key).map(|(step, _)| step),
        [schema::NOTES, shard] => {
            let note = keys::note_of_key(shard, key);
            if let (Ok(track), Ok(pattern), Some(note)) = (track.parse(), pattern.parse(), note) {
                touched.notes.entry((track, pattern)).or_default().insert(note);
            }
            return;
        }
        _ => return touch_pattern(track, pattern, touched),
    };
    if let (Ok(track), Ok(pattern), Some(step)) = (track.parse(), pattern.parse(), step) {
        touched.steps.entry((track, pattern)).or_default().insert(step);
    }
}

fn touch_pattern(track: &str, pattern: &str, touched: &mut Touched) {
    let track = touch_track(track, touched);
    if let (Some(track), Ok(pattern)) = (track, pattern.parse()) {
        touched.patterns.insert((track, pattern));
    }
}

fn touch_track(track: &str, touched: &mut Touched) -> Option<TrackId> {
    let track = track.parse().ok()?;
    touched.tracks.insert(track);
    Some(track)
}
