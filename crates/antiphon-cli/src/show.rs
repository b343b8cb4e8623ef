//! A session as text.

use antiphon_api::views::{SessionView, StepView, TrackView};

/// The session as lines: a head, then a line a track with its steps in groups of four.
pub fn text(session: &SessionView) -> String {
    let song = &session.song;
    let mut lines = format!("{}   {} BPM   swing {} %\n", song.name, song.bpm, song.swing);
    let width = song.tracks.iter().map(|track| track.name.chars().count()).max().unwrap_or(0);
    for (number, track) in song.tracks.iter().enumerate() {
        lines += &format!("{:>2} {:<width$} {} {}\n", number + 1, track.name, marks(track), steps(track));
    }
    lines
}

fn marks(track: &TrackView) -> String {
    let mark = |on, letter| if on { letter } else { ' ' };
    format!("{}{} {:<22}", mark(track.mute, 'M'), mark(track.solo, 'S'), track.sound_label)
}

fn steps(track: &TrackView) -> String {
    let groups = track.steps.chunks(4).map(|group| group.iter().map(letter).collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// Louder steps have capital letters.
fn letter(step: &StepView) -> char {
    match step {
        StepView { on: false, .. } => '-',
        StepView { velocity: 101.., .. } => 'X',
        StepView { .. } => 'x',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_shows_whether_it_sounds_and_how_hard() {
        let step = |on, velocity| StepView { on, velocity, pitch: 0, length: 16 };
        let shown: String = [step(true, 127), step(true, 60), step(false, 127)].iter().map(letter).collect();
        assert_eq!(shown, "Xx-");
    }
}
