//! The slow and obvious sequencer: for every track it lists every step from tick 0 on, judges each, and sorts.
//!
//! It shares no code with the engine but the values of the song, the groove tables and the hash under the dice; its
//! arithmetic is its own, in `i128`, so nothing overflows and nothing is clever.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use antiphon_dsp::mix_seed;
use antiphon_engine::{Dice, Event, Source};
use antiphon_model::{Condition, NoteId, Pattern, PatternId, PlayMode, Song, Test, Track, Velocity};
use antiphon_timeline::{Frames, Run, Ticks};

const STEP: i128 = 1 << 30;
/// No bar of any meter is longer than this: sixteen halves.
const LONGEST_BAR: i128 = STEP * 128;

/// Where each bar begins, counted one by one up to `last`, and beyond it by as many again as the chain may need.
fn bar_lines(run: &Run, last: i128) -> Vec<i128> {
    let meters: Vec<_> = run.meters().collect();
    let (mut lines, mut line) = (Vec::new(), 0);
    while line < last + 16 * LONGEST_BAR {
        lines.push(line);
        let now = meters.iter().rev().find(|(at, _)| i128::from(at.0) <= line).unwrap_or(&meters[0]).1;
        line += i128::from(now.beats()) * 16 / i128::from(now.unit()) * STEP;
    }
    lines
}

/// What a track plays at a tick: pattern, origin.
type Playing = (PatternId, i128);

struct Naive<'a> {
    song: &'a Song,
    run: &'a Run,
    bars: Vec<i128>,
}

/// Every note that begins before frame `end` of the stream.
pub fn events(song: &Song, run: &Run, end: i64) -> Vec<Event> {
    let last = i128::from(run.tick_at_stream_frame(Frames(end)).0);
    let naive = Naive { song, run, bars: bar_lines(run, last) };
    let mut events = Vec::new();
    for track in 0..song.tracks.len() {
        naive.list(track, end, &mut events);
    }
    events.sort_by_key(|e| (e.frame, e.track_index, e.nominal, e.source, e.hit, e.chord));
    events
}

