//! An edit as the writes that it comes to in the document.

mod patterns;
mod scenes;
mod tracks;

use std::collections::BTreeMap;

use antiphon_model::{Edit, PatternId, PlayMode, Reshape, SampleInfo, SessionId, Song, TrackId, reshaped};

use crate::{
    codes,
    raw::{RawMap, Scalar},
    schema,
};
use patterns::PatternAt;

/// One value to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Write {
    /// The keys that lead to the map.
    pub(crate) path: Vec<String>,
    pub(crate) key: String,
    pub(crate) value: Scalar,
}

/// What an edit does to the document.
#[derive(Debug)]
pub(crate) struct Writes {
    /// What it is called in a tooltip: "step 5 of Kick".
    pub(crate) label: String,
    /// Maps made first, parents before children.
    pub(crate) makes: Vec<(Vec<String>, String)>,
    pub(crate) writes: Vec<Write>,
    /// Making a sample known is nothing that a person would undo.
    pub(crate) can_undo: bool,
    /// An addition is undone by marking what was added, never by taking its maps away.
    pub(crate) added: Option<Vec<String>>,
}

impl Writes {
    fn of(label: impl Into<String>, writes: Vec<Write>) -> Self {
        Self { label: label.into(), makes: Vec::new(), writes, can_undo: true, added: None }
    }

