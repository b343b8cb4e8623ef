//! Rendering the open session to a WAV file, beside the loop.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

use antiphon_engine::{RenderOptions, SamplePool, render};
use antiphon_media::{WavFormat, WavWriter};
use antiphon_model::{SampleId, Song};
use tokio::{sync::broadcast, task::spawn_blocking};

use crate::{
    error::NodeError,
    event::{Job, NodeEvent},
    handle::NodeHandle,
    samples,
};

impl NodeHandle {
    /// Starts a render of the open session; `Job` events follow it.
    pub async fn render(&self, path: PathBuf, bars: Option<u32>) -> Result<Job, NodeError> {
        let song = self.snapshot().await?.session.ok_or(NodeError::NothingOpen)?.song;
        let pool = self.stored_samples(&song).await?;
        let options = bars.map_or_else(|| RenderOptions::canonical(&song), RenderOptions::bars);
        // The file is opened before the answer: a path that cannot be written is refused at once.
        let file = WavWriter::create(&path, WavFormat::Float32, 2)?;
        let id = self.jobs.fetch_add(1, Ordering::Relaxed);
        let label = format!("rendering {}", path.file_name().unwrap_or_default().to_string_lossy());
        let job = Job { id, label, progress: 0.0, done: false, error: None };
        let (events, following) = (self.events.clone(), job.clone());
        spawn_blocking(move || write(&song, &pool, &options, file, following, &events));
        Ok(job)
    }

    /// Every sample that the song plays, decoded from the store.
    pub(crate) async fn stored_samples(&self, song: &Arc<Song>) -> Result<SamplePool, NodeError> {
        let blobs = self.stored_blobs(song).await?;
        spawn_blocking(move || blobs.iter().map(|(id, blob)| decoded(*id, blob)).collect())
            .await
            .map_err(|_| NodeError::TaskEnded)?
    }

    /// The stored bytes of every sample that the song plays.
    pub(crate) async fn stored_blobs(
        &self,
        song: &Arc<Song>,
    ) -> Result<std::collections::BTreeMap<SampleId, Vec<u8>>, NodeError> {
        let (store, song) = (self.store.clone(), antiphon_beat::frozen_song(song));
        let read = move || {
            song.samples
                .iter()
                .map(|(id, info)| match store.blob(*id)? {
                    Some(blob) => Ok((*id, blob)),
                    None => Err(NodeError::SampleMissing { name: info.name.as_str().to_owned() }),
                })
                .collect()
        };
        spawn_blocking(read).await.map_err(|_| NodeError::TaskEnded)?
    }
}

fn decoded(id: SampleId, blob: &[u8]) -> Result<(SampleId, Arc<antiphon_engine::SampleData>), NodeError> {
    let data = samples::decode(blob).map_err(|_| NodeError::SampleMissing { name: id.to_string() })?;
    Ok((id, data))
}

/// Renders into the file and tells how far it is, a hundred times in all.
fn write(
    song: &Song,
    pool: &SamplePool,
    options: &RenderOptions,
    mut file: WavWriter,
    mut job: Job,
    events: &broadcast::Sender<NodeEvent>,
) {
    let mut failed = None;
    render(song, pool, options, |block, progress| {
        if let Err(error) = file.write(block) {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        let share = progress.done as f64 / progress.total.max(1) as f64;
        if share - job.progress >= 0.01 {
            job.progress = share;
            let _ = events.send(NodeEvent::Job(job.clone()));
        }
        ControlFlow::Continue(())
    });
    let ended = match failed {
        Some(error) => {
            // What was written of it is gone before anybody is told.
            drop(file);
            Err(error)
        }
        None => file.finish().map(drop),
    };
    job.done = true;
    job.progress = 1.0;
    job.error = ended.err().map(|error| error.to_string());
    let _ = events.send(NodeEvent::Job(job));
}

/// Does this path name a place that a file can be written to?
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), NodeError> {
    let error = |source| NodeError::WriteFile { path: path.display().to_string(), source };
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(&part);
        error(source)
    })
}
