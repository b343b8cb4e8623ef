//! Renders the stream: events at their frames, voices into lanes, lanes into the output.
//!
//! The limiter delays by [`Limiter::LATENCY`] frames, so the processor works that many frames ahead: while it fills the
//! output from frame F on, its voices are at F + latency. At a jump the frames still inside the limiter are
//! faded out over the first of the new place.

use antiphon_dsp::{Limiter, SawTables, SincTables, mix_seed};
use antiphon_timeline::Frames;

use crate::{
    limits::{PREVIEW_FRAMES, SEGMENT_FRAMES},
    meters::Snapshot,
    metronome::Clicker,
    mixer::{Mixer, PREVIEW_LANE},
    note_params::NoteParams,
    plan::{Instrument, Plan},
    player::{Command, Plans, Returned, Returns},
    sample_bank::SampleBank,
    sequencer::{RunChange, Sequencer},
    voice::{HELD, Origin, Strike, Tables},
    voices::{NoteStart, Voices},
};

/// Frames that the processor works ahead of its output.
const AHEAD: i64 = Limiter::LATENCY as i64;
/// The note at which drums and samples sound as they are.
const MIDDLE_C: f32 = 60.0;

pub(crate) struct Processor {
    tables: Tables,
    plan: Box<Plan>,
    /// What takes over at a frame.
    next: Option<(Frames, Box<Plan>)>,
    /// What was taken over from, on its way back. While it is here, nothing waits to take over.
    spent: Option<Box<Plan>>,
    sequencer: Sequencer,
    voices: Voices,
    bank: SampleBank,
    mixer: Mixer,
    clicker: Clicker,
    /// The stream frame the voices are at; `None` before the first block.
    now: Option<i64>,
    /// What the limiter still held at a jump, fading.
    leftover: [[f32; 2]; Limiter::LATENCY],
    leftover_from: usize,
    notes_played: u64,
    ring_at_end: bool,
}

impl Processor {
    pub(crate) fn new() -> Self {
        Self {
            tables: Tables { saw: SawTables::shared(), sinc: SincTables::shared() },
            plan: Box::new(Plan::silent()),
            next: None,
            spent: None,
            sequencer: Sequencer::new(),
            voices: Voices::new(),
            bank: SampleBank::new(),
            mixer: Mixer::new(),
            clicker: Clicker::new(),
            now: None,
            leftover: [[0.0; 2]; Limiter::LATENCY],
            leftover_from: Limiter::LATENCY,
            notes_played: 0,
            ring_at_end: false,
        }
    }

    pub(crate) fn let_the_end_ring(&mut self) {
        self.ring_at_end = true;
    }

    /// Thread: audio. Real-time safe: yes. Sends at most one value back, for which there must be room.
    pub(crate) fn handle(&mut self, command: Command, returns: &mut Returns) {
        let back = match command {
            Command::Plan(Plans { plan, next }) => {
                let old = self.swap_plan(plan);
                let unused = std::mem::replace(&mut self.next, next).map(|(_, plan)| plan);
                Some(Returned::Plan { _plan: old, _next: unused.or_else(|| self.spent.take()) })
            }
            Command::Run(run) => {
                let (change, old) = self.sequencer.set_run(run, self.now);
                self.clicker.handle_new_run();
                if change == RunChange::Breaks {
                    self.voices.fade(|voice| voice.origin == Origin::Step);
                }
                old.map(|run| Returned::Run { _run: run })
            }
            Command::Metronome(on, gain) => {
                self.clicker.set(on, gain);
                None
            }
            Command::NoteOn { track, note, velocity } => {
                if let Some(index) = self.plan.tracks.iter().position(|known| known.id == track) {
                    self.play_live(index, note, velocity);
                }
                None
            }
            Command::NoteOff { track, note } => {
                if let Some(index) = self.plan.tracks.iter().position(|known| known.id == track) {
                    let lane = self.mixer.lane_of(index);
                    self.voices.release(|voice| voice.lane == lane && voice.origin == Origin::Live { note });
                }
                None
            }
            Command::AllNotesOff => {
                self.voices.fade(|_| true);
                None
            }
            Command::Preview(instrument) => self.preview(instrument),
            Command::Gesture(gesture) => {
                self.mixer.set_gesture(gesture, &self.plan);
                None
            }
        };
        if let Some(back) = back {
            // The caller has made sure of the room; a value that does not fit would be dropped here.
            let sent = returns.send(back);
            debug_assert!(sent.is_ok(), "no room to give a value back");
        }
    }