    /// What `edit` writes into the document `raw` of `song`.
    pub(crate) fn of_edit(edit: &Edit, song: &Song, raw: &RawMap) -> Self {
        let name_of = |track: &TrackId| track_name(song, *track);
        let pattern_at = |track: &TrackId, pattern: &PatternId| PatternAt::new(raw, *track, *pattern);
        match edit {
            Edit::RenameSession { name } => {
                Self::of("session name", vec![meta(schema::NAME, text(name.as_str()))])
            }
            Edit::SetTempo { tempo } => {
                let micro_bpm = i64::try_from(tempo.micro_bpm()).unwrap_or(i64::MAX);
                Self::of("tempo", vec![meta(schema::TEMPO, Scalar::Int(micro_bpm))])
            }
            Edit::SetSwing { swing } => Self::of("swing", vec![meta(schema::SWING, int(swing.get()))]),
            Edit::SetGroove { groove } => {
                Self::of("groove", vec![meta(schema::GROOVE, Scalar::Text(codes::groove_text(*groove)))])
            }
            Edit::SetSeed { seed } => Self::of("roll of the dice", vec![seed_write(*seed)]),
            Edit::SetMaster { gain } => {
                Self::of("master volume", vec![meta(schema::MASTER, int(gain.get()))])
            }
            Edit::SetFill { on, at } => {
                let fill = codes::switch_text(&song.fill.followed_by(*on, *at), codes::on_text);
                Self::of(if *on { "fill" } else { "end of the fill" }, vec![meta(schema::FILL, text(&fill))])
            }
            Edit::SetPlayMode { mode, at } => {
                let switch = song.mode.followed_by(*mode, *at);
                let value = codes::switch_text(&switch, |mode| mode.key().to_owned());
                let label = match mode {
                    PlayMode::Live => "playing live",
                    PlayMode::Chain => "playing the chain",
                };
                Self::of(label, vec![meta(schema::MODE, text(&value))])
            }
            Edit::Launch { patterns, at } => tracks::launch(song, patterns, *at),
            Edit::AddTrack { .. } => tracks::add(edit),
            Edit::RemoveTrack { track } => {
                Self::of(format!("removal of {}", name_of(track)), vec![tracks::deleted(*track, true)])
            }
            Edit::RestoreTrack { track } => {
                Self::of("return of a track", vec![tracks::deleted(*track, false)])
            }
            Edit::RenameTrack { track, name } => {
                Self::of(format!("name of {}", name_of(track)), vec![tracks::name(*track, name)])
            }
            Edit::SetTrackColour { track, colour } => {
                let write = tracks::value(*track, schema::COLOUR, int(colour.get()));
                Self::of(format!("colour of {}", name_of(track)), vec![write])
            }
            Edit::MoveTrack { track, order } => {
                let write = tracks::value(*track, schema::ORDER, text(order.as_str()));
                Self::of(format!("place of {}", name_of(track)), vec![write])
            }
            Edit::SetSound { track, sound } => {
                let write = tracks::value(*track, schema::SOUND, text(&sound.to_string()));
                Self::of(format!("sound of {}", name_of(track)), vec![write])
            }
            Edit::SetTrackSwing { track, swing } => {
                let value = swing.map_or(NOT_SET, |swing| int(swing.get()));
                let write = tracks::value(*track, schema::SWING, value);
                Self::of(format!("swing of {}", name_of(track)), vec![write])
            }
            Edit::SetTrackGroove { track, groove } => {
                let value = groove.map_or(NOT_SET, |groove| Scalar::Text(codes::groove_text(groove)));
                let write = tracks::value(*track, schema::GROOVE, value);
                Self::of(format!("groove of {}", name_of(track)), vec![write])
            }
            Edit::SetTrigger { track, trigger } => {
                let write = tracks::value(*track, schema::TRIGGER, text(trigger.key()));
                Self::of(format!("trigger mode of {}", name_of(track)), vec![write])
            }
            Edit::SetChoke { track, choke } => {
                let write = tracks::value(*track, schema::CHOKE, int(choke.get()));
                Self::of(format!("choke group of {}", name_of(track)), vec![write])
            }
            Edit::SetStrip { track, strip } => tracks::strip(*track, *strip, &name_of(track)),
            Edit::SetParam { track, param, value } => {
                let write = tracks::param(*track, *param, *value);
                Self::of(format!("{} of {}", param.key(), name_of(track)), vec![write])
            }
            Edit::SetPatternLength { track, pattern, length } => {
                let write = pattern_at(track, pattern).value(schema::LENGTH, int(length.get()));
                Self::of(format!("length of {}", name_of(track)), vec![write])
            }
            Edit::SetPatternSpeed { track, pattern, speed } => {
                let write = pattern_at(track, pattern).value(schema::SPEED, text(speed.key()));
                Self::of(format!("speed of {}", name_of(track)), vec![write])
            }
            Edit::SetHumanise { track, pattern, humanise } => {
                let write = pattern_at(track, pattern).value(schema::HUMANISE, int(humanise.get()));
                Self::of(format!("humanising of {}", name_of(track)), vec![write])
            }
            Edit::RenamePattern { track, pattern, name } => {
                let write = pattern_at(track, pattern).value(schema::NAME, text(name.as_str()));
                Self::of(format!("name of a pattern of {}", name_of(track)), vec![write])
            }
            Edit::SetSteps { track, pattern, steps } => {
                let at = pattern_at(track, pattern);
                let writes = steps.iter().flat_map(|(step, patch)| at.step(*step, *patch));
                let label = several(steps.iter().map(|(step, _)| *step), "step", "steps");
                Self::of(format!("{label} of {}", name_of(track)), last_of_each(writes))
            }
            Edit::SetChords { track, pattern, notes } => {
                let at = pattern_at(track, pattern);
                let writes = notes.iter().map(|(step, pitch, length)| at.chord(*step, *pitch, *length));
                let label = several(notes.iter().map(|(step, ..)| *step), "chord of step", "chords");
                Self::of(format!("{label} of {}", name_of(track)), last_of_each(writes))
            }
            Edit::SetLocks { track, pattern, locks } => {
                let at = pattern_at(track, pattern);
                let writes = locks.iter().map(|(step, param, value)| at.lock(*step, *param, *value));
                let label = several(locks.iter().map(|(step, ..)| *step), "lock of step", "locks");
                Self::of(format!("{label} of {}", name_of(track)), last_of_each(writes))
            }
            Edit::SetNotes { track, pattern, notes } => {
                let at = pattern_at(track, pattern);
                let Ok(before) = song.pattern(*track, *pattern) else { return Self::nothing() };
                let last: BTreeMap<_, _> = notes.iter().map(|(id, note)| (*id, *note)).collect();
                let label = match last.len() {
                    1 => "note".to_owned(),
                    several => format!("{several} notes"),
                };
                let writes =
                    last.into_iter().flat_map(|(id, note)| at.note(id, before.notes.get(id), note.as_ref()));
                Self::of(format!("{label} of {}", name_of(track)), writes.collect())
            }
            Edit::ClearPattern { track, pattern } => {
                let writes =
                    song.pattern(*track, *pattern).map(|before| pattern_at(track, pattern).clear(before));
                Self::of(format!("clearing of {}", name_of(track)), writes.unwrap_or_default())
            }
            Edit::Reshape { track, pattern, reshape } => {
                let label = format!("{} of {}", tool(*reshape), name_of(track));
                Self::change(label, song, raw, (*track, *pattern), |before| Some(reshaped(before, *reshape)))
            }
            Edit::SetPattern { track, pattern, content } => {
                let label = format!("pattern of {}", name_of(track));
                Self::change(label, song, raw, (*track, *pattern), |_| Some((**content).clone()))
            }
            Edit::CopyPattern { from, to } => {
                let label = format!("pattern of {} from {}", name_of(&to.0), name_of(&from.0));
                let source = || song.pattern(from.0, from.1).ok();
                Self::change(label, song, raw, *to, |_| Some((**source()?).clone()))
            }
            Edit::AddPattern { track, pattern, like } => {
                patterns::add(pattern_at(track, pattern), *pattern, like, &name_of(track))
            }
            Edit::RemovePattern { track, pattern } => {
                let name = song.pattern(*track, *pattern).map_or("", |pattern| pattern.name.as_str());
                let write = pattern_at(track, pattern).value(schema::DELETED, Scalar::Bool(true));
                Self::of(format!("removal of pattern {name} of {}", name_of(track)), vec![write])
            }
            Edit::AddScene { .. }
            | Edit::RemoveScene { .. }
            | Edit::RenameScene { .. }
            | Edit::MoveScene { .. }
            | Edit::SetSceneSlot { .. } => scenes::of_scene_edit(edit, song),
            Edit::AddLink { .. } | Edit::SetLink { .. } | Edit::RemoveLink { .. } => {
                scenes::of_link_edit(edit, song)
            }
            Edit::AddSample { sample, info } => add_sample(&sample.to_string(), info),
        }
    }

