//! Random songs that use the whole sequencer, from a seed.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::{collections::BTreeMap, sync::Arc};

use antiphon_model::{
    Bars, Chance, Condition, Drum, FreeNote, Groove, Humanise, Link, LinkId, Micro, Moment, Name, NoteId,
    NoteLength, OrderKey, Param, Pattern, PatternId, PatternLength, Percent, Pitch, PlayMode, Ratchet, Scene,
    SceneId, SessionId, Song, Sound, Step, Swing, Switch, Test, Track, TrackId, Velocity,
};
use antiphon_timeline::{Frames, GrooveTemplate, Meter, Run, SessionTime, Speed, Tempo, Ticks};

/// Numbers from a seed.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        antiphon_dsp::mix_seed(self.0, 1)
    }

    /// From `from` to `to - 1`.
    pub fn in_range(&mut self, from: i64, to: i64) -> i64 {
        from + (self.next() >> 1) as i64 % (to - from)
    }

    pub fn one_in(&mut self, many: i64) -> bool {
        self.in_range(0, many) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.in_range(0, from.len() as i64) as usize]
    }
}

/// The run that launches, fills and modes of random songs refer to.
pub fn run_start(rng: &mut Rng) -> SessionTime {
    SessionTime(rng.in_range(0, 5_000_000_000))
}

pub fn song(rng: &mut Rng, run: SessionTime) -> Song {
    let mut song = Song::empty(SessionId([7; 16]), name());
    song.seed = rng.next();
    song.tempo = tempo(rng);
    song.swing = Swing::clamped(rng.pick(&[0, 0, 18, 55, 100]));
    song.groove = groove(rng);
    for number in 1..=rng.in_range(1, 5) as u8 {
        song.tracks.push(track(rng, number, run));
    }
    song.fill = switch(rng, run, &[false, true]);
    song.mode = switch(rng, run, &[PlayMode::Live, PlayMode::Live, PlayMode::Chain]);
    chain(rng, &mut song);
    song
}

pub fn tempo(rng: &mut Rng) -> Tempo {
    Tempo::from_bpm(rng.pick(&[20.0, 59.97, 97.3, 120.0, 174.51, 240.0, 999.0])).unwrap()
}

fn meter(rng: &mut Rng) -> Meter {
    Meter::new(rng.in_range(1, 17), rng.pick(&Meter::UNITS).into()).unwrap()
}

fn name() -> Name {
    Name::repaired("Random", "Random")
}

pub fn switch<T: Copy + PartialEq>(rng: &mut Rng, run: SessionTime, values: &[T]) -> Switch<T> {
    let at = Moment { run, tick: Ticks::from_steps(rng.in_range(0, 96)) };
    match rng.in_range(0, 3) {
        0 => Switch::settled(rng.pick(values)),
        1 => Switch::scheduled(rng.pick(values), rng.pick(values), at),
        // Of another run: it has happened.
        _ => Switch::scheduled(rng.pick(values), rng.pick(values), Moment { run: SessionTime(-1), ..at }),
    }
}

fn groove(rng: &mut Rng) -> Groove {
    Groove { template: rng.pick(&GrooveTemplate::ALL), amount: Percent::clamped(rng.pick(&[0, 37, 100])) }
}

pub fn track(rng: &mut Rng, number: u8, run: SessionTime) -> Track {
    let ids: Vec<PatternId> =
        (0..rng.in_range(1, 4) as u8).map(|at| PatternId([number * 16 + at; 16])).collect();
    let mut track = Track::new(
        TrackId([number; 16]),
        name(),
        Sound::Drum(Drum::Rim),
        OrderKey::first(),
        (ids[0], pattern(rng)),
    );
    for id in &ids[1..] {
        track.patterns.insert(*id, Arc::new(pattern(rng)));
    }
    track.current = switch(rng, run, &ids);
    track.swing = rng.one_in(3).then(|| Swing::clamped(rng.in_range(0, 101)));
    track.groove = rng.one_in(3).then(|| groove(rng));
    track
}