    fn swap_plan(&mut self, plan: Box<Plan>) -> Box<Plan> {
        let old = std::mem::replace(&mut self.plan, plan);
        let (plan, voices) = (&self.plan, &self.voices);
        self.mixer.set_plan(plan, |lane| voices.sounds_on(lane));
        let mixer = &self.mixer;
        self.voices.fade(|voice| mixer.is_leaving(voice.lane));
        self.bank.forget_plan();
        for track in &self.plan.tracks {
            if let Instrument::Sample(data) = &track.instrument {
                self.bank.hold_for_plan(data);
            }
        }
        self.sequencer.swap(&old, &self.plan, self.now);
        old
    }

    fn play_live(&mut self, index: usize, note: u8, velocity: u8) {
        let Some(track) = self.plan.tracks.get(index) else { return };
        self.notes_played += 1;
        let start = NoteStart {
            lane: self.mixer.lane_of(index),
            origin: Origin::Live { note },
            strike: Strike {
                semitones: semitones_of(&track.instrument, note),
                velocity,
                seed: mix_seed(track.seed, !self.notes_played),
            },
            gate: HELD,
            gated: track.gated,
            choke: track.choke,
            params: track.params,
        };
        self.voices.start(start, &track.instrument, &self.tables, &mut self.bank);
    }

    fn preview(&mut self, instrument: Instrument) -> Option<Returned> {
        self.voices.fade(|voice| voice.origin == Origin::Preview);
        let mut back = None;
        if let Instrument::Sample(data) = &instrument
            && self.bank.find(data).is_none()
            && let Err(data) = self.bank.hold(data.clone())
        {
            back = Some(Returned::Sample(data));
        }
        let start = NoteStart {
            lane: PREVIEW_LANE,
            origin: Origin::Preview,
            strike: Strike { semitones: 0.0, velocity: 100, seed: 0 },
            gate: PREVIEW_FRAMES as u64,
            gated: false,
            choke: 0,
            params: NoteParams::NEUTRAL,
        };
        self.voices.start(start, &instrument, &self.tables, &mut self.bank);
        match instrument {
            // The bank holds it (or it is on its way back): this one must not be the last.
            Instrument::Sample(data) => back.or(Some(Returned::Sample(data))),
            _ => None,
        }
    }