impl Naive<'_> {
    fn playing(&self, track: &Track, tick: i128) -> Playing {
        let (song, start, at) = (self.song, self.run.start(), Ticks(tick as i64));
        let bar = self.bars.partition_point(|line| *line <= tick) - 1;
        let total: usize = song.chain.iter().map(|link| usize::from(link.bars.get())).sum();
        if song.mode.at(start, at) == PlayMode::Chain && total > 0 {
            let mut begin = bar / total * total;
            for link in &song.chain {
                let end = begin + usize::from(link.bars.get());
                if (begin..end).contains(&bar) {
                    let scene = song.scenes.iter().find(|scene| scene.id == link.scene).unwrap();
                    if let Some(pattern) = scene.slots.get(&track.id) {
                        return (*pattern, self.bars[begin]);
                    }
                }
                begin = end;
            }
        }
        (track.current.at(start, at), 0)
    }

    fn bar_of(&self, origin: i128) -> u64 {
        self.bars.iter().position(|line| *line == origin).unwrap() as u64
    }

    /// Was it playing all the time, looked at in every sixteenth? Patterns change on sixteenths only.
    fn playing_since(&self, track: &Track, playing: Playing, from: i128, to: i128) -> bool {
        let mut tick = from;
        while tick < to {
            if self.playing(track, tick) != playing {
                return false;
            }
            tick += STEP;
        }
        self.playing(track, to) == playing
    }

    fn list(&self, index: usize, end: i64, events: &mut Vec<Event>) {
        let track = &self.song.tracks[index];
        let last = i128::from(self.run.tick_at_stream_frame(Frames(end)).0) + 10 * STEP;
        // Every place in which any pattern can begin, and every pattern.
        let mut heard: Vec<Playing> = Vec::new();
        let mut tick = 0;
        while tick < last + LONGEST_BAR {
            let playing = self.playing(track, tick);
            if !heard.contains(&playing) {
                heard.push(playing);
            }
            tick += STEP;
        }
        for playing in heard {
            let pattern = &track.patterns[&playing.0];
            for k in 0.. {
                let nominal = playing.1 + step_tick(pattern, k);
                if nominal > last {
                    break;
                }
                if self.playing(track, nominal) == playing {
                    self.list_step(index, playing, k, nominal, end, events);
                }
            }
            self.list_notes(index, playing, last, end, events);
        }
    }

    fn list_step(
        &self,
        index: usize,
        playing: Playing,
        k: i128,
        nominal: i128,
        end: i64,
        events: &mut Vec<Event>,
    ) {
        let track = &self.song.tracks[index];
        let pattern = &track.patterns[&playing.0];
        let length = i128::from(pattern.length.get());
        let (at, cycle) = ((k % length) as u16, k / length);
        let step = pattern.step(at);
        if !step.on || step.tie {
            return;
        }
        let roll = |purpose: u64| {
            let mut hash = mix_id(mix_id(self.song.seed, track.id.0), playing.0.0);
            for number in [u64::from(at), cycle as u64, self.bar_of(playing.1), purpose] {
                hash = mix_seed(hash, number);
            }
            hash
        };
        let chance = (step.chance.get() < 100).then(|| scaled(roll(1), 100) as u8);
        if chance.is_some_and(|rolled| rolled >= step.chance.get())
            || !self.holds(index, playing, step.condition, k, nominal)
        {
            return;
        }
        let whole = stretched(pattern, STEP);
        let groove = track.groove.unwrap_or(self.song.groove);
        let amount = i128::from(groove.amount.get());
        let feel = groove.template.step(k as i64);
        let accent = 100 + ((i128::from(feel.accent) - 100) * amount).div_euclid(100);
        let accented = i128::from(step.velocity.get()) * accent / 100;
        let humanise = i128::from(pattern.humanise.get());
        let reach = |most: i128, purpose| {
            if humanise == 0 { 0 } else { scaled(roll(purpose), 2 * most + 1) - most }
        };
        let timing = reach(whole * humanise / 800, 2);
        let harder = reach(accented * humanise / 500, 3);
        let swing = i128::from(track.swing.unwrap_or(self.song.swing).get());
        let mut offset = (i128::from(step.micro.get()) * whole).div_euclid(128) + timing;
        offset += if k % 2 == 1 { whole * swing / 200 } else { 0 };
        offset += (i128::from(feel.delay) * whole * amount).div_euclid(12_800);
        let place = nominal + offset.clamp(1 - whole, whole - 1);
        let mut tones = vec![(step.pitch, i128::from(step.length.get()) * STEP / 16)];
        let others = pattern.chord(at).filter(|(pitch, _)| *pitch != step.pitch).take(7);
        tones.extend(others.map(|(pitch, length)| (pitch, i128::from(length.get()) * STEP / 16)));
        if let Some(tied) = tied(pattern, at) {
            tones.iter_mut().for_each(|tone| tone.1 = tied);
        }
        let ratchet = i128::from(step.ratchet.get());
        for hit in 0..ratchet {
            let tick = place + hit * whole / ratchet;
            let Some(frame) = self.frame(nominal, tick, end) else { continue };
            for (chord, (pitch, length)) in tones.iter().enumerate() {
                let length = stretched(pattern, *length);
                let beyond = if hit == ratchet - 1 { (length - whole).max(0) } else { 0 };
                let length = (length.min(whole) / ratchet + beyond).max(1);
                events.push(Event {
                    frame,
                    tick: Ticks(tick as i64),
                    nominal: Ticks(nominal as i64),
                    track: track.id,
                    track_index: index,
                    pattern: playing.0,
                    source: Source::Step(at),
                    cycle: cycle as i64,
                    origin_bar: self.bar_of(playing.1) as i64,
                    hit: hit as u8,
                    chord: chord as u8,
                    pitch: *pitch,
                    velocity: Velocity::clamped((accented + harder) as i64),
                    length: Ticks(length as i64),
                    dice: Dice { chance, timing: timing as i64, velocity: harder as i64 },
                });
            }
        }
    }

    fn list_notes(&self, index: usize, playing: Playing, last: i128, end: i64, events: &mut Vec<Event>) {
        let track = &self.song.tracks[index];
        let pattern = &track.patterns[&playing.0];
        let length = i128::from(pattern.length.get());
        let (numerator, denominator) = pattern.speed.ratio();
        let slot_ticks = STEP / i128::from((denominator / numerator).max(1));
        for cycle in 0.. {
            if playing.1 + step_tick(pattern, cycle * length) > last {
                break;
            }
            let (mut slot, mut in_slot) = (-1, 0);
            for (id, note) in pattern.notes.iter() {
                let start = i128::from(note.start.0);
                in_slot = if start / slot_ticks == slot { in_slot + 1 } else { 1 };
                slot = start / slot_ticks;
                let nominal = playing.1 + stretched(pattern, cycle * length * STEP + start);
                if start >= length * STEP
                    || in_slot > antiphon_engine::limits::NOTES_PER_STEP_MAX
                    || self.playing(track, nominal) != playing
                {
                    continue;
                }
                let roll = |purpose: u64| {
                    let mut hash = mix_id(mix_id(self.song.seed, track.id.0), playing.0.0);
                    hash = mix_id(mix_seed(hash, 65_535), id.0);
                    for number in [cycle as u64, self.bar_of(playing.1), purpose] {
                        hash = mix_seed(hash, number);
                    }
                    hash
                };
                let humanise = i128::from(pattern.humanise.get());
                let reach = |most: i128, purpose| {
                    if humanise == 0 { 0 } else { scaled(roll(purpose), 2 * most + 1) - most }
                };
                let velocity = i128::from(note.velocity.get());
                let timing = reach(stretched(pattern, STEP) * humanise / 800, 2);
                let harder = reach(velocity * humanise / 500, 3);
                let Some(frame) = self.frame(nominal, nominal + timing, end) else { continue };
                events.push(Event {
                    frame,
                    tick: Ticks((nominal + timing) as i64),
                    nominal: Ticks(nominal as i64),
                    track: track.id,
                    track_index: index,
                    pattern: playing.0,
                    source: Source::Note(id),
                    cycle: cycle as i64,
                    origin_bar: self.bar_of(playing.1) as i64,
                    hit: 0,
                    chord: 0,
                    pitch: note.pitch,
                    velocity: Velocity::clamped((velocity + harder) as i64),
                    length: Ticks(stretched(pattern, note.length.0.into()).max(1) as i64),
                    dice: Dice { chance: None, timing: timing as i64, velocity: harder as i64 },
                });
            }
        }
    }

    fn frame(&self, nominal: i128, tick: i128, end: i64) -> Option<Frames> {
        let (run, first) = (self.run, i128::from(self.run.first_tick().0));
        let mut frame = run.stream_frame_at(Ticks(tick as i64));
        if nominal >= first {
            frame = frame.max(run.first_frame());
        }
        let over = run.end().map_or(i64::MAX, |end| run.stream_frame_at(end).0).min(end);
        (run.first_frame() <= frame && frame.0 < over).then_some(frame)
    }

    fn holds(&self, index: usize, playing: Playing, condition: Condition, k: i128, nominal: i128) -> bool {
        let track = &self.song.tracks[index];
        let pattern = &track.patterns[&playing.0];
        let length = i128::from(pattern.length.get());
        let held = match condition.test {
            Test::Always => true,
            Test::Fill => self.song.fill.at(self.run.start(), Ticks(nominal as i64)),
            Test::First => k / length == 0,
            Test::Ratio { hit, of } => (k / length) % i128::from(of) == i128::from(hit) - 1,
            Test::Pre => self.outcome_at_or_before(index, playing, k - 1, nominal, length),
            Test::Nei => index.checked_sub(1).is_some_and(|above| {
                let neighbour = &self.song.tracks[above];
                let playing = self.playing(neighbour, nominal);
                let pattern = &neighbour.patterns[&playing.0];
                let mut k = 0;
                while playing.1 + step_tick(pattern, k + 1) <= nominal {
                    k += 1;
                }
                self.outcome_at_or_before(above, playing, k, nominal, pattern.length.get().into())
            }),
        };
        held != condition.negated
    }

    /// The outcome of the last condition that counts, from step `k` back over `many` steps.
    fn outcome_at_or_before(&self, index: usize, playing: Playing, k: i128, until: i128, many: i128) -> bool {
        let track = &self.song.tracks[index];
        let pattern = &track.patterns[&playing.0];
        for k in (0..=k).rev().take(many as usize) {
            let step = pattern.step((k % i128::from(pattern.length.get())) as u16);
            if step.on && !step.tie && step.condition.counts() {
                let nominal = playing.1 + step_tick(pattern, k);
                return self.playing_since(track, playing, nominal, until)
                    && self.holds(index, playing, step.condition, k, nominal);
            }
        }
        false
    }
}

