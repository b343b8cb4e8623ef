//! The metronome's own sounds, and the voices that play them.

use antiphon_dsp::{exp2, sin_turns};
use antiphon_timeline::CANONICAL_RATE;

/// Length of a click (30 ms): over before the next one at any tempo that is counted in beats.
const CLICK_FRAMES: usize = 1_440;
/// It halves so often within its length: short enough to be placed by ear, long enough to have a pitch.
const HALVINGS: f32 = 9.0;
/// Its last frames fade to nothing (2 ms), so that it ends without a click of its own.
const FADE_FRAMES: usize = 96;
/// How loud it is at 0 dB: above most music, and with it still below the converter's end.
const PEAK: f32 = 0.5;
/// The beat that opens a bar, A6.
const ACCENT_HZ: f32 = 1_760.0;
/// Every other beat, D6: a fifth below.
const BEAT_HZ: f32 = 1_174.66;
/// Clicks that sound at once. Sixteenths at 999 BPM come every 15 ms, so two overlap.
const VOICES: usize = 4;

/// Which of the two sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Click {
    /// The beat that opens a bar.
    Accent,
    Beat,
}

/// Plays clicks. Synthesised once, by basic operations only, so they are the same bits on every machine.
pub(super) struct Clicks {
    accent: Box<[f32]>,
    beat: Box<[f32]>,
    voices: [Option<Voice>; VOICES],
    /// The voice that the next click takes: always the oldest.
    next: usize,
}

#[derive(Clone, Copy)]
struct Voice {
    click: Click,
    gain: f32,
    /// Frames of the block before its first.
    wait: usize,
    /// Frames of it that were played.
    played: usize,
}

impl Clicks {
    pub(super) fn new() -> Self {
        Self { accent: synthesise(ACCENT_HZ), beat: synthesise(BEAT_HZ), voices: [None; VOICES], next: 0 }
    }

    /// Starts a click `wait` frames into the block that is rendered next.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(super) fn start(&mut self, click: Click, gain: f32, wait: usize) {
        self.voices[self.next] = Some(Voice { click, gain, wait, played: 0 });
        self.next = (self.next + 1) % VOICES;
    }

    /// Adds what sounds to `out`, interleaved stereo. The sum stays within full scale.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(super) fn add(&mut self, out: &mut [f32]) {
        for slot in &mut self.voices {
            let Some(voice) = slot else { continue };
            let sound = match voice.click {
                Click::Accent => &self.accent,
                Click::Beat => &self.beat,
            };
            let left = &sound[voice.played..];
            let frames = out.chunks_exact_mut(2).skip(voice.wait).zip(left);
            let played = frames.fold(0, |played, (frame, sample)| {
                frame.iter_mut().for_each(|out| *out = (*out + sample * voice.gain).clamp(-1.0, 1.0));
                played + 1
            });
            voice.wait = voice.wait.saturating_sub(out.len() / 2);
            voice.played += played;
            if voice.played == sound.len() {
                *slot = None;
            }
        }
    }
}

/// A decaying sine. Its first frame sounds already, so that a click lies where it is said to lie.
fn synthesise(hz: f32) -> Box<[f32]> {
    let turns = hz / CANONICAL_RATE as f32;
    let frame = |at: usize| {
        let decay = exp2(-HALVINGS * at as f32 / CLICK_FRAMES as f32);
        let fade = ((CLICK_FRAMES - at) as f32 / FADE_FRAMES as f32).min(1.0);
        PEAK * decay * fade * sin_turns((at + 1) as f32 * turns)
    };
    (0..CLICK_FRAMES).map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_begins_at_once_and_ends_in_silence() {
        for hz in [ACCENT_HZ, BEAT_HZ] {
            let click = synthesise(hz);
            let peak = click.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.4..=PEAK).contains(&peak), "{peak}");
            assert!(click[0].abs() > 0.05 && click[CLICK_FRAMES - 1].abs() < 1e-4);
        }
    }

    #[test]
    fn the_sum_with_loud_music_stays_within_full_scale() {
        let mut clicks = Clicks::new();
        clicks.start(Click::Accent, 2.0, 3);
        let mut out = [0.96; 256];
        clicks.add(&mut out);
        assert_eq!(out[..6], [0.96; 6]);
        assert!(out.iter().all(|sample| sample.abs() <= 1.0) && out.contains(&1.0));
    }

    #[test]
    fn any_block_sizes_give_the_same_click() {
        let play = |sizes: &[usize]| {
            let mut clicks = Clicks::new();
            clicks.start(Click::Beat, 1.0, 70);
            let mut heard = vec![];
            for size in sizes.iter().cycle().take(4_000) {
                let mut out = vec![0.0; size * 2];
                clicks.add(&mut out);
                heard.extend(out);
            }
            heard.truncate(2 * 1_600);
            heard
        };
        assert_eq!(play(&[64]), play(&[1, 7, 130]));
    }
}
