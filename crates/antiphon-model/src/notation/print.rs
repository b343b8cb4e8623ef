//! Writes patterns.

use std::fmt::Write;

use super::{HARD, SOFT, free_note};
use crate::{
    condition::Condition,
    limits::STEPS_MAX,
    song::{Pattern, Step, Track},
    sound::Sound,
    values::{Chance, NoteLength, Pitch, Ratchet, Velocity},
};
use antiphon_timeline::Speed;

/// Steps on a line: a bar of sixteenths.
const STEPS_PER_LINE: usize = 16;
/// Steps between two `|`.
const STEPS_PER_QUARTER: usize = 4;
/// What stands for a step in one character, and next to another.
const GLYPHS: [&str; 7] = ["x", "X", "o", "-", "_", "~", "."];

/// The text of a pattern, without a line break at its end. Its steps are numbers where pitches are `melodic`,
/// and where they have one of their own.
pub fn print(pattern: &Pattern, melodic: bool) -> String {
    let mut text = String::new();
    push_header(&mut text, pattern);
    push_rows(&mut text, pattern, melodic);
    for (id, note) in pattern.notes.iter() {
        text.push('\n');
        free_note::push(&mut text, id, note);
    }
    text
}

/// The text of a track that plays `pattern`, with its name and sound, so that it can be pasted as a new one.
/// A sound that this version does not know is left out.
pub fn print_track(track: &Track, pattern: &Pattern) -> String {
    let mut text = String::from("track \"");
    for c in track.name.as_str().chars() {
        if let '"' | '\\' = c {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    if !matches!(track.sound, Sound::Unknown(_)) {
        let _ = write!(text, " {}", track.sound);
    }
    text.push('\n');
    text.push_str(&print(pattern, track.sound.is_melodic()));
    text
}

fn push_header(text: &mut String, pattern: &Pattern) {
    let mut words = Vec::new();
    if pattern.speed != Speed::default() {
        words.push(format!("speed {}", pattern.speed.key()));
    }
    if pattern.humanise.get() > 0 {
        words.push(format!("humanise {}", pattern.humanise.get()));
    }
    if !words.is_empty() {
        text.push_str(&words.join(" "));
        text.push('\n');
    }
}

fn push_rows(text: &mut String, pattern: &Pattern, melodic: bool) {
    let length = usize::from(pattern.length.get());
    let cells = cells(pattern, melodic);
    let (inside, beyond) = cells.split_at(length.min(cells.len()));
    let mut lines: Vec<String> = inside.chunks(STEPS_PER_LINE).map(|row| line(row, melodic)).collect();
    for (index, row) in beyond.chunks(STEPS_PER_LINE).enumerate() {
        let mark = if index == 0 { "/ " } else { "" };
        lines.push(format!("{mark}{}", line(row, melodic)));
    }
    text.push_str(&lines.join("\n"));
}

/// A row of cells: run together where each is one character, else by quarters.
fn line(cells: &[String], melodic: bool) -> String {
    let is_glyph = |cell: &String| GLYPHS.contains(&cell.as_str());
    if cells.iter().all(is_glyph) && (!melodic || cells.iter().all(|cell| cell == "-")) {
        return cells.concat();
    }
    let quarters = cells.chunks(STEPS_PER_QUARTER).map(|quarter| {
        let mut text = String::new();
        for (index, cell) in quarter.iter().enumerate() {
            let runs_on =
                !melodic && is_glyph(cell) && index.checked_sub(1).is_some_and(|at| is_glyph(&quarter[at]));
            if index > 0 && !runs_on {
                text.push(' ');
            }
            text.push_str(cell);
        }
        text
    });
    quarters.collect::<Vec<_>>().join(" | ")
}

/// The text of every step, as far as anything was set.
fn cells(pattern: &Pattern, melodic: bool) -> Vec<String> {
    let last_set = [
        pattern.steps.keys().next_back().copied(),
        pattern.chords.keys().next_back().map(|(step, _)| *step),
        pattern.locks.keys().next_back().map(|(step, _)| *step),
    ];
    let set = last_set.into_iter().flatten().max().map_or(0, |last| last.saturating_add(1));
    let end = set.max(pattern.length.get()).min(STEPS_MAX);
    let mut cells = Vec::with_capacity(end.into());
    while (cells.len() as u16) < end {
        let index = cells.len() as u16;
        let room = if index < pattern.length.get() { pattern.length.get() } else { end };
        let held = held(pattern, index, room);
        cells.push(cell(pattern, index, held, melodic));
        cells.extend((0..held).map(|_| "_".to_owned()));
    }
    cells
}

/// How many steps after this one its note lasts through, where that can be drawn: over steps never set.
fn held(pattern: &Pattern, index: u16, room: u16) -> u16 {
    let step = pattern.step(index);
    let whole = NoteLength::DEFAULT.get();
    if !step.on || !step.length.get().is_multiple_of(whole) {
        return 0;
    }
    let held = step.length.get() / whole - 1;
    let through = index + 1..index.saturating_add(held).saturating_add(1);
    if through.end > room || through.clone().any(|step| is_set(pattern, step)) { 0 } else { held }
}

fn is_set(pattern: &Pattern, step: u16) -> bool {
    pattern.steps.contains_key(&step)
        || pattern.chord(step).next().is_some()
        || pattern.locks_of(step).next().is_some()
}

fn cell(pattern: &Pattern, index: u16, held: u16, melodic: bool) -> String {
    let mut text = String::new();
    let Some(step) = pattern.steps.get(&index) else {
        text.push('-');
        push_chord(&mut text, pattern, index);
        push_locks(&mut text, pattern, index);
        return text;
    };
    if !step.on {
        text.push('[');
    }
    push_head(&mut text, step, melodic);
    push_marks(&mut text, step, held);
    push_chord(&mut text, pattern, index);
    push_locks(&mut text, pattern, index);
    if !step.on {
        text.push(']');
    }
    text
}

fn push_head(text: &mut String, step: &Step, melodic: bool) {
    let numbered = step.pitch != Pitch::DEFAULT || (melodic && !step.tie);
    if step.tie {
        text.push('~');
    }
    if numbered {
        let _ = write!(text, "{}", step.pitch.get());
    }
    match step.velocity {
        velocity if numbered || step.tie => push_velocity(text, velocity),
        HARD => text.push('X'),
        SOFT => text.push('o'),
        velocity => {
            text.push('x');
            push_velocity(text, velocity);
        }
    }
}

/// Writes the mark of a velocity.
pub(super) fn push_velocity(text: &mut String, velocity: Velocity) {
    match velocity {
        Velocity::DEFAULT => {}
        HARD => text.push('!'),
        SOFT => text.push('\''),
        velocity => {
            let _ = write!(text, "!{}", velocity.get());
        }
    }
}

fn push_marks(text: &mut String, step: &Step, held: u16) {
    if held == 0 && step.length != NoteLength::DEFAULT {
        let _ = write!(text, "={}", step.length.get());
    }
    if step.ratchet != Ratchet::DEFAULT {
        let _ = write!(text, "*{}", step.ratchet.get());
    }
    if step.chance != Chance::DEFAULT {
        let _ = write!(text, "%{}", step.chance.get());
    }
    if step.condition != Condition::ALWAYS {
        let _ = write!(text, "?{}", step.condition);
    }
    let _ = match step.micro.get() {
        0 => Ok(()),
        late @ 1.. => write!(text, ">{late}"),
        early => write!(text, "<{}", early.unsigned_abs()),
    };
}

fn push_chord(text: &mut String, pattern: &Pattern, index: u16) {
    let own = pattern.step(index).length;
    push_list(text, ['(', ')'], pattern.chord(index), |text, (pitch, length)| {
        let _ = write!(text, "{}", pitch.get());
        if length != own {
            let _ = write!(text, "={}", length.get());
        }
    });
}

fn push_locks(text: &mut String, pattern: &Pattern, index: u16) {
    push_list(text, ['{', '}'], pattern.locks_of(index), |text, (param, value)| {
        let _ = write!(text, "{}:{value}", param.key());
    });
}

fn push_list<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl Iterator<Item = T>,
    push: impl Fn(&mut String, T),
) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return;
    }
    text.push(open);
    while let Some(item) = items.next() {
        push(text, item);
        if items.peek().is_some() {
            text.push(',');
        }
    }
    text.push(close);
}
