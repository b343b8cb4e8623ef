//! The score as a list: for exports, for tests, and to show what the dice came to.

use std::ops::Range;

use antiphon_model::{PatternId, Pitch, Song, TrackId, Velocity};
use antiphon_timeline::{Frames, Run, Ticks};

use crate::{
    compile::compile,
    dice::Source,
    ears::Ears,
    laid::Laid,
    plan::Plan,
    sample::SamplePool,
    score::{Score, Strike},
};

/// One note that sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The frame of the canonical stream at which it begins.
    pub frame: Frames,
    /// Where it is played, in ticks of the run.
    pub tick: Ticks,
    /// Where it is written: before swing, groove, micro-timing, humanising and ratchets.
    pub nominal: Ticks,
    pub track: TrackId,
    /// The track's place in the song.
    pub track_index: usize,
    pub pattern: PatternId,
    pub source: Source,
    /// How often the pattern was played before.
    pub cycle: i64,
    /// The bar at which the pattern began: 0, or where its link of the chain did.
    pub origin_bar: i64,
    /// Which hit of a ratchet, from 0.
    pub hit: u8,
    /// Which note of a chord: 0 is the step's own, the others ascend.
    pub chord: u8,
    pub pitch: Pitch,
    pub velocity: Velocity,
    pub length: Ticks,
    pub dice: Dice,
}

/// What was rolled for a step or a free note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dice {
    /// 0 to 99, where the step's chance is below 100: it sounds when this is below its chance.
    pub chance: Option<u8>,
    /// Ticks that humanising moves it.
    pub timing: i64,
    /// What humanising adds to its velocity, before it is held to its range.
    pub velocity: i64,
}

impl Event {
    /// The notes of one hit. `frame` is when it sounds.
    pub(crate) fn of_hit<'a>(
        strike: &'a Strike<'a>,
        track: TrackId,
        hit: u8,
        frame: i64,
    ) -> impl Iterator<Item = (Self, u64)> + 'a {
        strike.notes(hit).enumerate().map(move |(chord, (tone, seed))| {
            let event = Self {
                frame: Frames(frame),
                tick: strike.tick(hit),
                nominal: strike.nominal,
                track,
                track_index: strike.track,
                pattern: strike.pattern,
                source: strike.source,
                cycle: strike.cycle,
                origin_bar: strike.origin_bar,
                hit,
                chord: chord as u8,
                pitch: Pitch::clamped(tone.pitch.into()),
                velocity: Velocity::clamped(strike.velocity.into()),
                length: Ticks(tone.length),
                dice: strike.dice,
            };
            (event, seed)
        })
    }

    fn order(&self) -> (Frames, usize, Ticks, Source, u8, u8) {
        (self.frame, self.track_index, self.nominal, self.source, self.hit, self.chord)
    }
}

/// Every note of `song` that begins in `ticks` of the run, in the order in which the engine starts them: by frame, track,
/// written place, step before free notes, hit and note of the chord. Mutes and solos do not count.
///
/// ```
/// use antiphon_engine::{event_list, reference};
/// use antiphon_timeline::{Run, SessionTime, Ticks};
///
/// let song = reference::song();
/// let run = Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo);
/// let whole = event_list(&song, &run, Ticks::ZERO..Ticks::from_bars(2));
/// let second_bar = event_list(&song, &run, Ticks::from_bars(1)..Ticks::from_bars(2));
/// assert_eq!(second_bar[..], whole[whole.len() - second_bar.len()..]);
/// ```
pub fn event_list(song: &Song, run: &Run, ticks: Range<Ticks>) -> Vec<Event> {
    let laid = Laid::new(run);
    let frames = Frames(laid.frame(ticks.start))..Frames(laid.frame(ticks.end));
    compile(song, &SamplePool::new(), &Ears::default()).events(run, frames)
}

impl Plan {
    /// Every note that begins in `frames` of the canonical stream; see [`event_list`].
    pub fn events(&self, run: &Run, frames: Range<Frames>) -> Vec<Event> {
        let laid = Laid::new(run);
        let frames = frames.start.0.max(laid.origin)..frames.end.0.min(laid.end);
        let ticks = laid.tick_before(frames.start)..laid.tick_before(frames.end.saturating_add(2)) + 1;
        let mut events = Vec::new();
        if frames.is_empty() || !laid.flows_at(ticks.start) {
            return events;
        }
        let score = Score { plan: self, run };
        for (index, track) in self.tracks.iter().enumerate() {
            for strike in score.units(index, ticks.clone()).flat_map(|unit| unit.strikes()) {
                for hit in 0..strike.ratchet {
                    let frame = laid.sounding_frame(strike.nominal, strike.tick(hit));
                    if let Some(frame) = frame.filter(|frame| frames.contains(frame)) {
                        events.extend(Event::of_hit(&strike, track.id, hit, frame).map(|(event, _)| event));
                    }
                }
            }
        }
        events.sort_by_key(Event::order);
        events
    }
}
