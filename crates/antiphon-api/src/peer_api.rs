//! The table of commands, answered by a running node.

use std::{path::Path, sync::Arc};

use antiphon_engine::ENGINE_VERSION;
use antiphon_identity::PeerId;
use antiphon_model::{Name, Note, SessionId, Sound, TrackId, Velocity};
use antiphon_node::{
    FILE_BYTES_MAX, KeptBeat, NodeConfig, NodeHandle, SessionSnapshot, StartNodeError, render_again, start,
};
use antiphon_store::{Progress, SessionRecord};
use antiphon_timeline::{TICKS_PER_STEP, Tempo, Ticks};
use data_encoding::BASE64;
use tokio::sync::broadcast;

use crate::{
    calibration::{AdjustTrim, TrimmedOutput},
    catalogue::catalogue,
    commands::{
        AnswerJoin, BeatRef, Gesture, ImportSample, Imported, Join, ListBeats, ListEvents, Locate,
        NewSession, PatternRef, PatternText, Play, PlayNote, Preview, Publish, Render, SessionRef, SetEars,
        SetMetronome, SetName, SetOutput, SetPresence, Verify,
    },
    edit_of::{
        Planned, Planner, place,
        values::{count_in_bars, gain, id, name, ranged, sound},
    },
    edits::{EditCommand, Edited},
    error::{ApiError, ErrorCode},
    events::Event,
    presenter::Presenter,
    refusal,
    table::Api,
    view_of,
    views::{
        AudioState, BeatView, Check, ClockView, Ears, EventsView, Hello, Invite, Job, JoinRequest, Metronome,
        NearbyPeer, OutputView, RenderVerdict, Role, Saved, SessionEntry, SessionView, Tapped, Verdict,
    },
};

/// Events kept for a slow face before the oldest are dropped.
const EVENTS_MAX: usize = 512;

/// A running peer as the table of commands.
pub struct PeerApi {
    node: NodeHandle,
    events: broadcast::Sender<Arc<Event>>,
}

impl PeerApi {
    /// Starts a node and its presenter.
    pub async fn start(config: NodeConfig) -> Result<Self, StartNodeError> {
        let node = start(config).await?;
        let events = broadcast::channel(EVENTS_MAX).0;
        tokio::spawn(Presenter::new(node.clone(), events.clone()).run(node.subscribe()));
        Ok(Self { node, events })
    }

    /// The node itself.
    pub fn node(&self) -> &NodeHandle {
        &self.node
    }

    /// Ends the node with everything on disk; an error says that the last edits are not.
    pub async fn shutdown(&self) -> Result<(), ApiError> {
        Ok(self.node.shutdown().await?)
    }

    async fn open(&self) -> Result<SessionSnapshot, ApiError> {
        let session = self.node.snapshot().await?.session;
        session.ok_or_else(|| {
            ApiError::new(ErrorCode::NotFound, "no session is open").next("open or make one first")
        })
    }

    async fn view(&self) -> Result<Option<SessionView>, ApiError> {
        let agreement = self.node.agreement().await?;
        let saved = saved_of(&self.node.saved());
        let session = self.node.snapshot().await?.session;
        Ok(session.map(|session| view_of::session(&session, &agreement, saved)))
    }

    async fn entry(&self, session: SessionId) -> Result<SessionEntry, ApiError> {
        let open = self.node.snapshot().await?.session;
        let entries = session_entries(&self.node.sessions()?, open.as_ref());
        let wanted = session.to_string();
        let missing = || ApiError::new(ErrorCode::Internal, "the session was made but is not listed");
        entries.into_iter().find(|entry| entry.id == wanted).ok_or_else(missing)
    }

    async fn beat_bytes(&self, beat: &BeatRef) -> Result<Vec<u8>, ApiError> {
        match beat {
            BeatRef { path: Some(path), .. } => {
                Ok(self.node.read_file(Path::new(path), FILE_BYTES_MAX).await?)
            }
            BeatRef { base64: Some(text), .. } => from_base64(text),
            BeatRef { beat: Some(beat), .. } => {
                let kept = self.kept(beat).await?;
                Ok(self.node.read_file(&kept.path, FILE_BYTES_MAX).await?)
            }
            _ => Err(ApiError::new(ErrorCode::BadRequest, "no beat is named")),
        }
    }

    async fn kept(&self, text: &str) -> Result<KeptBeat, ApiError> {
        let beats = self.node.beats(None).await?;
        beats.into_iter().find(|kept| kept.beat.id.to_string() == text).ok_or_else(|| {
            ApiError::new(ErrorCode::NotFound, format!("beat {text} is not on this device"))
                .next("open its file, or ask someone who has it")
        })
    }

