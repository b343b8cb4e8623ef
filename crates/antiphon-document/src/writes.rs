//! An edit as the writes that it comes to in the document.

use std::collections::BTreeMap;

use antiphon_model::{Edit, SampleInfo, Song, StepPatch, StripPatch, TrackId};

use crate::{
    raw::Scalar,
    schema::{self, StepField},
};

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

    /// What `edit` writes into the document of `song`.
    pub(crate) fn of_edit(edit: &Edit, song: &Song) -> Self {
        let name_of = |track: &TrackId| {
            song.track(*track).map_or_else(|| "a track".to_owned(), |track| track.name.as_str().to_owned())
        };
        match edit {
            Edit::RenameSession { name } => {
                Self::of("session name", vec![meta(schema::NAME, text(name.as_str()))])
            }
            Edit::SetTempo { tempo } => {
                let micro_bpm = i64::try_from(tempo.micro_bpm()).unwrap_or(i64::MAX);
                Self::of("tempo", vec![meta(schema::TEMPO, Scalar::Int(micro_bpm))])
            }
            Edit::SetSwing { swing } => Self::of("swing", vec![meta(schema::SWING, int(swing.get()))]),
            Edit::SetMaster { gain } => {
                Self::of("master volume", vec![meta(schema::MASTER, int(gain.get()))])
            }
            Edit::AddTrack { .. } => add_track(edit),
            Edit::RemoveTrack { track } => {
                Self::of(format!("removal of {}", name_of(track)), vec![deleted(*track, true)])
            }
            Edit::RestoreTrack { track } => Self::of("return of a track", vec![deleted(*track, false)]),
            Edit::RenameTrack { track, name } => {
                let write = track_write(*track, schema::NAME, text(name.as_str()));
                Self::of(format!("name of {}", name_of(track)), vec![write])
            }
            Edit::SetTrackColour { track, colour } => {
                let write = track_write(*track, schema::COLOUR, int(colour.get()));
                Self::of(format!("colour of {}", name_of(track)), vec![write])
            }
            Edit::MoveTrack { track, order } => {
                let write = track_write(*track, schema::ORDER, text(order.as_str()));
                Self::of(format!("place of {}", name_of(track)), vec![write])
            }
            Edit::SetSound { track, sound } => {
                let write = track_write(*track, schema::SOUND, text(&sound.to_string()));
                Self::of(format!("sound of {}", name_of(track)), vec![write])
            }
            Edit::SetStrip { track, strip } => strip_writes(*track, *strip, &name_of(track)),
            Edit::SetPatternLength { track, pattern, length } => {
                let path = pattern_path(*track, *pattern);
                let write = Write { path, key: schema::LENGTH.into(), value: int(length.get()) };
                Self::of(format!("length of {}", name_of(track)), vec![write])
            }
            Edit::SetSteps { track, pattern, steps } => {
                let base = pattern_path(*track, *pattern);
                let writes = steps.iter().flat_map(|(step, patch)| step_writes(&base, *step, *patch));
                let writes = last_of_each(writes);
                let label = match steps.as_slice() {
                    [(step, _)] => format!("step {} of {}", step + 1, name_of(track)),
                    several => format!("{} steps of {}", several.len(), name_of(track)),
                };
                Self::of(label, writes)
            }
            Edit::ClearPattern { track, pattern } => {
                let base = pattern_path(*track, *pattern);
                let on = song.track(*track).and_then(|track| track.patterns.get(pattern));
                let on = on.into_iter().flat_map(|pattern| pattern.steps.iter().filter(|(_, step)| step.on));
                let off = StepPatch { on: Some(false), ..StepPatch::default() };
                let writes = on.flat_map(|(step, _)| step_writes(&base, *step, off)).collect();
                Self::of(format!("clearing of {}", name_of(track)), writes)
            }
            Edit::AddSample { sample, info } => add_sample(&sample.to_string(), info),
            _ => Self::of("nothing", Vec::new()),
        }
    }
}

