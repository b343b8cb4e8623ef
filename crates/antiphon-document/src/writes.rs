//! An edit as the writes that it comes to in the document.

mod patterns;
mod scenes;
mod tracks;

use std::collections::BTreeMap;

use antiphon_model::{Edit, PlayMode, SampleInfo, SessionId, Song, TrackId};

use crate::{
    codes,
    raw::{RawMap, Scalar},
    schema,
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

    /// What `edit` writes into the document `raw` of `song`.
    pub(crate) fn of_edit(edit: &Edit, song: &Song, raw: &RawMap) -> Self {
        match edit {
            Edit::RenameSession { name } => {
                Self::of("session name", vec![meta(schema::NAME, text(name.as_str()))])
            }
            Edit::SetTempo { tempo, .. } => {
                let micro_bpm = i64::try_from(tempo.micro_bpm()).unwrap_or(i64::MAX);
                Self::of("tempo", vec![meta(schema::TEMPO, Scalar::Int(micro_bpm))])
            }
            Edit::SetMeter { meter } => {
                Self::of("meter", vec![meta(schema::METER, Scalar::Text(meter.to_string()))])
            }
            Edit::SetQuantum { quantum } => {
                Self::of("quantum of launches", vec![meta(schema::QUANTUM, text(quantum.key()))])
            }
            Edit::SetEditsAtBar { on } => {
                let label = if *on { "edits at bars" } else { "edits at once" };
                Self::of(label, vec![meta(schema::EDITS_AT_BAR, Scalar::Bool(*on))])
            }
            Edit::SetSwing { swing } => Self::of("swing", vec![meta(schema::SWING, int(swing.get()))]),
            Edit::SetGroove { groove } => {
                Self::of("groove", vec![meta(schema::GROOVE, Scalar::Text(codes::groove_text(*groove)))])
            }
            Edit::SetSeed { seed } => Self::of("roll of the dice", vec![seed_write(*seed)]),
            Edit::SetMaster { gain } => {
                Self::of("master volume", vec![meta(schema::MASTER, int(gain.get()))])
            }
            Edit::SetFill { on, at, .. } => {
                let fill = codes::switch_text(&song.fill.followed_by(*on, *at), codes::on_text);
                Self::of(if *on { "fill" } else { "end of the fill" }, vec![meta(schema::FILL, text(&fill))])
            }
            Edit::SetPlayMode { mode, at, .. } => {
                let switch = song.mode.followed_by(*mode, *at);
                let value = codes::switch_text(&switch, |mode| mode.key().to_owned());
                let label = match mode {
                    PlayMode::Live => "playing live",
                    PlayMode::Chain => "playing the chain",
                };
                Self::of(label, vec![meta(schema::MODE, text(&value))])
            }
            Edit::Launch { .. }
            | Edit::AddTrack { .. }
            | Edit::RemoveTrack { .. }
            | Edit::RestoreTrack { .. }
            | Edit::RenameTrack { .. }
            | Edit::SetTrackColour { .. }
            | Edit::MoveTrack { .. }
            | Edit::SetSound { .. }
            | Edit::SetTrackSwing { .. }
            | Edit::SetTrackGroove { .. }
            | Edit::SetTrigger { .. }
            | Edit::SetChoke { .. }
            | Edit::SetStrip { .. }
            | Edit::SetParam { .. } => tracks::of_edit(edit, song),
            Edit::SetPatternLength { .. }
            | Edit::SetPatternSpeed { .. }
            | Edit::SetHumanise { .. }
            | Edit::RenamePattern { .. }
            | Edit::SetSteps { .. }
            | Edit::SetChords { .. }
            | Edit::SetLocks { .. }
            | Edit::SetNotes { .. }
            | Edit::ClearPattern { .. }
            | Edit::Reshape { .. }
            | Edit::SetPattern { .. }
            | Edit::CopyPattern { .. }
            | Edit::AddPattern { .. }
            | Edit::RemovePattern { .. } => patterns::of_edit(edit, song, raw),
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