/// Lengths of all kinds, mostly short ones: they come round more often.
pub fn pattern(rng: &mut Rng) -> Pattern {
    let length = match rng.in_range(0, 4) {
        0 => rng.in_range(1, 257),
        _ => rng.pick(&[1, 2, 3, 4, 5, 7, 8, 12, 13, 16, 17, 31]),
    };
    let mut pattern = Pattern {
        length: PatternLength::clamped(length),
        speed: rng.pick(&Speed::ALL),
        humanise: Humanise::clamped(rng.pick(&[0, 0, 30, 100])),
        ..Pattern::empty(name(), OrderKey::first())
    };
    let density = rng.pick(&[1, 2, 5]);
    for at in 0..length.min(64) as u16 + 3 {
        if rng.one_in(density) {
            pattern.steps.insert(at, step(rng));
        }
        if rng.one_in(6) {
            for _ in 0..rng.in_range(1, 5) {
                pattern.chords.insert((at, pitch(rng)), length_of_note(rng));
            }
        }
        if rng.one_in(9) {
            pattern.locks.insert((at, Param::Tune), 100);
        }
    }
    if rng.one_in(2) {
        let notes = (0..rng.in_range(1, 60) as u8).map(|id| (NoteId([id; 16]), free_note(rng, length)));
        pattern.notes = Arc::new(notes.collect());
    }
    pattern
}

pub fn step(rng: &mut Rng) -> Step {
    Step {
        on: !rng.one_in(6),
        velocity: Velocity::clamped(rng.in_range(1, 128)),
        pitch: pitch(rng),
        length: length_of_note(rng),
        tie: rng.one_in(4),
        micro: Micro::clamped(if rng.one_in(2) { 0 } else { rng.in_range(-127, 128) }),
        ratchet: Ratchet::clamped(if rng.one_in(3) { rng.in_range(1, 9) } else { 1 }),
        chance: Chance::clamped(rng.pick(&[100, 100, 100, 0, 50, 73, 99])),
        condition: condition(rng),
    }
}

fn condition(rng: &mut Rng) -> Condition {
    let hit = rng.in_range(1, 5) as u8;
    let test = match rng.in_range(0, 10) {
        0 => Test::Fill,
        1 | 2 => Test::Pre,
        3 | 4 => Test::Nei,
        5 => Test::First,
        6 | 7 => Test::Ratio { hit, of: rng.in_range(hit.into(), 9).max(2) as u8 },
        _ => return Condition::ALWAYS,
    };
    Condition { test, negated: rng.one_in(3) }
}

fn pitch(rng: &mut Rng) -> Pitch {
    Pitch::clamped(rng.in_range(-12, 13))
}

fn length_of_note(rng: &mut Rng) -> NoteLength {
    NoteLength::clamped(rng.pick(&[1, 7, 16, 16, 24, 100]))
}

pub fn free_note(rng: &mut Rng, length: i64) -> FreeNote {
    // Also where the pattern does not reach, and many in one place.
    let end = Ticks::from_steps(length + 2).0.min(Ticks::from_steps(256).0);
    let start = if rng.one_in(2) { rng.in_range(0, end) } else { rng.in_range(0, 1 << 28) };
    FreeNote {
        start: Ticks(start),
        length: Ticks(rng.in_range(1, 1 << 32)),
        pitch: pitch(rng),
        velocity: Velocity::clamped(rng.in_range(1, 128)),
    }
}

fn chain(rng: &mut Rng, song: &mut Song) {
    for number in 0..rng.in_range(0, 4) as u8 {
        let mut slots = BTreeMap::new();
        for track in &song.tracks {
            let ids: Vec<PatternId> = track.patterns.keys().copied().collect();
            if !rng.one_in(3) {
                slots.insert(track.id, rng.pick(&ids));
            }
        }
        song.scenes.push(Scene { id: SceneId([number; 16]), name: name(), order: OrderKey::first(), slots });
    }
    let scenes: Vec<SceneId> = song.scenes.iter().map(|scene| scene.id).collect();
    for number in 0..if scenes.is_empty() { 0 } else { rng.in_range(0, 5) as u8 } {
        song.chain.push(Link {
            id: LinkId([number; 16]),
            scene: rng.pick(&scenes),
            bars: Bars::clamped(rng.in_range(1, 4)),
            order: OrderKey::first(),
        });
    }
}

