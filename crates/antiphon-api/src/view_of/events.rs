//! What will sound, as people and exports read it.

use antiphon_engine::{Dice, Event, Source, event_list, loop_bars, song_run};
use antiphon_model::Song;
use antiphon_timeline::{SessionTime, Ticks};

use super::song::{seed, steps};
use crate::views::{DiceView, EventView, EventsView};

/// Everything that sounds in the first bars, as a render plays it.
pub(crate) fn events(song: &Song, bars: Option<u32>) -> EventsView {
    let bars = bars.unwrap_or_else(|| loop_bars(song));
    let run = song_run(song, SessionTime::ZERO);
    let listed = event_list(song, &run, Ticks::ZERO..run.bar_start(bars.into()));
    EventsView {
        bars,
        bpm: song.tempo.bpm(),
        seed: seed(song),
        events: listed.iter().map(|one| event(song, one)).collect(),
    }
}

fn event(song: &Song, event: &Event) -> EventView {
    let track = song.track(event.track);
    let pattern = track.and_then(|track| track.patterns.get(&event.pattern));
    let (step, note) = match event.source {
        Source::Step(step) => (Some(step), None),
        Source::Note(note) => (None, Some(note.to_string())),
    };
    EventView {
        track: event.track.to_string(),
        track_name: track.map_or("", |track| track.name.as_str()).to_owned(),
        pattern: event.pattern.to_string(),
        pattern_name: pattern.map_or("", |pattern| pattern.name.as_str()).to_owned(),
        at_steps: steps(event.tick),
        written_steps: steps(event.nominal),
        frame: event.frame.0,
        step,
        note,
        cycle: event.cycle,
        origin_bar: event.origin_bar,
        hit: event.hit,
        chord: event.chord,
        pitch: event.pitch.get(),
        velocity: event.velocity.get(),
        length_steps: steps(event.length),
        dice: dice(event.dice),
    }
}

fn dice(dice: Dice) -> DiceView {
    DiceView { chance: dice.chance, timing_steps: steps(Ticks(dice.timing)), velocity: dice.velocity }
}
