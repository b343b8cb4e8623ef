//! Beats: publish, keep, list, listen, remix, verify.

use std::{path::PathBuf, sync::Arc};

use antiphon_beat::{Beat, BeatId, FreezeOptions, Licence, freeze, frozen_song};
use antiphon_engine::{ENGINE_VERSION, RenderOptions, SamplePool, pcm_hash, song_run};
use antiphon_model::{Name, SampleId, SessionId};
use antiphon_store::BeatRecord;
use antiphon_timeline::HostClock;
use tokio::task::spawn_blocking;

use crate::{
    ask::Ask, error::NodeError, event::NodeEvent, handle::NodeHandle, remix::edits_of,
    rendering::write_whole, samples, sound::PlayedBeat,
};

/// Between asking for a beat and its first note, ns: time to hand it to the audio thread.
const BEAT_LEAD_NS: i64 = 100_000_000;

/// A beat on this device, opened and verified.
#[derive(Debug, Clone)]
pub struct KeptBeat {
    pub beat: Arc<Beat>,
    pub bytes: u64,
    pub path: PathBuf,
    pub added_at_ms: u64,
}

/// What rendering a beat again showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendered {
    Same,
    Different,
    /// Made by another version of the engine: bits cannot be compared.
    OtherEngine {
        version: u32,
    },
}

impl NodeHandle {
    /// Freezes the open session into a signed beat and keeps it; also writes it to `path`.
    pub async fn publish(
        &self,
        title: Option<Name>,
        licence: Option<&str>,
        path: Option<PathBuf>,
    ) -> Result<KeptBeat, NodeError> {
        let snapshot = self.snapshot().await?;
        let session = snapshot.session.ok_or(NodeError::NothingOpen)?;
        let licence = Licence::new(licence.unwrap_or("CC-BY-4.0"))?;
        let title = title.unwrap_or_else(|| session.song.name.clone());
        let parents = session.parent.map(BeatId).into_iter().collect();
        let (author, created_at_ms) = (snapshot.name, self.clock.moment().unix_ms);
        let blobs = self.stored_blobs(&session.song).await?;
        let pool = self.stored_samples(&session.song).await?;
        let (song, key) = (session.song, self.key.clone());
        let frozen = spawn_blocking(move || {
            let song = frozen_song(&song);
            let options = RenderOptions::canonical(&song);
            let hash = pcm_hash(&song, &pool);
            let frames = antiphon_engine::Render::new(&song, &pool, &options).progress().total;
            let options = FreezeOptions {
                title,
                author,
                licence,
                created_at_ms,
                engine_version: ENGINE_VERSION,
                bars: options.bars,
                frames,
                parents,
                pcm_hash: hash,
            };
            freeze(&song, &blobs, options, &key)
        });
        let frozen = frozen.await.map_err(|_| NodeError::TaskEnded)??;
        if let Some(path) = path {
            let path = if path.is_dir() { path.join(file_name(&frozen.bytes)?) } else { path };
            write_whole(&path, &frozen.bytes)?;
        }
        self.add_beat(frozen.bytes).await
    }

    /// Keeps a beat file on this device, after verifying it.
    pub async fn add_beat(&self, bytes: Vec<u8>) -> Result<KeptBeat, NodeError> {
        let (store, added_at_ms) = (self.store.clone(), self.clock.moment().unix_ms);
        let kept = spawn_blocking(move || {
            let beat = antiphon_beat::open(&bytes)?;
            let manifest = &beat.manifest;
            let known = store.beats()?.into_iter().find(|known| known.id == beat.id.0);
            let record = match known {
                Some(known) => known,
                None => {
                    let mut entry = None;
                    store.put_beat(&bytes, |file, length| {
                        let (id, session) = (beat.id.0, manifest.session);
                        let title = manifest.title.clone();
                        entry
                            .insert(BeatRecord { id, file, bytes: length, session, title, added_at_ms })
                            .clone()
                    })?;
                    entry.ok_or(NodeError::TaskEnded)?
                }
            };
            Ok::<_, NodeError>(kept(&store, &record, beat))
        });
        let kept = kept.await.map_err(|_| NodeError::TaskEnded)??;
        let _ = self.events.send(NodeEvent::Beats);
        Ok(kept)
    }

