//! Bringing in audio files.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use antiphon_engine::SampleData;
use antiphon_media::prepare;
use antiphon_model::{Colour, Edit, Name, SampleId, SampleInfo, Sound, TrackId, limits::COLOURS};
use tokio::task::spawn_blocking;

use crate::{ask::Ask, error::NodeError, handle::NodeHandle, random};

/// The largest file that is read whole: an audio file or a beat.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What an import made.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    pub sample: SampleId,
    pub track: TrackId,
    pub seconds: f64,
}

impl NodeHandle {
    /// Decodes an audio file, keeps it, and gives it to a track or to a new one.
    pub async fn import_sample(
        &self,
        name: Name,
        bytes: Vec<u8>,
        extension: Option<String>,
        track: Option<TrackId>,
    ) -> Result<Imported, NodeError> {
        let store = self.store.clone();
        let prepared = spawn_blocking(move || {
            let prepared = prepare(&bytes, extension.as_deref())?;
            let sample = store.put_blob(&prepared.blob)?;
            Ok::<_, NodeError>((sample, prepared))
        });
        let (sample, prepared) = prepared.await.map_err(|_| NodeError::TaskEnded)??;
        let info = SampleInfo {
            name: name.clone(),
            frames: prepared.frames,
            channels: prepared.channels,
            bytes: prepared.blob.len() as u64,
        };
        let seconds = prepared.frames as f64 / f64::from(antiphon_timeline::CANONICAL_RATE);
        // The same sound may be brought in again, for another track.
        let song = self.snapshot().await?.session.ok_or(NodeError::NothingOpen)?.song;
        if !song.samples.contains_key(&sample) {
            self.edit(Edit::AddSample { sample, info }).await?;
        }
        let data = Arc::new(SampleData { channels: prepared.channels, frames: prepared.pcm.into() });
        self.asks.send(Ask::Sample { sample, data }).await.map_err(|_| NodeError::Stopping)?;
        let track = self.give_sample(sample, name, track).await?;
        Ok(Imported { sample, track, seconds })
    }

    async fn give_sample(
        &self,
        sample: SampleId,
        name: Name,
        track: Option<TrackId>,
    ) -> Result<TrackId, NodeError> {
        let sound = Sound::Sample(sample);
        if let Some(track) = track {
            self.edit(Edit::SetSound { track, sound }).await?;
            return Ok(track);
        }
        self.add_track(sound, name, None).await.map(|(track, _)| track)
    }

    /// Adds a track at the end, or at a place; gives its id and the edit's label.
    pub async fn add_track(
        &self,
        sound: Sound,
        name: Name,
        index: Option<usize>,
    ) -> Result<(TrackId, String), NodeError> {
        let song = self.snapshot().await?.session.ok_or(NodeError::NothingOpen)?.song;
        let order = song.order_at(index.unwrap_or(usize::MAX), None);
        let colour = Colour::clamped((song.tracks.len() % usize::from(COLOURS)) as i64);
        let track = random::track()?;
        let edit =
            Edit::AddTrack { track, pattern: random::pattern()?, name, colour, sound, order, content: None };
        let label = self.edit(edit).await?;
        Ok((track, label))
    }

    /// Reads an audio or beat file of at most `bytes_max` bytes.
    pub async fn read_file(&self, path: &Path, bytes_max: u64) -> Result<Vec<u8>, NodeError> {
        let path = path.to_owned();
        let shown = path.display().to_string();
        let error = move |source| NodeError::ReadFile { path: shown.clone(), source };
        let read = move || read_whole(&path, bytes_max);
        spawn_blocking(read).await.map_err(|_| NodeError::TaskEnded)?.map_err(error)
    }
}

/// Reads a file whole, unless it has more than `bytes_max` bytes or is no file: a device or a pipe might
/// never end.
pub fn read_whole(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    // Asked before it is opened: opening a pipe waits for its writer.
    let facts = fs::metadata(path)?;
    if !facts.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if facts.len() > bytes_max {
        let size = facts.len();
        return Err(io::Error::other(format!("it has {size} bytes, at most {bytes_max} can be read")));
    }
    // It may grow while it is read.
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}
