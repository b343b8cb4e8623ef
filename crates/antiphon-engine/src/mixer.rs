//! Lanes, master and limiter.
//!
//! Every track of the plan has a lane; so has the preview, and a track that was removed keeps its own until its notes have
//! faded. Lanes are found by track, so a plan that reorders tracks moves nothing. They are summed in the
//! order of the plan's tracks, so the sum is the same on peers with different histories.
//!
//! ```text
//! voices → lane (gain · pan · personal gain) ─┐  a note with a pan of its own: lane (gain · personal gain)
//! voices → lane                               ├─ master · boost → limiter → personal volume → out
//! preview ────────────────────────────────────┘
//! ```

use antiphon_dsp::{Limiter, PanGains, Ramp};
use antiphon_model::{TrackId, limits::TRACKS_MAX};

use crate::{
    limits::{LANES, METER_FRAMES, SEGMENT_FRAMES},
    meters::{LevelSum, Snapshot},
    plan::{Plan, PlanStrip},
    voice::Outlets,
};

/// True peak of the output: -0.3 dBTP.
const CEILING: f32 = 0.966;
/// The lane of previews.
pub(crate) const PREVIEW_LANE: u8 = (LANES - 1) as u8;
/// Faders that can be turned at once: the fingers of two hands.
const GESTURES_MAX: usize = 10;

/// A fader being turned: not an edit yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gesture {
    /// `None`: the master.
    pub track: Option<TrackId>,
    pub gain: Option<f32>,
    pub pan: Option<PanGains>,
}

/// A gesture with the shared values it began from.
#[derive(Debug, Clone, Copy)]
struct ActiveGesture {
    gesture: Gesture,
    base: (f32, PanGains),
}

struct Lane {
    track: Option<TrackId>,
    in_plan: bool,
    /// What the strip places.
    panned: Buffers,
    gains: [Ramp; 2],
    /// Notes with a place of their own: the strip's gain moves them, its pan does not.
    placed: Buffers,
    placed_gain: Ramp,
    level: LevelSum,
}

/// Both channels of a segment.
struct Buffers {
    channels: [[f32; SEGMENT_FRAMES]; 2],
    /// Has a voice written into them?
    sounds: bool,
}

impl Buffers {
    const SILENT: Self = Self { channels: [[0.0; SEGMENT_FRAMES]; 2], sounds: false };
}

impl Lane {
    fn free() -> Self {
        Self {
            track: None,
            in_plan: false,
            panned: Buffers::SILENT,
            gains: [Ramp::at(1.0); 2],
            placed: Buffers::SILENT,
            placed_gain: Ramp::at(1.0),
            level: LevelSum::default(),
        }
    }
}

pub(crate) struct Mixer {
    lanes: Vec<Lane>,
    /// Lane of each of the plan's tracks.
    track_lanes: [u8; TRACKS_MAX],
    tracks: usize,
    gestures: [Option<ActiveGesture>; GESTURES_MAX],
    master: Ramp,
    volume: Ramp,
    limiter: Limiter,
    master_level: [LevelSum; 2],
    frames_measured: u32,
    started: bool,
}

impl Mixer {
    pub(crate) fn new() -> Self {
        Self {
            lanes: std::iter::repeat_with(Lane::free).take(LANES).collect(),
            track_lanes: [0; TRACKS_MAX],
            tracks: 0,
            gestures: [None; GESTURES_MAX],
            master: Ramp::at(1.0),
            volume: Ramp::at(1.0),
            limiter: Limiter::new(CEILING),
            master_level: [LevelSum::default(); 2],
            frames_measured: 0,
            started: false,
        }
    }

    /// The lane of the plan's track number `index`.
    pub(crate) fn lane_of(&self, index: usize) -> u8 {
        self.track_lanes[index]
    }

    /// Gives every track of `plan` a lane. Lanes of tracks that are gone are left to their fading notes.
    pub(crate) fn set_plan(&mut self, plan: &Plan, sounds: impl Fn(u8) -> bool) {
        self.lanes.iter_mut().for_each(|lane| lane.in_plan = false);
        for lane in self.lanes.iter_mut().filter(|lane| lane.track.is_some()) {
            lane.in_plan = plan.tracks.iter().any(|track| Some(track.id) == lane.track);
        }
        self.tracks = plan.tracks.len().min(TRACKS_MAX);
        for (index, track) in plan.tracks.iter().take(TRACKS_MAX).enumerate() {
            let known = self.lanes.iter().position(|lane| lane.track == Some(track.id));
            let lane = known.unwrap_or_else(|| self.open_lane(track.id, &track.strip, &sounds));
            self.track_lanes[index] = lane as u8;
        }
        self.end_gestures(plan);
        self.aim(plan);
        if !std::mem::replace(&mut self.started, true) {
            // Nothing has sounded: there is nothing to ramp from.
            (self.master, self.volume) = (Ramp::at(self.master.target()), Ramp::at(self.volume.target()));
        }
    }

