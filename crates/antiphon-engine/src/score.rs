//! What sounds: a pure function of the plan, the run's start and meters, and the place.
//!
//! A track is read *unit* by unit. A unit is one step of the pattern that plays there, with the free notes that start
//! within it. What strikes in a unit are [`Strike`]s: the step itself, and each free note. A strike has one *hit* or,
//! as a ratchet, several; a hit has one note or a chord. Everything here is integer arithmetic on ticks and reads
//! nothing but its arguments, so the audio thread, an export and a peer that joins late read one and the same score.

use std::ops::Range;

use antiphon_timeline::{Run, TICKS_PER_STEP, Ticks, swing_delay};

use crate::{
    conditions,
    dice::{Die, Purpose, Source, either_way, mix_id, of_sides},
    event::Dice,
    limits::NOTES_PER_STEP_MAX,
    note_params::NoteParams,
    plan::{Plan, PlanPattern, PlanStep, PlanTrack, Tone},
    spans::{Span, Spans},
};

/// The longest a step lasts: at the slowest speed.
pub(crate) const SLOWEST_STEP: i64 = TICKS_PER_STEP * 8;
/// Nothing sounds at or after this tick, ten years at 120 BPM. It leaves the arithmetic a factor of eight below overflow.
pub(crate) const LAST_TICK: Ticks = Ticks(1 << 60);

/// A plan, read over a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score<'a> {
    pub plan: &'a Plan,
    pub run: &'a Run,
}

impl<'a> Score<'a> {
    pub(crate) fn track(self, index: usize) -> Option<&'a PlanTrack> {
        self.plan.tracks.get(index)
    }

    pub(crate) fn spans(self, track: usize) -> Option<Spans<'a>> {
        Some(Spans { plan: self.plan, track: self.track(track)?, run: self.run })
    }

    /// Every unit of a track that may have hits in `ticks`, and a few beside, in the order of their ticks.
    pub(crate) fn units(self, track: usize, ticks: Range<Ticks>) -> Units<'a> {
        let spans = self.spans(track);
        let ticks = ticks.start.max(Ticks::ZERO)..ticks.end.min(LAST_TICK);
        let first = Ticks((ticks.start.0 - 2 * SLOWEST_STEP).max(0));
        let mut units = Units { score: self, track, spans, ticks, place: None };
        units.enter(first);
        units
    }
}

/// Walks over the units of a track.
pub(crate) struct Units<'a> {
    score: Score<'a>,
    track: usize,
    spans: Option<Spans<'a>>,
    ticks: Range<Ticks>,
    place: Option<(Span<'a>, &'a PlanPattern, i64)>,
}

impl<'a> Units<'a> {
    /// Nothing at or after `tick` is asked for any more.
    pub(crate) fn stop_at(&mut self, tick: Ticks) {
        self.ticks.end = self.ticks.end.min(tick);
    }

    /// Goes to the first unit of the span around `tick`, or of the next one that has any.
    fn enter(&mut self, mut tick: Ticks) {
        self.place = None;
        while let Some(spans) = self.spans.filter(|_| tick.0 - SLOWEST_STEP < self.ticks.end.0) {
            let span = spans.at(tick);
            if let Some(pattern) = span.entry.map(|entry| &*entry.pattern).filter(|pattern| pattern.sounds) {
                // A hit is less than a step late, and a ratchet's last one less than another.
                let from = Ticks((self.ticks.start.0 - 2 * pattern.step_ticks).max(span.from.0));
                let k = pattern.speed.step_at_or_after(Ticks(from - span.origin));
                // Where a peer lets patterns change off the bar, a unit lies across the border: its free notes may be
                // within.
                self.place = Some((span, pattern, (k - 1).max(0)));
                return;
            }
            if span.to <= tick || span.to >= LAST_TICK {
                return;
            }
            tick = span.to;
        }
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Unit<'a>;

    fn next(&mut self) -> Option<Unit<'a>> {
        loop {
            let (span, pattern, k) = self.place?;
            let nominal = span.origin + pattern.tick_of(k);
            // A hit is less than a step early.
            if nominal < span.to && nominal.0 - pattern.step_ticks < self.ticks.end.0 && nominal < LAST_TICK {
                self.place = Some((span, pattern, k + 1));
                return Some(Unit { score: self.score, track: self.track, span, pattern, k, nominal });
            }
            if span.to >= LAST_TICK {
                return None;
            }
            self.enter(span.to);
        }
    }
}