    /// Makes a pattern into what `wanted` says: only what differs is written.
    fn change(
        label: String,
        song: &Song,
        raw: &RawMap,
        (track, pattern): (TrackId, PatternId),
        wanted: impl FnOnce(&antiphon_model::Pattern) -> Option<antiphon_model::Pattern>,
    ) -> Self {
        let Ok(before) = song.pattern(track, pattern) else { return Self::nothing() };
        let Some(after) = wanted(before) else { return Self::nothing() };
        Self::of(label, PatternAt::new(raw, track, pattern).difference(before, &after))
    }

    /// For what the check of the edit has ruled out.
    fn nothing() -> Self {
        Self::of("nothing", Vec::new())
    }

    /// At least so many bytes the change will have.
    pub(crate) fn bytes_at_least(&self) -> usize {
        let write = |write: &Write| write.key.len() + write.value.bytes_at_least();
        self.writes.iter().map(write).sum()
    }
}

/// What a pattern tool is called when it is undone.
fn tool(reshape: Reshape) -> &'static str {
    match reshape {
        Reshape::Euclid { .. } => "Euclidean rhythm",
        Reshape::Rotate { .. } => "rotation",
        Reshape::Invert => "inversion",
        Reshape::Reverse => "reversal",
        Reshape::Mirror => "mirroring",
        Reshape::Transpose { .. } => "transposition",
        Reshape::Quantise { .. } => "quantising",
        Reshape::Block { .. } => "chord block",
    }
}

/// One step by its number, or how many there are. People count from one.
fn several(steps: impl Iterator<Item = u16>, one: &str, many: &str) -> String {
    let steps: Vec<u16> = steps.collect();
    match steps.as_slice() {
        [step] => format!("{one} {}", step + 1),
        steps => format!("{} {many}", steps.len()),
    }
}