    /// Renders the stream from `first` on into `out`, interleaved.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn process(&mut self, first: Frames, out: &mut [f32], returns: &mut Returns) {
        let wanted = first.0.saturating_add(AHEAD);
        let mut now = match self.now {
            Some(now) if now == wanted => now,
            _ => self.jump(first.0),
        };
        let mut rest = &mut *out;
        while rest.len() >= 2 {
            let frames = self.segment(now, rest.len() / 2);
            let (segment, after) = rest.split_at_mut(frames * 2);
            self.render_segment(segment);
            now += frames as i64;
            rest = after;
        }
        self.now = Some(now);
        self.add_leftover(out);
        self.mixer.measure(out);
        // After the limiter and the meters: what clicks is no part of the music.
        self.clicker.add(first, self.sequencer.run(), out);
        self.bank.give_back(returns);
        if let Some(plan) = self.spent.take()
            && let Err(Returned::Plan { _plan: plan, .. }) =
                returns.send(Returned::Plan { _plan: plan, _next: None })
        {
            self.spent = Some(plan);
        }
    }

    /// The levels since the last snapshot.
    pub(crate) fn take_snapshot(&mut self) -> Option<Snapshot> {
        self.mixer.take_snapshot(&self.plan, self.voices.count())
    }

    /// The plan whose frame has come takes over.
    fn take_over(&mut self, now: i64) {
        if self.next.as_ref().is_some_and(|(at, _)| at.0 <= now)
            && let Some((_, plan)) = self.next.take()
        {
            let before = self.now.replace(now);
            self.spent = Some(self.swap_plan(plan));
            self.now = before.map(|_| now);
        }
    }

    /// Plays what is due at `now`; how many frames can then be rendered in one go.
    fn segment(&mut self, now: i64, frames: usize) -> usize {
        self.take_over(now);
        if self.sequencer.next_frame() <= now && self.play_due(now) && !self.ring_at_end {
            self.voices.fade(|voice| voice.origin == Origin::Step);
        }
        let until = self.next.as_ref().map_or(i64::MAX, |(at, _)| at.0).min(self.sequencer.next_frame());
        let until_event = until.saturating_sub(now) as usize;
        frames.min(SEGMENT_FRAMES).min(until_event).max(1)
    }

    fn render_segment(&mut self, out: &mut [f32]) {
        self.voices.render(out.len() / 2, &self.tables, &mut self.bank, &mut self.mixer);
        self.mixer.mix(out);
    }

    /// Starts the notes that are due; true at the end of the run.
    fn play_due(&mut self, now: i64) -> bool {
        let Self { plan, sequencer, voices, bank, mixer, tables, .. } = self;
        sequencer.take_due(plan, now, |due| {
            let index = due.event.track_index;
            let Some(track) = plan.tracks.get(index) else { return };
            let start = NoteStart {
                lane: mixer.lane_of(index),
                origin: Origin::Step,
                strike: Strike {
                    semitones: f32::from(due.event.pitch.get()),
                    velocity: due.event.velocity.get(),
                    seed: due.seed,
                },
                gate: due.gate,
                gated: track.gated,
                choke: track.choke,
                params: *due.params,
            };
            voices.start(start, &track.instrument, tables, bank);
        })
    }

    /// Leaves the present place of the stream for frame `first`; the frame that the voices are at then.
    fn jump(&mut self, first: i64) -> i64 {
        if self.now.is_some() {
            self.voices.clear(&mut self.bank);
            self.keep_leftover();
        }
        self.sequencer.seek(first);
        // Fill the limiter, so that the first frame out is the first frame asked for.
        let mut filling = [0.0; Limiter::LATENCY * 2];
        let mut now = first;
        let mut rest = &mut filling[..];
        while !rest.is_empty() {
            let frames = self.segment(now, rest.len() / 2);
            let (segment, after) = rest.split_at_mut(frames * 2);
            self.render_segment(segment);
            now += frames as i64;
            rest = after;
        }
        now
    }

    /// What the limiter would still have put out, faded to nothing.
    fn keep_leftover(&mut self) {
        let mut leftover = [0.0; Limiter::LATENCY * 2];
        for segment in leftover.chunks_mut(SEGMENT_FRAMES * 2) {
            self.mixer.mix(segment);
        }
        for (at, (kept, frame)) in self.leftover.iter_mut().zip(leftover.chunks_exact(2)).enumerate() {
            let gain = (Limiter::LATENCY - at) as f32 / (Limiter::LATENCY + 1) as f32;
            *kept = [frame[0] * gain, frame[1] * gain];
        }
        self.leftover_from = 0;
    }

    fn add_leftover(&mut self, out: &mut [f32]) {
        for (out, kept) in out.chunks_exact_mut(2).zip(&self.leftover[self.leftover_from..]) {
            out[0] += kept[0];
            out[1] += kept[1];
        }
        self.leftover_from = Limiter::LATENCY.min(self.leftover_from + out.len() / 2);
    }
}

fn semitones_of(instrument: &Instrument, note: u8) -> f32 {
    let root = match instrument {
        Instrument::Synth(preset) => crate::voice::patch(*preset).root,
        _ => MIDDLE_C,
    };
    (f32::from(note) - root).clamp(-96.0, 96.0)
}
