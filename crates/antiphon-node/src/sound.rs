//! What this peer hears: the plan, the run, the output, and the samples in memory.

use std::{collections::BTreeSet, sync::Arc};

use antiphon_audio_io::{Output, OutputConfig, OutputStatus, TrimOutOfRange};
use antiphon_engine::{
    Compiler, Controller, Ears, Meters, Metronome, Player, SampleData, SamplePool, TrackMeter, compile,
    player,
};
use antiphon_model::{Gain, Note, Pan, SampleId, Song, Sound as Instrument, TrackId, Velocity};
use antiphon_peer::Heard;
use antiphon_timeline::{CANONICAL_RATE, Frames, HostClock, HostTime, Run, SessionMap, SessionTime, Ticks};

/// The sound side of a node.
pub(crate) struct Sound {
    controller: Controller,
    output: Output,
    map: SessionMap,
    /// The last levels, and when they came.
    meters: Option<(HostTime, Meters)>,
    /// Samples that are decoded.
    pub(crate) pool: SamplePool,
    pub(crate) ears: Ears,
    heard: Option<Heard>,
    /// Knows what it compiled of the session, so that an edit costs what it changes.
    compiler: Compiler,
    run: Option<Run>,
    /// A beat that plays instead of the session.
    beat: Option<PlayedBeat>,
}

/// A beat being listened to.
pub(crate) struct PlayedBeat {
    pub(crate) id: [u8; 32],
    pub(crate) song: Arc<Song>,
    pub(crate) samples: SamplePool,
    pub(crate) run: Run,
}

/// Where the sound is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Playhead {
    pub(crate) playing: bool,
    pub(crate) tick: Ticks,
    pub(crate) steps_per_second: f64,
    /// Beats until the run begins that is being counted in.
    pub(crate) count_in: u32,
}

impl Sound {
    /// Starts the output, or silence that keeps time.
    pub(crate) fn start(
        audio: bool,
        config: OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
    ) -> Self {
        let (controller, engine) = player();
        let output = if audio {
            Output::open_or_silent(config, clock, map, source(engine))
        } else {
            Output::silent(clock, map, source(engine), "audio is switched off")
        };
        Self {
            controller,
            output,
            map,
            meters: None,
            pool: SamplePool::new(),
            ears: Ears::default(),
            heard: None,
            compiler: Compiler::default(),
            run: None,
            beat: None,
        }
    }

    /// Another output as soon as it is open, or the default one. The music goes on in phase.
    pub(crate) fn choose_output(&self, output: Option<String>) {
        self.output.choose(output);
    }

    /// Plays this song from the next block on, and what follows it from its frame on.
    pub(crate) fn play_song(&mut self, heard: Option<Heard>) {
        self.heard = heard;
        let plan = match (&self.beat, &self.heard) {
            (Some(beat), _) => {
                compile(&beat.song, &beat.samples, &Ears { volume: self.ears.volume, ..Ears::default() })
            }
            (None, Some(Heard { song, next })) => {
                let plan = self.compiler.compile(song, &self.pool, &self.ears);
                let mut compiled = |song| self.compiler.compile(song, &self.pool, &self.ears);
                let next = next.as_ref().map(|(song, at)| (*at, compiled(song)));
                return self.controller.set_plans(plan, next);
            }
            (None, None) => antiphon_engine::Plan::silent(),
        };
        self.controller.set_plan(plan);
    }

    /// The session's run changed.
    pub(crate) fn set_run(&mut self, run: Option<Run>) {
        if run == self.run {
            return;
        }
        self.run = run;
        if self.beat.is_none() {
            self.controller.set_run(self.run.clone());
        }
    }

    /// Plays a beat instead of the session, or the session again.
    pub(crate) fn play_beat(&mut self, beat: Option<PlayedBeat>) {
        self.beat = beat;
        self.play_song(self.heard.clone());
        let run = self.beat.as_ref().map_or_else(|| self.run.clone(), |beat| Some(beat.run.clone()));
        self.controller.set_run(run);
    }

    /// Has the beat that plays come to its end, tail included?
    pub(crate) fn beat_is_over(&self, host: HostTime) -> bool {
        const TAIL_NS: i64 = 2_000_000_000;
        let now = self.map.to_session(host);
        self.beat.as_ref().is_some_and(|beat| beat.run.is_over(now + -TAIL_NS))
    }

    pub(crate) fn playing_beat(&self) -> Option<[u8; 32]> {
        self.beat.as_ref().map(|beat| beat.id)
    }

    /// A sample is decoded: the tracks that wait for it sound from now on.
    pub(crate) fn add_sample(&mut self, id: SampleId, data: Arc<SampleData>) {
        self.pool.insert(id, data);
        self.play_song(self.heard.clone());
    }