fn track_name(song: &Song, track: TrackId) -> String {
    song.track(track).map_or_else(|| "a track".to_owned(), |track| track.name.as_str().to_owned())
}

/// The maps and values of a new session.
pub(crate) fn genesis(session: SessionId, name: &str, tempo: i64, created_at_ms: u64) -> Writes {
    let root = |key: &str| (Vec::new(), key.to_owned());
    let roots =
        [schema::META, schema::TRACKS, schema::SAMPLES, schema::TRANSPORT, schema::SCENES, schema::CHAIN];
    let mut makes: Vec<_> = roots.into_iter().map(root).collect();
    let pages = (0..u16::from(crate::limits::TRANSPORT_PAGES)).map(schema::page_key);
    makes.extend(pages.map(|page| (vec![schema::TRANSPORT.to_owned()], page)));
    let created = i64::try_from(created_at_ms).unwrap_or(i64::MAX);
    let writes = vec![
        meta(schema::SCHEMA, Scalar::Int(schema::SCHEMA_VERSION)),
        meta(schema::NAME, text(name)),
        meta(schema::TEMPO, Scalar::Int(tempo)),
        meta(schema::CREATED_AT, Scalar::Int(created)),
        seed_write(first_seed(session)),
    ];
    Writes { label: "session".into(), makes, writes, can_undo: false, added: None }
}

/// What a session's dice begin with. The session's id is random; hashed, the seed tells nobody what it is.
fn first_seed(session: SessionId) -> u64 {
    let hash = blake3::derive_key("antiphon 2026 first seed of a session v1", &session.0);
    hash.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// A timeline operation: its page follows from its bytes, so that pages fill alike on every peer.
pub(crate) fn timeline(timebase: u64, op: &[u8]) -> Writes {
    let hash = blake3::hash(op);
    let [page, ..] = *hash.as_bytes();
    let page = schema::page_key(u16::from(page % crate::limits::TRANSPORT_PAGES));
    let key = format!("{}{}", timeline_prefix(timebase), &hash.to_hex()[..16]);
    let path = vec![schema::TRANSPORT.to_owned(), page];
    let write = Write { path, key, value: Scalar::Bytes(op.to_vec()) };
    Writes { can_undo: false, ..Writes::of("transport", vec![write]) }
}

/// What the keys of a timebase's operations begin with.
pub(crate) fn timeline_prefix(timebase: u64) -> String {
    format!("{timebase:016x}.")
}

fn add_sample(id: &str, info: &SampleInfo) -> Writes {
    let path = vec![schema::SAMPLES.to_owned(), id.to_owned()];
    let whole = |number: u64| Scalar::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let write = |key: &str, value| Write { path: path.clone(), key: key.into(), value };
    let writes = vec![
        write(schema::NAME, text(info.name.as_str())),
        write(schema::FRAMES, whole(info.frames)),
        write(schema::CHANNELS, int(info.channels)),
        write(schema::BYTES, whole(info.bytes)),
    ];
    let makes = vec![(vec![schema::SAMPLES.to_owned()], id.to_owned())];
    let label = format!("sample {}", info.name.as_str());
    Writes { label, makes, writes, can_undo: false, added: None }
}

/// A drag that crosses a step twice means what it said last.
fn last_of_each(writes: impl Iterator<Item = Write>) -> Vec<Write> {
    let by_field = writes.map(|write| ((write.path.clone(), write.key.clone()), write));
    by_field.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// What stands where something was taken away again.
const NOT_SET: Scalar = Scalar::Bool(false);

fn meta(key: &str, value: Scalar) -> Write {
    Write { path: vec![schema::META.to_owned()], key: key.into(), value }
}

fn seed_write(seed: u64) -> Write {
    meta(schema::SEED, Scalar::Int(seed.cast_signed()))
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

fn int(number: impl Into<i64>) -> Scalar {
    Scalar::Int(number.into())
}
