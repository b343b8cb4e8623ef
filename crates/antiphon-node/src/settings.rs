//! Settings of this device: name, output, trims, ears, metronome, and what was open last.
//!
//! Each is one small value of the store, in postcard where it has parts. A value that cannot be read is as
//! good as none.

use antiphon_engine::{Ears, TrackEars};
use antiphon_model::{Gain, Name, SessionId, TrackId};
use antiphon_store::Store;
use serde::{Deserialize, Serialize};

const NAME: &str = "name";
const OUTPUT: &str = "output";
const OPEN_SESSION: &str = "open-session";
const WELCOMED: &str = "welcomed";
pub(crate) const METRONOME: &str = "metronome";

fn text(store: &Store, key: &str) -> Option<String> {
    String::from_utf8(store.setting(key).ok()??).ok()
}

pub(crate) fn keep(store: &Store, key: &str, value: &[u8]) {
    if let Err(error) = store.set_setting(key, value) {
        tracing::warn!(key, %error, "a setting was not kept");
    }
}

pub(crate) fn name(store: &Store) -> Option<Name> {
    Name::new(&text(store, NAME)?).ok()
}

pub(crate) fn keep_name(store: &Store, name: &Name) {
    keep(store, NAME, name.as_str().as_bytes());
}

pub(crate) fn output(store: &Store) -> Option<String> {
    text(store, OUTPUT).filter(|name| !name.is_empty())
}

pub(crate) fn keep_output(store: &Store, output: Option<&str>) {
    keep(store, OUTPUT, output.unwrap_or_default().as_bytes());
}

/// The trim of an output is its own, by the id of the device: another one is heard at another time.
pub(crate) fn trim_ns(store: &Store, output_id: &str) -> i64 {
    let bytes = store.setting(&trim_key(output_id)).ok().flatten();
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, i64::from_le_bytes)
}

pub(crate) fn keep_trim_ns(store: &Store, output_id: &str, trim_ns: i64) {
    keep(store, &trim_key(output_id), &trim_ns.to_le_bytes());
}

fn trim_key(output_id: &str) -> String {
    format!("trim/{output_id}")
}

pub(crate) fn open_session(store: &Store) -> Option<SessionId> {
    text(store, OPEN_SESSION)?.parse().ok()
}

pub(crate) fn keep_open_session(store: &Store, session: SessionId) {
    keep(store, OPEN_SESSION, session.to_string().as_bytes());
}

/// Has the first start been done?
pub(crate) fn is_welcomed(store: &Store) -> bool {
    store.setting(WELCOMED).ok().flatten().is_some()
}

pub(crate) fn keep_welcomed(store: &Store) {
    keep(store, WELCOMED, b"1");
}

#[derive(Serialize, Deserialize)]
struct StoredEars {
    volume: i16,
    tracks: Vec<([u8; 16], bool, bool, i16)>,
}

pub(crate) fn ears(store: &Store, session: SessionId) -> Ears {
    let bytes = store.setting(&ears_key(session)).ok().flatten();
    let stored: Option<StoredEars> = bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok());
    let Some(stored) = stored else { return Ears::default() };
    let gain = |value: i16| Gain::clamped(i64::from(value));
    let track = |(id, mute, solo, level): ([u8; 16], bool, bool, i16)| {
        (TrackId(id), TrackEars { mute, solo, gain: gain(level) })
    };
    Ears { volume: gain(stored.volume), tracks: stored.tracks.into_iter().map(track).collect() }
}

pub(crate) fn keep_ears(store: &Store, session: SessionId, ears: &Ears) {
    let track = |(id, own): (&TrackId, &TrackEars)| (id.0, own.mute, own.solo, own.gain.get());
    let stored = StoredEars { volume: ears.volume.get(), tracks: ears.tracks.iter().map(track).collect() };
    if let Ok(bytes) = postcard::to_stdvec(&stored) {
        keep(store, &ears_key(session), &bytes);
    }
}

fn ears_key(session: SessionId) -> String {
    format!("ears/{session}")
}