    fn open_lane(&mut self, track: TrackId, strip: &PlanStrip, sounds: impl Fn(u8) -> bool) -> usize {
        let lanes = &self.lanes[..usize::from(PREVIEW_LANE)];
        let silent = |at: &usize| !lanes[*at].in_plan && !sounds(*at as u8);
        let free = (0..lanes.len()).find(silent);
        // There are twice as many lanes as tracks; none is free only when whole songs are swapped within a fade.
        let at = free.or_else(|| lanes.iter().position(|lane| !lane.in_plan)).unwrap_or(0);
        let (placed, [left, right]) = targets(strip, strip.gain, strip.pan);
        self.lanes[at] = Lane {
            track: Some(track),
            in_plan: true,
            gains: [Ramp::at(left), Ramp::at(right)],
            placed_gain: Ramp::at(placed),
            ..Lane::free()
        };
        at
    }

    /// Was this lane's track removed?
    pub(crate) fn is_leaving(&self, lane: u8) -> bool {
        lane != PREVIEW_LANE && !self.lanes[usize::from(lane)].in_plan
    }

    pub(crate) fn set_gesture(&mut self, gesture: Gesture, plan: &Plan) {
        let mine = |active: &Option<ActiveGesture>| active.is_some_and(|a| a.gesture.track == gesture.track);
        let same = self.gestures.iter().position(mine);
        if gesture.gain.is_none() && gesture.pan.is_none() {
            if let Some(at) = same {
                self.gestures[at] = None;
            }
        } else if let Some(base) = shared_values(plan, gesture.track) {
            let free = || self.gestures.iter().position(Option::is_none);
            let at = same.or_else(free).unwrap_or(0);
            let base = self.gestures[at].filter(|_| same.is_some()).map_or(base, |active| active.base);
            self.gestures[at] = Some(ActiveGesture { gesture, base });
        }
        self.aim(plan);
    }

    /// A gesture ends when the plan brings another shared value: its own edit, or somebody else's.
    fn end_gestures(&mut self, plan: &Plan) {
        for active in &mut self.gestures {
            let ended = |a: &ActiveGesture| shared_values(plan, a.gesture.track) != Some(a.base);
            if active.as_ref().is_some_and(ended) {
                *active = None;
            }
        }
    }

    fn gesture(&self, track: Option<TrackId>) -> Option<Gesture> {
        self.gestures.iter().flatten().map(|active| active.gesture).find(|gesture| gesture.track == track)
    }

    /// Sends every ramp to where the plan and the gestures want it.
    fn aim(&mut self, plan: &Plan) {
        for (index, track) in plan.tracks.iter().take(self.tracks).enumerate() {
            let gesture = self.gesture(Some(track.id));
            let gain = gesture.and_then(|gesture| gesture.gain).unwrap_or(track.strip.gain);
            let pan = gesture.and_then(|gesture| gesture.pan).unwrap_or(track.strip.pan);
            let lane = &mut self.lanes[usize::from(self.track_lanes[index])];
            let (placed, panned) = targets(&track.strip, gain, pan);
            lane.placed_gain.set(placed);
            for (ramp, target) in lane.gains.iter_mut().zip(panned) {
                ramp.set(target);
            }
        }
        let master = self.gesture(None).and_then(|gesture| gesture.gain).unwrap_or(plan.master);
        self.master.set(master * plan.boost);
        self.volume.set(plan.volume);
    }

    /// Mixes the lanes' buffers into `out` (interleaved) and clears them.
    pub(crate) fn mix(&mut self, out: &mut [f32]) {
        let frames = out.len() / 2;
        let (mut left, mut right) = ([0.0; SEGMENT_FRAMES], [0.0; SEGMENT_FRAMES]);
        let (left, right) = (&mut left[..frames], &mut right[..frames]);
        for index in 0..self.tracks {
            self.lanes[usize::from(self.track_lanes[index])].mix(left, right);
        }
        for lane in self.lanes.iter_mut().filter(|lane| !lane.in_plan && lane.sounds()) {
            lane.mix(left, right);
        }
        for (out, (left, right)) in out.chunks_exact_mut(2).zip(left.iter().zip(right.iter())) {
            let master = self.master.next_value();
            let limited = self.limiter.process(left * master, right * master);
            let volume = self.volume.next_value();
            out.copy_from_slice(&limited.map(|sample| sample * volume));
        }
    }