/// One step of a pattern where it plays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit<'a> {
    score: Score<'a>,
    track: usize,
    pub span: Span<'a>,
    pub pattern: &'a PlanPattern,
    pub k: i64,
    pub nominal: Ticks,
}

impl<'a> Unit<'a> {
    fn cycle(&self) -> i64 {
        self.k.div_euclid(self.pattern.length())
    }

    fn contains(&self, nominal: Ticks) -> bool {
        self.span.from <= nominal && nominal < self.span.to
    }

    /// The step's own strike, when it has one that sounds.
    pub(crate) fn struck(&self) -> Option<Strike<'a>> {
        let index = self.k.rem_euclid(self.pattern.length());
        let step = self.pattern.step(index).filter(|_| self.contains(self.nominal))?;
        let (entry, track) = (self.span.entry?, self.score.track(self.track)?);
        let (source, cycle, origin_bar) = (Source::Step(index as u16), self.cycle(), self.span.origin_bar);
        let roll = |purpose| entry.die.roll(source, cycle, origin_bar, purpose);
        let chance = (step.chance < 100).then(|| of_sides(roll(Purpose::Chance), 100) as u8);
        if chance.is_some_and(|rolled| rolled >= step.chance) || !self.condition_holds(step) {
            return None;
        }
        let (groove, length) = (track.part.groove, self.pattern.step_ticks);
        let accented = groove.template.accented(self.k, groove.amount.get(), step.velocity);
        let (timing, velocity) = self.humanised(roll, accented);
        let offset = (i64::from(step.micro) * length).div_euclid(128)
            + swing_delay(self.k, track.part.swing, length)
            + groove.template.delay(self.k, groove.amount.get(), length)
            + timing;
        Some(Strike {
            track: self.track,
            die: entry.die,
            pattern: entry.id,
            source,
            cycle,
            origin_bar,
            nominal: self.nominal,
            cycle_start: self.nominal,
            place: self.nominal + offset.clamp(1 - length, length - 1),
            velocity: (accented + velocity).clamp(1, 127) as u8,
            dice: Dice { chance, timing, velocity },
            step_ticks: length,
            ratchet: step.ratchet.max(1),
            own: self.stretched(step.tone),
            chord: self.pattern.chord_of(step),
            params: step
                .lock
                .and_then(|lock| self.pattern.locks.get(usize::from(lock)))
                .unwrap_or(&track.params),
            speed: self.pattern.speed,
        })
    }

    fn condition_holds(&self, step: &PlanStep) -> bool {
        step.condition == antiphon_model::Condition::ALWAYS
            || conditions::holds(self.score, self.track, self.span, self.pattern, self.k, self.nominal)
    }

    fn stretched(&self, tone: Tone) -> Tone {
        Tone { length: self.pattern.speed.stretched(Ticks(tone.length)).0, ..tone }
    }

    /// How far humanising moves a note in time and in velocity.
    fn humanised(&self, roll: impl Fn(Purpose) -> u64, velocity: i64) -> (i64, i64) {
        let amount = i64::from(self.pattern.humanise);
        if amount == 0 {
            return (0, 0);
        }
        // An eighth of a step, a fifth of the velocity.
        let timing = either_way(roll(Purpose::Timing), self.pattern.step_ticks * amount / 800);
        (timing, either_way(roll(Purpose::Velocity), velocity * amount / 500))
    }

    /// The free notes that start within the step, by start and id.
    ///
    /// At most [`NOTES_PER_STEP_MAX`] that start within one sixteenth of real music sound, so that no pattern can hold
    /// up the audio thread.
    pub(crate) fn free_notes(&self) -> impl Iterator<Item = Strike<'a>> + use<'a> {
        let unit = *self;
        let (numerator, denominator) = self.pattern.speed.ratio();
        let parts = (denominator / numerator).max(1);
        let parts = if self.pattern.notes.is_empty() { 0 } else { parts };
        let index = self.k.rem_euclid(self.pattern.length());
        (0..parts).flat_map(move |part| {
            let width = TICKS_PER_STEP / parts;
            let start = Ticks(index * TICKS_PER_STEP + part * width);
            let notes = unit.pattern.notes.starting_in(start..start + width).take(NOTES_PER_STEP_MAX);
            notes.filter_map(move |(id, note)| unit.free_note(id, note))
        })
    }

    fn free_note(&self, id: antiphon_model::NoteId, note: &antiphon_model::FreeNote) -> Option<Strike<'a>> {
        let (entry, track) = (self.span.entry?, self.score.track(self.track)?);
        let (source, cycle, origin_bar) = (Source::Note(id), self.cycle(), self.span.origin_bar);
        let nominal = self.span.origin + self.pattern.tick_in_cycle(cycle, note.start);
        if !self.contains(nominal) {
            return None;
        }
        let own = i64::from(note.velocity.get());
        let roll = |purpose| entry.die.roll(source, cycle, origin_bar, purpose);
        let (timing, velocity) = self.humanised(roll, own);
        Some(Strike {
            track: self.track,
            die: entry.die,
            pattern: entry.id,
            source,
            cycle,
            origin_bar,
            nominal,
            cycle_start: self.span.origin + self.pattern.tick_in_cycle(cycle, Ticks::ZERO),
            place: nominal + timing,
            velocity: (own + velocity).clamp(1, 127) as u8,
            dice: Dice { chance: None, timing, velocity },
            step_ticks: self.pattern.step_ticks,
            ratchet: 1,
            own: self.stretched(Tone { pitch: note.pitch.get(), length: note.length.0 }),
            chord: &[],
            params: &track.params,
            speed: self.pattern.speed,
        })
    }

    /// Everything that strikes, in order: the step, then its free notes.
    pub(crate) fn strikes(&self) -> impl Iterator<Item = Strike<'a>> + use<'a> {
        self.struck().into_iter().chain(self.free_notes())
    }
}