/// A run of a few bars, now and then with changes of tempo and meter, a ramp and an end.
pub fn run(rng: &mut Rng, start: SessionTime, song: &Song) -> Run {
    let from = match rng.in_range(0, 3) {
        0 => Ticks::ZERO,
        1 => Ticks::from_steps(rng.in_range(0, 200)),
        _ => Ticks(rng.in_range(0, 1 << 38)),
    };
    let mut run = Run::new(start, from, song.tempo);
    if rng.one_in(2) {
        run.set_tempo(from + rng.in_range(0, 1 << 35), tempo(rng));
    }
    if rng.one_in(2) {
        run.set_meter(Ticks(rng.in_range(-1, 1 << 36)), meter(rng));
    }
    if rng.one_in(3) {
        run.set_meter(Ticks(rng.in_range(-1, 1 << 37)), meter(rng));
    }
    if rng.one_in(3) {
        run.set_ramp(from + rng.in_range(0, 1 << 36), tempo(rng), rng.in_range(1, 20_000_000_000));
    }
    if rng.one_in(3) {
        run = run.ending_at(from + rng.in_range(0, 1 << 36));
    }
    run
}

/// Some edit of somebody, at frame `now` of the stream.
pub fn edit(rng: &mut Rng, song: &mut Song, run: &Run, now: i64) {
    let bar = run.tick_at_stream_frame(Frames(now)).0.max(0) >> 34;
    let at = Moment { run: run.start(), tick: Ticks::from_bars(bar + rng.in_range(0, 3)) };
    match rng.in_range(0, 12) {
        0 => song.swing = Swing::clamped(rng.in_range(0, 101)),
        1 => song.fill = song.fill.followed_by(rng.one_in(2), rng.one_in(2).then_some(at)),
        2 if song.tracks.len() > 1 => song.tracks.swap(0, 1),
        3 => {
            let index = rng.in_range(0, song.tracks.len() as i64) as usize;
            let track = &mut song.tracks[index];
            let ids: Vec<_> = track.patterns.keys().copied().collect();
            let to = rng.pick(&ids);
            let launched = track.current.followed_by(to, rng.one_in(2).then_some(at));
            track.current = if rng.one_in(5) { Switch::settled(to) } else { launched };
        }
        // Of no consequence for the score.
        4 => song.tracks[0].strip.mute ^= true,
        _ => {
            let index = rng.in_range(0, song.tracks.len() as i64) as usize;
            let track = &mut song.tracks[index];
            let ids: Vec<_> = track.patterns.keys().copied().collect();
            let pattern = Arc::make_mut(track.patterns.get_mut(&rng.pick(&ids)).unwrap());
            edit_pattern(rng, pattern);
        }
    }
}

fn edit_pattern(rng: &mut Rng, pattern: &mut Pattern) {
    let at = rng.in_range(0, pattern.length.get().into()) as u16;
    match rng.in_range(0, 9) {
        0 => pattern.length = PatternLength::clamped(rng.in_range(1, 40)),
        1 => pattern.speed = rng.pick(&Speed::ALL),
        2 => pattern.humanise = Humanise::clamped(rng.in_range(0, 101)),
        3 => {
            let note = free_note(rng, pattern.length.get().into());
            let notes = Arc::make_mut(&mut pattern.notes);
            notes.insert(NoteId([rng.in_range(0, 60) as u8; 16]), note);
        }
        4 => pattern.steps.entry(at).or_default().on ^= true,
        5 | 6 => pattern.steps.entry(at).or_default().micro = Micro::clamped(rng.in_range(-127, 128)),
        7 => pattern.steps.entry(at).or_default().ratchet = Ratchet::clamped(rng.in_range(1, 9)),
        _ => {
            let step = step(rng);
            pattern.steps.insert(at, step);
        }
    }
}