    /// The beat that is meant, kept on this device.
    async fn keep(&self, beat: &BeatRef) -> Result<KeptBeat, ApiError> {
        match &beat.beat {
            Some(id) if beat.path.is_none() && beat.base64.is_none() => self.kept(id).await,
            _ => Ok(self.node.add_beat(self.beat_bytes(beat).await?).await?),
        }
    }

    async fn beat_view(&self, kept: KeptBeat) -> Result<BeatView, ApiError> {
        let me = self.node.snapshot().await?.me;
        let known = self.node.beats(None).await?;
        let mut views = view_of::beats(&[kept], &known, me);
        views.pop().ok_or_else(|| ApiError::new(ErrorCode::Internal, "the beat has no view"))
    }
}

impl Api for PeerApi {
    fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    async fn hello(&self, (): ()) -> Result<Hello, ApiError> {
        let snapshot = self.node.snapshot().await?;
        Ok(Hello {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine_version: ENGINE_VERSION,
            me: view_of::person(snapshot.me, Some(snapshot.name.as_str())),
            data_folder: self.node.config().folder.display().to_string(),
            sounds: view_of::sounds(),
            catalogue: catalogue(),
            open_session: snapshot.session.map(|session| session.id.to_string()),
            first_start: self.node.is_first_start(),
        })
    }

    async fn set_name(&self, args: SetName) -> Result<(), ApiError> {
        Ok(self.node.set_name(name(&args.name)?).await?)
    }

    async fn sessions(&self, (): ()) -> Result<Vec<SessionEntry>, ApiError> {
        let open = self.node.snapshot().await?.session;
        Ok(session_entries(&self.node.sessions()?, open.as_ref()))
    }

    async fn session(&self, (): ()) -> Result<Option<SessionView>, ApiError> {
        self.view().await
    }

    async fn new_session(&self, args: NewSession) -> Result<SessionEntry, ApiError> {
        self.node.welcome();
        let session_name = match args.name {
            Some(text) => name(&text)?,
            None => Name::repaired(&antiphon_node::made_up_name()?, "New session"),
        };
        let session = self.node.new_session(session_name, Tempo::DEFAULT, None, Vec::new()).await?;
        self.entry(session).await
    }

