//! When the next note sounds: the score read along the stream.
//!
//! For every track the sequencer keeps the frame of its next hit and nothing else; it finds it by reading the
//! [score](crate::score) ahead. So a seek, a late join or a change of tempo is nothing but reading from another place.
//!
//! Plans and tempos change under it. What was played lately is remembered by its place, so that a hit that an edit moves
//! from the past into the future does not sound again; one that is moved from the future into the past
//! sounds at once if it is not later than [`LATE_START_FRAMES`], and is dropped otherwise.

use std::sync::Arc;

use antiphon_model::{TrackId, limits::TRACKS_MAX};
use antiphon_timeline::{Run, TICKS_PER_BAR};

use crate::{
    event::Event,
    laid::Laid,
    limits::LATE_START_FRAMES,
    note_params::NoteParams,
    plan::Plan,
    played::{Played, SAME_HIT},
    score::{SLOWEST_STEP, Score},
};

/// How far ahead the next hit is looked for: long enough for the thinnest beat to cost next to nothing, short enough
/// for one look to be quick.
const HORIZON: i64 = TICKS_PER_BAR * 2;
/// What was played by now was played up to a step early, and is the same hit for so long.
const MEMORY: i64 = SLOWEST_STEP + SAME_HIT;

/// What a new run means for the notes that sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunChange {
    /// They go on.
    Continues,
    /// They stop.
    Breaks,
}

/// A note to start.
pub(crate) struct Due<'a> {
    pub event: Event,
    /// Frames until it is let go.
    pub gate: u64,
    pub seed: u64,
    pub params: &'a NoteParams,
}

/// Reads a plan along the stream, on the audio thread. Bounded: at most [`TRACKS_MAX`] tracks, and no allocation
/// after [`Sequencer::new`].
pub struct Sequencer {
    run: Option<Box<Run>>,
    cursors: Vec<Cursor>,
    /// The cursor of each of the plan's tracks.
    of_track: [u8; TRACKS_MAX],
    tracks: usize,
    /// What lies before this stream frame is over, whatever becomes of it.
    floor: i64,
    /// The least frame of all cursors.
    next: i64,
    end: i64,
    over: bool,
}

struct Cursor {
    track: Option<TrackId>,
    next: i64,
    /// Must what has just become past be looked at once more?
    catch_up: bool,
    /// Until this frame something ahead may have been played already.
    remember_until: i64,
    played: Played,
}

impl Default for Sequencer {
    fn default() -> Self {
        Self::new()
    }
}

impl Sequencer {
    /// Without a run and without tracks.
    pub fn new() -> Self {
        let cursor = || Cursor {
            track: None,
            next: i64::MAX,
            catch_up: false,
            remember_until: i64::MIN,
            played: Played::new(),
        };
        Self {
            run: None,
            cursors: std::iter::repeat_with(cursor).take(TRACKS_MAX).collect(),
            of_track: [0; TRACKS_MAX],
            tracks: 0,
            floor: i64::MIN,
            next: i64::MAX,
            end: i64::MAX,
            over: true,
        }
    }

    /// The run that is played.
    pub(crate) fn run(&self) -> Option<&Run> {
        self.run.as_deref()
    }