    /// Takes the levels of what was sent out.
    pub(crate) fn measure(&mut self, out: &[f32]) {
        let (mut left, mut right) = ([0.0; SEGMENT_FRAMES], [0.0; SEGMENT_FRAMES]);
        for part in out.chunks(SEGMENT_FRAMES * 2) {
            let frames = part.len() / 2;
            for (at, frame) in part.chunks_exact(2).enumerate() {
                (left[at], right[at]) = (frame[0], frame[1]);
            }
            self.master_level[0].add(&left[..frames]);
            self.master_level[1].add(&right[..frames]);
        }
        self.frames_measured += (out.len() / 2) as u32;
    }

    /// The levels since the last snapshot, when enough was played for one.
    pub(crate) fn take_snapshot(&mut self, plan: &Plan, voices: usize) -> Option<Snapshot> {
        if self.frames_measured < METER_FRAMES {
            return None;
        }
        let mut snapshot = Snapshot::EMPTY;
        snapshot.count = self.tracks;
        for (index, track) in plan.tracks.iter().take(self.tracks).enumerate() {
            let lane = &mut self.lanes[usize::from(self.track_lanes[index])];
            snapshot.ids[index] = track.id;
            snapshot.tracks[index] = std::mem::take(&mut lane.level);
        }
        snapshot.master = std::mem::take(&mut self.master_level);
        snapshot.limiter_gain = self.limiter.take_least_gain();
        snapshot.voices = voices as u32;
        snapshot.frames = std::mem::take(&mut self.frames_measured);
        Some(snapshot)
    }
}

impl Outlets for Mixer {
    fn outlet(&mut self, lane: u8, placed: bool, frames: usize) -> [&mut [f32]; 2] {
        let lane = &mut self.lanes[usize::from(lane)];
        let buffers = if placed { &mut lane.placed } else { &mut lane.panned };
        buffers.sounds = true;
        buffers.channels.each_mut().map(|channel| &mut channel[..frames])
    }
}

impl Lane {
    fn sounds(&self) -> bool {
        self.panned.sounds || self.placed.sounds
    }

    fn mix(&mut self, left: &mut [f32], right: &mut [f32]) {
        let frames = left.len();
        self.apply_gains(frames);
        if self.placed.sounds {
            self.add_placed(frames);
        }
        if !std::mem::take(&mut self.panned.sounds) {
            return;
        }
        for (lane, out) in self.panned.channels.iter_mut().zip([left, right]) {
            let lane = &mut lane[..frames];
            self.level.add(lane);
            for (out, sample) in out.iter_mut().zip(lane.iter_mut()) {
                *out += *sample;
                *sample = 0.0;
            }
        }
    }

    /// Where a ramp is must not depend on what sounds: where nothing does it still moves on.
    fn apply_gains(&mut self, frames: usize) {
        for (channel, gain) in self.panned.channels.iter_mut().zip(&mut self.gains) {
            match self.panned.sounds {
                true => gain.apply(&mut channel[..frames]),
                false => gain.skip(frames),
            }
        }
        if !self.placed.sounds {
            self.placed_gain.skip(frames);
        }
    }

    /// Moves the placed notes in with the others, which were panned before.
    fn add_placed(&mut self, frames: usize) {
        let mut gains = [1.0; SEGMENT_FRAMES];
        self.placed_gain.apply(&mut gains[..frames]);
        for (placed, panned) in self.placed.channels.iter_mut().zip(&mut self.panned.channels) {
            for ((placed, panned), gain) in placed[..frames].iter_mut().zip(panned).zip(&gains) {
                *panned += *placed * gain;
                *placed = 0.0;
            }
        }
        (self.placed.sounds, self.panned.sounds) = (false, true);
    }
}

/// A lane's gain for placed notes, and for both channels of the others.
fn targets(strip: &PlanStrip, gain: f32, pan: PanGains) -> (f32, [f32; 2]) {
    let gain = if strip.audible { gain * strip.personal } else { 0.0 };
    (gain, [gain * pan.left, gain * pan.right])
}

fn shared_values(plan: &Plan, track: Option<TrackId>) -> Option<(f32, PanGains)> {
    match track {
        None => Some((plan.master, PanGains::CENTRE)),
        Some(id) => {
            let track = plan.tracks.iter().find(|track| track.id == id)?;
            Some((track.strip.gain, track.strip.pan))
        }
    }
}