/// The maps and values of a new session.
pub(crate) fn genesis(name: &str, tempo: i64, created_at_ms: u64) -> Writes {
    let root = |key: &str| (Vec::new(), key.to_owned());
    let mut makes: Vec<_> =
        [schema::META, schema::TRACKS, schema::SAMPLES, schema::TRANSPORT].into_iter().map(root).collect();
    let pages = (0..u16::from(crate::limits::TRANSPORT_PAGES)).map(schema::page_key);
    makes.extend(pages.map(|page| (vec![schema::TRANSPORT.to_owned()], page)));
    let created = i64::try_from(created_at_ms).unwrap_or(i64::MAX);
    let writes = vec![
        meta(schema::SCHEMA, Scalar::Int(schema::SCHEMA_VERSION)),
        meta(schema::NAME, text(name)),
        meta(schema::TEMPO, Scalar::Int(tempo)),
        meta(schema::CREATED_AT, Scalar::Int(created)),
    ];
    Writes { label: "session".into(), makes, writes, can_undo: false, added: None }
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

fn add_track(edit: &Edit) -> Writes {
    let Edit::AddTrack { track, pattern, name, colour, sound, order } = edit else {
        return Writes::of("nothing", Vec::new());
    };
    let at = track_path(*track);
    let under = |keys: &[&str]| -> Vec<String> {
        at.iter().cloned().chain(keys.iter().map(|key| (*key).to_owned())).collect()
    };
    let pattern_key = pattern.to_string();
    let pattern_at = under(&[schema::PATTERNS, &pattern_key]);
    let mut makes = vec![
        (vec![schema::TRACKS.to_owned()], track.to_string()),
        (at.clone(), schema::MIXER.to_owned()),
        (at.clone(), schema::EFFECTS.to_owned()),
        (at.clone(), schema::PATTERNS.to_owned()),
        (under(&[schema::PATTERNS]), pattern_key.clone()),
    ];
    for group in [schema::STEPS, schema::LOCKS, schema::NOTES] {
        makes.push((pattern_at.clone(), group.to_owned()));
    }
    for group in [schema::STEPS, schema::LOCKS] {
        let group = under(&[schema::PATTERNS, &pattern_key, group]);
        makes.extend(schema::step_pages().map(|page| (group.clone(), page)));
    }
    let notes = under(&[schema::PATTERNS, &pattern_key, schema::NOTES]);
    let shards = (0..u16::from(crate::limits::NOTE_SHARDS)).map(schema::page_key);
    makes.extend(shards.map(|shard| (notes.clone(), shard)));
    let writes = vec![
        track_write(*track, schema::NAME, text(name.as_str())),
        track_write(*track, schema::SOUND, text(&sound.to_string())),
        track_write(*track, schema::COLOUR, int(colour.get())),
        track_write(*track, schema::ORDER, text(order.as_str())),
        track_write(*track, schema::CURRENT, text(&pattern_key)),
        deleted(*track, false),
    ];
    let label = format!("track {}", name.as_str());
    Writes { label, makes, writes, can_undo: true, added: Some(at) }
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

fn strip_writes(track: TrackId, strip: StripPatch, name: &str) -> Writes {
    let mut path = track_path(track);
    path.push(schema::MIXER.to_owned());
    let fields = [
        (schema::GAIN, "volume", strip.gain.map(|gain| int(gain.get()))),
        (schema::PAN, "pan", strip.pan.map(|pan| int(pan.get()))),
        (schema::MUTE, "mute", strip.mute.map(Scalar::Bool)),
        (schema::SOLO, "solo", strip.solo.map(Scalar::Bool)),
    ];
    let mut words = Vec::new();
    let mut writes = Vec::new();
    for (key, word, value) in fields {
        if let Some(value) = value {
            words.push(word);
            writes.push(Write { path: path.clone(), key: key.into(), value });
        }
    }
    Writes::of(format!("{} of {name}", words.join(" and ")), writes)
}

fn step_writes(pattern: &[String], step: u16, patch: StepPatch) -> Vec<Write> {
    let mut path = pattern.to_vec();
    path.extend([schema::STEPS.to_owned(), schema::step_page(step)]);
    let fields = [
        (StepField::On, patch.on.map(Scalar::Bool)),
        (StepField::Velocity, patch.velocity.map(|velocity| int(velocity.get()))),
        (StepField::Pitch, patch.pitch.map(|pitch| int(pitch.get()))),
        (StepField::Length, patch.length.map(|length| int(length.get()))),
    ];
    let write = |(field, value): (StepField, Option<Scalar>)| {
        Some(Write { path: path.clone(), key: schema::step_key(step, field), value: value? })
    };
    fields.into_iter().filter_map(write).collect()
}

/// A drag that crosses a step twice means what it said last.
fn last_of_each(writes: impl Iterator<Item = Write>) -> Vec<Write> {
    let by_field = writes.map(|write| ((write.path.clone(), write.key.clone()), write));
    by_field.collect::<BTreeMap<_, _>>().into_values().collect()
}

fn meta(key: &str, value: Scalar) -> Write {
    Write { path: vec![schema::META.to_owned()], key: key.into(), value }
}

fn deleted(track: TrackId, deleted: bool) -> Write {
    track_write(track, schema::DELETED, Scalar::Bool(deleted))
}

fn track_write(track: TrackId, key: &str, value: Scalar) -> Write {
    Write { path: track_path(track), key: key.into(), value }
}

fn track_path(track: TrackId) -> Vec<String> {
    vec![schema::TRACKS.to_owned(), track.to_string()]
}

fn pattern_path(track: TrackId, pattern: antiphon_model::PatternId) -> Vec<String> {
    let mut path = track_path(track);
    path.extend([schema::PATTERNS.to_owned(), pattern.to_string()]);
    path
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

fn int(number: impl Into<i64>) -> Scalar {
    Scalar::Int(number.into())
}