    /// Replaces the run at stream frame `now` (`None`: nothing was played yet). Gives back the old one.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn set_run(&mut self, run: Option<Box<Run>>, now: Option<i64>) -> (RunChange, Option<Box<Run>>) {
        let old = std::mem::replace(&mut self.run, run);
        let continues = match (&old, &self.run) {
            (Some(old), Some(new)) => old.start() == new.start() && old.first_tick() == new.first_tick(),
            (None, None) => true,
            _ => false,
        };
        let was_over = std::mem::replace(&mut self.over, self.run.is_none());
        self.end = self.run.as_deref().map_or(i64::MAX, |run| Laid::new(run).end);
        let Some(now) = now else { return (RunChange::Continues, old) };
        if continues && !was_over && self.run.is_some() {
            for at in 0..self.tracks {
                self.reread(at, now);
            }
            return (RunChange::Continues, old);
        }
        self.seek(now);
        (if continues { RunChange::Continues } else { RunChange::Breaks }, old)
    }

    /// Changes from plan `old` to plan `new` at stream frame `now` (`None`: nothing was played yet). Tracks whose
    /// timing is the same go on undisturbed.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn swap(&mut self, old: &Plan, new: &Plan, now: Option<i64>) {
        let mut taken = [false; TRACKS_MAX];
        self.tracks = new.tracks.len().min(TRACKS_MAX);
        let known = |cursors: &[Cursor], id| cursors.iter().position(|cursor| cursor.track == Some(id));
        for track in new.tracks.iter().take(self.tracks) {
            if let Some(at) = known(&self.cursors, track.id) {
                taken[at] = true;
            }
        }
        for (index, track) in new.tracks.iter().take(self.tracks).enumerate() {
            let at = known(&self.cursors, track.id).or_else(|| {
                let free = taken.iter().position(|taken| !taken)?;
                let cursor = self.cursors.get_mut(free)?;
                cursor.track = Some(track.id);
                cursor.played.clear();
                Some(free)
            });
            // There are as many cursors as tracks.
            let at = at.unwrap_or(0);
            taken[at] = true;
            self.of_track[index] = at as u8;
            if let Some(now) = now.filter(|_| !same_timing(old, new, index)) {
                self.reread(index, now);
            }
        }
        self.find_next();
    }

    /// Looks at a track anew at stream frame `now`.
    fn reread(&mut self, index: usize, now: i64) {
        let Some(run) = self.run.as_deref() else { return };
        let laid = Laid::new(run);
        let cursor = &mut self.cursors[usize::from(self.of_track[index])];
        cursor.next = now;
        cursor.catch_up = true;
        cursor.remember_until = laid.frame(laid.tick_before(now) + MEMORY);
        self.next = self.next.min(now);
    }

    /// Goes to stream frame `now`. A run that began a moment ago is still played from its beginning.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn seek(&mut self, now: i64) {
        let Some(run) = self.run.as_deref() else { return };
        let origin = Laid::new(run).origin;
        let late = (origin..=origin.saturating_add(LATE_START_FRAMES)).contains(&now);
        self.floor = if late { origin } else { now };
        self.over = false;
        for cursor in &mut self.cursors {
            cursor.next = now;
            cursor.catch_up = late;
            cursor.remember_until = i64::MIN;
            cursor.played.clear();
        }
        self.find_next();
    }

    fn find_next(&mut self) {
        let used = self.of_track.iter().take(self.tracks);
        let nexts = used.map(|at| self.cursors[usize::from(*at)].next);
        self.next = nexts.min().unwrap_or(i64::MAX);
    }

    /// Until which frame nothing happens; at or before the present one, something is due.
    pub fn next_frame(&self) -> i64 {
        if self.over { i64::MAX } else { self.next.min(self.end) }
    }

    /// Starts the notes that are due at stream frame `now`, in order. True when the run is over.
    ///
    /// Thread: audio. Real-time safe: yes, if `start` is. `plan` is the one of the last [`Self::swap`], and `now` never
    /// goes back but by [`Self::seek`].
    pub fn play_due(&mut self, plan: &Plan, now: i64, mut start: impl FnMut(&Event)) -> bool {
        self.take_due(plan, now, |due| start(&due.event))
    }

    pub(crate) fn take_due(&mut self, plan: &Plan, now: i64, mut start: impl FnMut(Due<'_>)) -> bool {
        if self.next_frame() > now {
            return false;
        }
        if self.end <= now {
            self.over = true;
            return true;
        }
        let Some(run) = self.run.as_deref() else { return false };
        let (laid, score) = (Laid::new(run), Score { plan, run });
        for index in 0..self.tracks {
            let cursor = &mut self.cursors[usize::from(self.of_track[index])];
            if cursor.next <= now {
                cursor.next = cursor.read(score, laid, index, now, self.floor, &mut start);
            }
        }
        self.find_next();
        false
    }
}

impl Cursor {
    /// Plays what is due at `now` and finds when to look again.
    fn read(
        &mut self,
        score: Score<'_>,
        laid: Laid<'_>,
        index: usize,
        now: i64,
        floor: i64,
        start: &mut impl FnMut(Due<'_>),
    ) -> i64 {
        let catch_up = std::mem::take(&mut self.catch_up);
        let earliest = if catch_up { floor.max(now.saturating_sub(LATE_START_FRAMES)) } else { now };
        let from = laid.tick_before(earliest);
        if !laid.flows_at(from) {
            return i64::MAX;
        }
        let until = from + HORIZON;
        let remembers = now < self.remember_until;
        let mut next = None;
        let mut units = score.units(index, from..until);
        while let Some(unit) = units.next() {
            for strike in unit.strikes() {
                for hit in 0..strike.ratchet {
                    let tick = strike.tick(hit);
                    let Some(frame) = laid.sounding_frame(strike.nominal, tick) else { continue };
                    if frame < earliest || next.is_some_and(|next| frame >= next) {
                        continue;
                    }
                    let key = strike.key(hit);
                    if remembers && self.played.has(key, tick) {
                        continue;
                    }
                    if frame > now {
                        next = Some(frame);
                        units.stop_at(tick.max(laid.run.first_tick()) + 1);
                        continue;
                    }
                    self.played.add(key, tick);
                    for (event, seed) in
                        Event::of_hit(&strike, self.track.unwrap_or(TrackId([0; 16])), hit, now)
                    {
                        let gate =
                            laid.frame(tick + event.length.0).saturating_sub(laid.frame(tick)).max(1) as u64;
                        start(Due { event, gate, seed, params: strike.params });
                    }
                }
            }
        }
        // Beyond the horizon only part of what there is was seen: look again from there.
        let horizon = laid.frame(until);
        next.map_or(horizon, |next| next.min(horizon)).max(now.saturating_add(1))
    }
}

/// Does track `index` of the new plan play just what it played in the old one?
fn same_timing(old: &Plan, new: &Plan, index: usize) -> bool {
    let Some(track) = new.tracks.get(index) else { return true };
    let Some(before) = old.tracks.iter().position(|one| one.id == track.id) else { return false };
    // By address: the compiler keeps what did not change.
    let part = |plan: &Plan, at: Option<usize>| plan.tracks.get(at?).map(|track| Arc::as_ptr(&track.part));
    old.fill == new.fill
        && old.mode == new.mode
        && Arc::ptr_eq(&old.chain, &new.chain)
        && part(old, Some(before)) == part(new, Some(index))
        // A condition may ask the track above.
        && part(old, before.checked_sub(1)) == part(new, index.checked_sub(1))
}