    /// Samples of the song that are not in memory.
    pub(crate) fn missing_samples(&self) -> BTreeSet<SampleId> {
        let songs =
            self.heard.iter().flat_map(|heard| heard.next.iter().map(|(song, _)| song).chain([&heard.song]));
        let wanted = songs.flat_map(|song| song.samples.keys().copied());
        wanted.filter(|id| !self.pool.contains_key(id)).collect()
    }

    pub(crate) fn set_ears(&mut self, ears: Ears) {
        self.ears = ears;
        self.play_song(self.heard.clone());
    }

    pub(crate) fn set_map(&mut self, map: SessionMap) {
        self.map = map;
        self.output.set_session_map(map);
    }

    /// Keeps and applies the trim of the output that is open, or is being opened.
    pub(crate) fn set_trim_ns(&self, trim_ns: i64) -> Result<(), TrimOutOfRange> {
        self.output.set_trim_ns(trim_ns)
    }

    pub(crate) fn note(&mut self, track: TrackId, note: Note, velocity: Option<Velocity>) {
        match velocity {
            Some(velocity) => self.controller.note_on(track, note, velocity),
            None => self.controller.note_off(track, note),
        };
    }

    pub(crate) fn all_notes_off(&mut self) {
        self.controller.all_notes_off();
    }

    pub(crate) fn preview(&mut self, sound: &Instrument) {
        self.controller.preview(sound, &self.pool);
    }

    pub(crate) fn gesture(&mut self, track: Option<TrackId>, gain: Option<Gain>, pan: Option<Pan>) {
        self.controller.set_strip_gesture(track, gain, pan);
    }

    /// The latest levels. A card asks for a block less often than a screen asks for levels: in between they are what
    /// they were.
    pub(crate) fn meters(&mut self, now: HostTime) -> Option<Meters> {
        const FRESH_NS: i64 = 250_000_000;
        if let Some(meters) = self.controller.telemetry() {
            self.meters = Some((now, meters));
        }
        let (at, meters) = self.meters.as_ref()?;
        Some(if now.saturating_since(*at) < FRESH_NS { meters.clone() } else { at_rest(meters) })
    }

    /// A few times a second: drops what the audio thread gave back.
    pub(crate) fn collect(&mut self) {
        self.controller.collect();
    }

    pub(crate) fn status(&self) -> OutputStatus {
        self.output.status()
    }

    /// How far ahead of the speaker the engine renders, ns.
    pub(crate) fn ahead_ns(&self) -> i64 {
        const MARGIN_NS: i64 = 30_000_000;
        self.status().latency_ns.clamp(0, 500_000_000) + MARGIN_NS
    }

    /// The place that leaves the speaker at `host`, for the session's transport resting at `rest`.
    pub(crate) fn playhead(&self, host: HostTime, rest: Ticks) -> Playhead {
        let heard = self.output.audible(host);
        let time = SessionTime((heard * 1e9 / f64::from(CANONICAL_RATE)) as i64);
        let resting = Playhead { playing: false, tick: rest, steps_per_second: 0.0, count_in: 0 };
        let Some(run) = self.playing_run() else { return resting };
        let tick = run.tick_at(time).max(run.first_tick());
        if run.end().is_some_and(|end| tick >= end) {
            return resting;
        }
        let moving = time >= run.start();
        let rate = run.tempo_at(tick).bpm() / 15.0;
        let count_in = if moving { 0 } else { beats_until_start(run, time) };
        Playhead { playing: true, tick, steps_per_second: if moving { rate } else { 0.0 }, count_in }
    }

    /// The run that plays, or is being counted in.
    pub(crate) fn playing_run(&self) -> Option<&Run> {
        self.beat.as_ref().map(|beat| &beat.run).or(self.run.as_ref())
    }

    pub(crate) fn set_metronome(&mut self, metronome: Metronome) {
        self.controller.set_metronome(metronome);
    }
}

/// Beats from the one that was counted last to the first of the run.
fn beats_until_start(run: &Run, time: SessionTime) -> u32 {
    let begin = run.first_tick();
    let left = begin - run.tick_at(time);
    let beat = run.meter_at(begin + -1).beat().0;
    if left > run.count_in().0 { 0 } else { u32::try_from((left + beat - 1) / beat).unwrap_or(0) }
}

/// The same tracks, and nothing to be heard of them: no block was rendered for long.
fn at_rest(meters: &Meters) -> Meters {
    let tracks = meters.tracks.iter().map(|meter| TrackMeter { track: meter.track, peak: 0.0, rms: 0.0 });
    let (master_peak, master_rms) = ([0.0; 2], [0.0; 2]);
    Meters { tracks: tracks.collect(), master_peak, master_rms, limiter_db: 0.0, voices: 0, frames: 0 }
}

fn source(mut engine: Player) -> Box<dyn antiphon_audio_io::Source> {
    Box::new(move |first: Frames, out: &mut [f32]| engine.process(first, out))
}