    /// The beats on this device, latest first; of one session, or all. A file that no longer verifies is left out.
    pub async fn beats(&self, session: Option<SessionId>) -> Result<Vec<KeptBeat>, NodeError> {
        let store = self.store.clone();
        let list = move || {
            let mut records = store.beats()?;
            records.retain(|record| session.is_none_or(|session| record.session == session));
            records.sort_by_key(|record| std::cmp::Reverse(record.added_at_ms));
            let open = |record: BeatRecord| {
                let bytes = store.beat_bytes(&record).ok()??;
                let beat = antiphon_beat::open(&bytes).inspect_err(|error| {
                    tracing::error!(beat = %record.title.as_str(), %error, "a kept beat no longer verifies");
                });
                Some(kept(&store, &record, beat.ok()?))
            };
            Ok(records.into_iter().filter_map(open).collect())
        };
        spawn_blocking(list).await.map_err(|_| NodeError::TaskEnded)?
    }

    /// A beat on this device by its id.
    pub async fn beat(&self, id: BeatId) -> Result<KeptBeat, NodeError> {
        let beats = self.beats(None).await?;
        beats.into_iter().find(|kept| kept.beat.id == id).ok_or_else(|| NodeError::NoBeat(id.to_string()))
    }

    /// Plays a beat, read-only, instead of the open session, which pauses.
    pub async fn play_beat(&self, beat: Arc<Beat>) -> Result<(), NodeError> {
        if self.snapshot().await?.session.is_some_and(|session| session.playing) {
            self.pause().await?;
        }
        let decoding = beat.clone();
        let pool = spawn_blocking(move || pool(&decoding)).await.map_err(|_| NodeError::TaskEnded)?;
        let start = self.snapshot().await?.map.to_session(self.clock.now()) + BEAT_LEAD_NS;
        let run = song_run(&beat.song, start);
        let end = run.bar_start(i64::from(beat.manifest.bars));
        let run = run.ending_at(end);
        let played = PlayedBeat { id: beat.id.0, song: Arc::new(beat.song.clone()), samples: pool, run };
        self.ask(|answer| Ask::PlayBeat(Some(Box::new(played)), answer)).await
    }

    /// Back to the session.
    pub async fn stop_beat(&self) -> Result<(), NodeError> {
        self.ask(|answer| Ask::PlayBeat(None, answer)).await
    }

    /// Makes a session that begins as the beat and remembers it.
    pub async fn remix(&self, beat: &Beat) -> Result<SessionId, NodeError> {
        for blob in beat.samples.values() {
            self.store.put_blob(blob)?;
        }
        let song = &beat.song;
        let name = Name::repaired(&format!("{} (remix)", beat.manifest.title.as_str()), "Remix");
        let edits = edits_of(song);
        self.new_session(name, song.tempo, Some(beat.id.0), edits).await
    }
}

fn kept(store: &antiphon_store::Store, record: &BeatRecord, beat: Beat) -> KeptBeat {
    let path = store.beat_path(record);
    KeptBeat { beat: Arc::new(beat), bytes: record.bytes, path, added_at_ms: record.added_at_ms }
}

/// A file name that says what is in it and is safe everywhere.
fn file_name(bytes: &[u8]) -> Result<String, NodeError> {
    let beat = antiphon_beat::open(bytes)?;
    let title: String =
        beat.manifest.title.as_str().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    // A title made of signs alone leaves nothing: a file that begins with a dot would be hidden.
    let stem = Some(title.trim_matches('-').to_lowercase()).filter(|stem| !stem.is_empty());
    Ok(format!("{}.beat", stem.as_deref().unwrap_or("beat")))
}

fn pool(beat: &Beat) -> SamplePool {
    let decode = |(id, blob): (&SampleId, &Vec<u8>)| Some((*id, samples::decode(blob).ok()?));
    beat.samples.iter().filter_map(decode).collect()
}

/// Renders a beat again and compares it bit for bit.
pub fn render_again(beat: &Beat) -> Rendered {
    if beat.manifest.engine_version != ENGINE_VERSION {
        return Rendered::OtherEngine { version: beat.manifest.engine_version };
    }
    if pcm_hash(&beat.song, &pool(beat)) == beat.manifest.pcm_hash {
        Rendered::Same
    } else {
        Rendered::Different
    }
}