/// The tick at which the cycle began in which a free note sounds.
pub fn cycle_start(pattern: &Pattern, id: NoteId, event: &Event) -> i64 {
    let cycle_ticks = i128::from(event.cycle) * i128::from(pattern.length.get()) * STEP;
    let start = i128::from(pattern.notes.get(id).unwrap().start.0);
    let origin = i128::from(event.nominal.0) - stretched(pattern, cycle_ticks + start);
    (origin + stretched(pattern, cycle_ticks)) as i64
}

fn step_tick(pattern: &Pattern, k: i128) -> i128 {
    stretched(pattern, k * STEP)
}

fn stretched(pattern: &Pattern, ticks: i128) -> i128 {
    let (numerator, denominator) = pattern.speed.ratio();
    (ticks * i128::from(denominator)).div_euclid(numerator.into())
}

/// How long the notes of a step last that tied steps prolong.
fn tied(pattern: &Pattern, at: u16) -> Option<i128> {
    let length = pattern.length.get();
    let mut lasts = None;
    for further in 1..length {
        let step = pattern.step((at + further) % length);
        if !step.on || !step.tie {
            break;
        }
        lasts = Some(i128::from(further) * STEP + i128::from(step.length.get()) * STEP / 16);
    }
    lasts
}

fn scaled(roll: u64, sides: i128) -> i128 {
    (i128::from(roll) * sides) >> 64
}

fn mix_id(seed: u64, id: [u8; 16]) -> u64 {
    let half = |from: usize| u64::from_le_bytes(id[from..from + 8].try_into().unwrap());
    mix_seed(mix_seed(seed, half(0)), half(8))
}

/// For messages: what is different first.
pub fn first_difference(a: &[Event], b: &[Event]) -> String {
    match a.iter().zip(b).position(|(a, b)| a != b) {
        Some(at) => format!("event {at}:\n{:#?}\nis not\n{:#?}", a[at], b[at]),
        None => format!("{} and {} events; next {:#?}", a.len(), b.len(), a.get(b.len()).or(b.get(a.len()))),
    }
}