/// A step or a free note that sounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strike<'a> {
    pub track: usize,
    die: Die,
    pub pattern: antiphon_model::PatternId,
    pub source: Source,
    pub cycle: i64,
    pub origin_bar: i64,
    /// Where it is written.
    pub nominal: Ticks,
    cycle_start: Ticks,
    /// Where it sounds.
    place: Ticks,
    pub velocity: u8,
    pub dice: Dice,
    step_ticks: i64,
    pub ratchet: u8,
    own: Tone,
    /// Lengths at speed 1.
    chord: &'a [Tone],
    pub params: &'a NoteParams,
    speed: antiphon_timeline::Speed,
}

impl Strike<'_> {
    /// The tick of hit `hit` (0 to `ratchet - 1`).
    pub(crate) fn tick(&self, hit: u8) -> Ticks {
        self.place + i64::from(hit) * self.step_ticks / i64::from(self.ratchet)
    }

    /// The notes of a hit: pitch, length in ticks, and the seed of its noise. The step's own first.
    pub(crate) fn notes(&self, hit: u8) -> impl Iterator<Item = (Tone, u64)> + '_ {
        let chord = self.chord.iter();
        let others = chord.map(|tone| Tone { length: self.speed.stretched(Ticks(tone.length)).0, ..*tone });
        let noise = self.die.roll(self.source, self.cycle, self.origin_bar, Purpose::Noise);
        std::iter::once(self.own).chain(others).enumerate().map(move |(at, tone)| {
            let seed = antiphon_dsp::mix_seed(antiphon_dsp::mix_seed(noise, hit.into()), at as u64);
            (Tone { length: self.length(hit, tone.length), ..tone }, seed)
        })
    }

    /// How long a hit lasts whose note lasts `length`: the time of one step is shared out, the rest is the last one's.
    fn length(&self, hit: u8, length: i64) -> i64 {
        let within = length.min(self.step_ticks) / i64::from(self.ratchet);
        let beyond = if hit + 1 == self.ratchet { (length - self.step_ticks).max(0) } else { 0 };
        (within + beyond).max(1)
    }

    /// Names a hit for as long as an edit can move it: a step by its place, a free note by itself, its pattern (copies
    /// share ids) and where its cycle of the pattern began.
    pub(crate) fn key(&self, hit: u8) -> u64 {
        use antiphon_dsp::mix_seed;
        match self.source {
            Source::Step(_) => mix_seed(mix_seed(1, self.nominal.0 as u64), hit.into()),
            Source::Note(id) => mix_id(mix_id(mix_seed(2, self.cycle_start.0 as u64), self.pattern.0), id.0),
        }
    }
}