    async fn open_session(&self, args: SessionRef) -> Result<SessionView, ApiError> {
        self.node.welcome();
        let session: SessionId = id(&args.session)?;
        if self.node.snapshot().await?.session.is_none_or(|open| open.id != session) {
            self.node.open_session(session).await?;
        }
        self.view().await?.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "the session was closed again"))
    }

    async fn delete_session(&self, args: SessionRef) -> Result<(), ApiError> {
        Ok(self.node.delete_session(id(&args.session)?).await?)
    }

    async fn edit(&self, command: EditCommand) -> Result<Edited, ApiError> {
        let open = self.open().await?;
        let Planned { edit, made } = plan(&open, command)?;
        match self.node.edit(edit).await {
            Ok(label) => Ok(Edited { label, ..made }),
            // It is so already, perhaps because a friend was quicker: what was asked for is there.
            Err(error) if refusal::is_unchanged(&error) => {
                Ok(Edited { label: open.undo.unwrap_or_default(), ..made })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn pattern_text(&self, args: PatternRef) -> Result<PatternText, ApiError> {
        let song = self.open().await?.song;
        let (track, _, pattern) = place(&song, &args.track, args.pattern.as_deref())?;
        Ok(PatternText { text: antiphon_model::notation::print_track(track, pattern) })
    }

    async fn events(&self, args: ListEvents) -> Result<EventsView, ApiError> {
        let song = self.open().await?.song;
        let bars = args.bars.map(bars).transpose()?;
        // The dice of a long song are many; the loop of the peer goes on meanwhile.
        tokio::task::spawn_blocking(move || view_of::events(&song, bars))
            .await
            .map_err(|_| ApiError::new(ErrorCode::Internal, "the list ended unexpectedly"))
    }

    async fn gesture(&self, args: Gesture) -> Result<(), ApiError> {
        let track = args.track.as_deref().map(id).transpose()?;
        let level = args.gain_db.map(gain).transpose()?;
        let pan = args.pan.map(|pan| ranged(antiphon_model::Pan::new(pan))).transpose()?;
        Ok(self.node.gesture(track, level, pan).await?)
    }

    async fn undo(&self, (): ()) -> Result<Option<String>, ApiError> {
        Ok(self.node.undo().await?)
    }

    async fn redo(&self, (): ()) -> Result<Option<String>, ApiError> {
        Ok(self.node.redo().await?)
    }

    async fn play(&self, args: Option<Play>) -> Result<(), ApiError> {
        let bars = args.and_then(|play| play.count_in_bars).map(count_in_bars).transpose()?;
        Ok(self.node.play(bars).await?)
    }

    async fn pause(&self, (): ()) -> Result<(), ApiError> {
        Ok(self.node.pause().await?)
    }

    async fn stop(&self, (): ()) -> Result<(), ApiError> {
        Ok(self.node.stop().await?)
    }

    async fn locate(&self, args: Locate) -> Result<(), ApiError> {
        /// A day of steps at the fastest tempo.
        const STEPS_MAX: f64 = 6_000_000.0;
        if !(0.0..=STEPS_MAX).contains(&args.position_steps) {
            return Err(ApiError::new(
                ErrorCode::Invalid,
                format!("there is no step {}", args.position_steps),
            ));
        }
        Ok(self.node.locate(Ticks((args.position_steps * TICKS_PER_STEP as f64) as i64)).await?)
    }

    async fn ears(&self, args: SetEars) -> Result<Ears, ApiError> {
        let session = self.open().await?;
        let level = args.gain_db.map(gain).transpose()?;
        let mut ears = session.ears;
        match args.track {
            None => ears.volume = level.unwrap_or(ears.volume),
            Some(track) => {
                let track: TrackId = id(&track)?;
                // Only tracks of the song are kept, so that what is stored stays bounded.
                ears.tracks.retain(|known, _| session.song.track(*known).is_some());
                session.song.track(track).ok_or_else(|| {
                    ApiError::new(ErrorCode::NotFound, format!("there is no track {track}"))
                })?;
                let own = ears.tracks.entry(track).or_default();
                own.mute = args.mute.unwrap_or(own.mute);
                own.solo = args.solo.unwrap_or(own.solo);
                own.gain = level.unwrap_or(own.gain);
            }
        }
        let view = view_of::ears(&ears);
        self.node.set_ears(ears).await?;
        Ok(view)
    }

    async fn metronome(&self, args: SetMetronome) -> Result<Metronome, ApiError> {
        let known = self.node.counting();
        let mut counting = known;
        counting.metronome.on = args.on.unwrap_or(counting.metronome.on);
        if let Some(db) = args.volume_db {
            counting.metronome.volume = gain(db)?;
        }
        if let Some(bars) = args.count_in_bars {
            counting.count_in_bars = count_in_bars(bars)?;
        }
        if counting != known {
            self.node.set_counting(counting).await?;
        }
        Ok(view_of::metronome(&counting))
    }

    async fn tap(&self, (): ()) -> Result<Tapped, ApiError> {
        Ok(Tapped { bpm: self.node.tap().await?.map(Tempo::bpm) })
    }

    async fn note(&self, args: PlayNote) -> Result<(), ApiError> {
        let note = ranged(Note::new(args.note))?;
        let velocity = match args.velocity {
            0 => None,
            velocity => Some(ranged(Velocity::new(velocity))?),
        };
        Ok(self.node.note(id(&args.track)?, note, velocity).await?)
    }

    async fn all_notes_off(&self, (): ()) -> Result<(), ApiError> {
        Ok(self.node.all_notes_off().await?)
    }

    async fn preview(&self, args: Preview) -> Result<(), ApiError> {
        let sound: Sound = sound(&args.sound)?;
        Ok(self.node.preview(sound).await?)
    }

    async fn import_sample(&self, args: ImportSample) -> Result<Imported, ApiError> {
        let bytes = match (&args.path, &args.base64) {
            (Some(path), _) => self.node.read_file(Path::new(path), FILE_BYTES_MAX).await?,
            (None, Some(text)) => from_base64(text)?,
            (None, None) => return Err(ApiError::new(ErrorCode::BadRequest, "no audio file is named")),
        };
        let named = args.path.as_deref().unwrap_or(&args.name);
        let extension =
            Path::new(named).extension().map(|extension| extension.to_string_lossy().into_owned());
        let stem = Path::new(&args.name)
            .file_stem()
            .map_or_else(|| args.name.clone(), |stem| stem.to_string_lossy().into_owned());
        let track = args.track.as_deref().map(id).transpose()?;
        let made = self.node.import_sample(Name::repaired(&stem, "Sample"), bytes, extension, track).await?;
        Ok(Imported { sample: made.sample.to_string(), track: made.track.to_string(), seconds: made.seconds })
    }

    async fn outputs(&self, (): ()) -> Result<Vec<OutputView>, ApiError> {
        let outputs = self.node.outputs().await?;
        Ok(outputs
            .into_iter()
            .map(|output| OutputView {
                id: output.id,
                name: output.name,
                chosen: output.chosen,
                trim_ms: output.trim_ns as f64 / 1e6,
            })
            .collect())
    }

    async fn set_output(&self, args: SetOutput) -> Result<AudioState, ApiError> {
        let trim = args.trim_ms.map(trim_ns);
        self.node.set_output(args.output, trim.transpose()?).await?;
        Api::audio(self, ()).await
    }

    async fn adjust_trim(&self, args: AdjustTrim) -> Result<TrimmedOutput, ApiError> {
        let trimmed = self.node.adjust_trim(trim_ns(args.add_ms)?).await?;
        Ok(TrimmedOutput { output: trimmed.output, trim_ms: trimmed.trim_ns as f64 / 1e6 })
    }

    async fn audio(&self, (): ()) -> Result<AudioState, ApiError> {
        Ok(view_of::audio(&self.node.snapshot().await?))
    }

    async fn render(&self, args: Render) -> Result<Job, ApiError> {
        let job = self.node.render(args.path.into(), args.bars.map(bars).transpose()?).await?;
        Ok(view_of::job(&job))
    }

    async fn nearby(&self, (): ()) -> Result<Vec<NearbyPeer>, ApiError> {
        Ok(view_of::nearby(&self.node.snapshot().await?.nearby))
    }

    async fn join(&self, args: Join) -> Result<(), ApiError> {
        self.node.welcome();
        match args {
            Join { peer: Some(peer), .. } => self.node.join(peer_id(&peer)?).await?,
            Join { link: Some(link), .. } => self.node.join_by_invite(link).await?,
            Join { address: Some(address), .. } => self.node.join_at(address).await?,
            Join { .. } => return Err(ApiError::new(ErrorCode::BadRequest, "nobody to join is named")),
        }
        Ok(())
    }

    async fn join_requests(&self, (): ()) -> Result<Vec<JoinRequest>, ApiError> {
        Ok(view_of::join_requests(&self.node.snapshot().await?))
    }

    async fn answer_join(&self, args: AnswerJoin) -> Result<(), ApiError> {
        let role = match args.role {
            None => None,
            Some(Role::Editor) => Some(antiphon_membership::Role::Editor),
            Some(Role::Listener) => Some(antiphon_membership::Role::Listener),
            Some(Role::Owner) => {
                return Err(ApiError::new(ErrorCode::Invalid, "a session has one owner")
                    .next("let them in as an editor"));
            }
        };
        Ok(self.node.answer_join(peer_id(&args.peer)?, role).await?)
    }

    async fn invite(&self, (): ()) -> Result<Invite, ApiError> {
        let (link, seconds) = self.node.invite().await?;
        let qr_svg = crate::qr::svg(&link)?;
        Ok(Invite { link, qr_svg, expires_in_s: u32::try_from(seconds).unwrap_or(u32::MAX) })
    }

    async fn presence(&self, args: SetPresence) -> Result<(), ApiError> {
        let track = args.track.as_deref().map(id).transpose()?;
        Ok(self.node.set_presence(track, args.step).await?)
    }

    async fn clock(&self, (): ()) -> Result<ClockView, ApiError> {
        let agreement = self.node.agreement().await?;
        Ok(view_of::clock(&self.node.snapshot().await?, &agreement, self.node.host_time()))
    }

    async fn publish(&self, args: Publish) -> Result<BeatView, ApiError> {
        let title = args.title.as_deref().map(name).transpose()?;
        let kept = self.node.publish(title, args.licence.as_deref(), args.path.map(Into::into)).await?;
        self.beat_view(kept).await
    }

    async fn beats(&self, args: ListBeats) -> Result<Vec<BeatView>, ApiError> {
        let session = args.session.as_deref().map(id).transpose()?;
        let known = self.node.beats(None).await?;
        let listed = self.node.beats(session).await?;
        Ok(view_of::beats(&listed, &known, self.node.snapshot().await?.me))
    }

    async fn verify(&self, args: Verify) -> Result<Verdict, ApiError> {
        let bytes = self.beat_bytes(&args.beat).await?;
        let verify = move || verify_bytes(&bytes, args.render);
        tokio::task::spawn_blocking(verify)
            .await
            .map_err(|_| ApiError::new(ErrorCode::Internal, "the check ended unexpectedly"))
    }

    async fn add_beat(&self, args: BeatRef) -> Result<BeatView, ApiError> {
        let kept = self.keep(&args).await?;
        self.beat_view(kept).await
    }

    async fn play_beat(&self, args: BeatRef) -> Result<BeatView, ApiError> {
        let kept = self.keep(&args).await?;
        self.node.play_beat(kept.beat.clone()).await?;
        self.beat_view(kept).await
    }

    async fn stop_beat(&self, (): ()) -> Result<(), ApiError> {
        Ok(self.node.stop_beat().await?)
    }

    async fn remix(&self, args: BeatRef) -> Result<SessionEntry, ApiError> {
        self.node.welcome();
        let kept = self.keep(&args).await?;
        let session = self.node.remix(&kept.beat).await?;
        self.entry(session).await
    }

    async fn doctor(&self, (): ()) -> Result<Vec<Check>, ApiError> {
        Ok(self.node.doctor().await?.iter().map(view_of::check).collect())
    }
}

/// Who, what, intact or not: from the bytes alone.
pub fn verify_bytes(bytes: &[u8], render: bool) -> Verdict {
    match antiphon_beat::open(bytes) {
        Err(error) => Verdict {
            intact: false,
            summary: format!("this is not an intact beat: {error}"),
            beat: None,
            render: RenderVerdict::NotAsked,
        },
        Ok(beat) => {
            let render =
                if render { view_of::rendered(render_again(&beat)) } else { RenderVerdict::NotAsked };
            let view = view_of::beat(&beat, bytes.len() as u64, None, None);
            let names: Vec<_> = view.authors.iter().map(|author| author.name.as_str()).collect();
            let summary = match render {
                RenderVerdict::Different => {
                    format!("\u{201c}{}\u{201d} is intact, but does not sound as its authors say", view.title)
                }
                _ => format!("\u{201c}{}\u{201d} by {} is intact", view.title, names.join(", ")),
            };
            Verdict { intact: true, summary, beat: Some(view), render }
        }
    }
}

fn trim_ns(ms: f64) -> Result<i64, ApiError> {
    match ms.is_finite() && ms.abs() <= 1_000.0 {
        true => Ok((ms * 1e6) as i64),
        false => {
            Err(ApiError::new(ErrorCode::Invalid, format!("a trim of {ms} ms is outside -1000 to 1000")))
        }
    }
}

pub(crate) fn saved_of(progress: &Progress) -> Saved {
    match &progress.failing {
        Some(reason) => Saved::Failing { reason: reason.clone() },
        None if progress.is_saved() => Saved::Saved,
        None => Saved::Saving,
    }
}

/// The sessions on this device. The stored line of the open one follows its edits a moment later: what is open
/// says it itself.
pub(crate) fn session_entries(
    records: &[SessionRecord],
    open: Option<&SessionSnapshot>,
) -> Vec<SessionEntry> {
    let entry = |record: &SessionRecord| {
        let open = open.filter(|open| open.id == record.id);
        let song = open.map(|open| &open.song);
        SessionEntry {
            id: record.id.to_string(),
            name: song.map_or(&record.name, |song| &song.name).as_str().to_owned(),
            tracks: song.map_or(record.tracks, |song| song.tracks.len() as u32),
            bpm: song.map_or(record.bpm, |song| song.tempo.bpm()),
            edited_at_ms: record.edited_at_ms,
            open: open.is_some(),
            role: match record.role {
                antiphon_store::Role::Owner => Role::Owner,
                antiphon_store::Role::Editor => Role::Editor,
                antiphon_store::Role::Listener => Role::Listener,
            },
            read_only: None,
        }
    };
    records.iter().map(entry).collect()
}

/// What a command comes to in the open session.
fn plan(open: &SessionSnapshot, command: EditCommand) -> Result<Planned, ApiError> {
    let mut failed = None;
    let mut fresh = || {
        antiphon_node::fresh_id().unwrap_or_else(|error| {
            failed = Some(error);
            [0; 16]
        })
    };
    let planned = Planner { song: &open.song, fresh: &mut fresh }.plan(command)?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(planned),
    }
}

fn bars(bars: u32) -> Result<u32, ApiError> {
    match bars {
        1..=1024 => Ok(bars),
        _ => Err(ApiError::new(ErrorCode::Invalid, format!("{bars} bars is outside 1 to 1024"))
            .next("choose a number between them")),
    }
}

fn peer_id(text: &str) -> Result<PeerId, ApiError> {
    text.parse().map_err(|_| ApiError::new(ErrorCode::BadRequest, "a peer id has 64 hexadecimal digits"))
}

fn from_base64(text: &str) -> Result<Vec<u8>, ApiError> {
    BASE64
        .decode(text.as_bytes())
        .map_err(|_| ApiError::new(ErrorCode::BadRequest, "the file's bytes are not base64"))
}
