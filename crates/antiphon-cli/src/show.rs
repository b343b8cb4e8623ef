//! A session as text.

use antiphon_api::views::{PatternView, SessionView, StepView, TrackView};

/// The session as lines: a head, a line a track with its steps in groups of four, its other patterns, scenes and chain.
pub fn text(session: &SessionView) -> String {
    let song = &session.song;
    let meter = song.meter;
    let mut lines =
        format!("{}   {} BPM   {}/{}   swing {} %", song.name, song.bpm, meter.beats, meter.unit, song.swing);
    if song.groove.template != "straight" {
        lines += &format!("   groove {} {} %", song.groove.template, song.groove.amount);
    }
    lines.push('\n');
    let width = song.tracks.iter().map(|track| track.name.chars().count()).max().unwrap_or(0);
    for (number, track) in song.tracks.iter().enumerate() {
        for (at, pattern) in track.patterns.iter().enumerate() {
            let head = match at {
                0 => format!("{:>2} {:<width$} {}", number + 1, track.name, marks(track)),
                _ => format!("{:>2} {:<width$} {:<25}", "", "", ""),
            };
            lines += &format!("{head} {}\n", steps(track, pattern));
        }
    }
    lines + &arrangement(session)
}

fn marks(track: &TrackView) -> String {
    let mark = |on, letter| if on { letter } else { ' ' };
    format!("{}{} {:<22}", mark(track.mute, 'M'), mark(track.solo, 'S'), track.sound_label)
}

/// The pattern's steps, with its name and whether it is the launched one where there are several.
fn steps(track: &TrackView, pattern: &PatternView) -> String {
    let groups = pattern.steps.chunks(4).map(|group| group.iter().map(letter).collect::<String>());
    let steps = groups.collect::<Vec<_>>().join(" ");
    match track.patterns.len() {
        1 => steps,
        _ => {
            let launched = if pattern.id == track.pattern { '>' } else { ' ' };
            format!("{launched}{:<3} {steps}", pattern.name)
        }
    }
}

/// Louder steps have capital letters.
fn letter(step: &StepView) -> char {
    match step {
        StepView { on: false, .. } => '-',
        StepView { tie: true, .. } => '_',
        StepView { velocity: 101.., .. } => 'X',
        StepView { .. } => 'x',
    }
}

fn arrangement(session: &SessionView) -> String {
    let song = &session.song;
    let name = |id: &str| song.scenes.iter().find(|scene| scene.id == id).map_or("?", |scene| &scene.name);
    let mut lines = String::new();
    if !song.scenes.is_empty() {
        let names: Vec<_> = song.scenes.iter().map(|scene| scene.name.as_str()).collect();
        lines += &format!("scenes: {}\n", names.join(", "));
    }
    if !song.chain.is_empty() {
        let links: Vec<_> =
            song.chain.iter().map(|link| format!("{} \u{d7} {}", name(&link.scene), link.bars)).collect();
        lines += &format!("chain: {}\n", links.join(", "));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_shows_whether_it_sounds_and_how_hard() {
        let step = |on, velocity, tie| StepView {
            on,
            velocity,
            tie,
            pitch: 0,
            length: 16,
            micro: 0,
            ratchet: 1,
            chance: 100,
            condition: "always".into(),
        };
        let steps =
            [step(true, 127, false), step(true, 60, false), step(false, 127, false), step(true, 60, true)];
        assert_eq!(steps.iter().map(letter).collect::<String>(), "Xx-_");
    }
}
