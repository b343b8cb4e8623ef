//! What one person hears, when shared and personal settings meet.

mod support;

use antiphon_engine::{Ears, RenderOptions, SamplePool, TrackEars, reference::SongBuilder};
use antiphon_model::{Drum, Gain, Song, Sound, Strip, TrackId};
use support::*;

/// Three tracks that strike on beats of their own: 1, 2 and 3.
fn song(strips: [&str; 3]) -> Song {
    let steps = [
        "0 . . . . . . . . . . . . . . .",
        ". . . . 0 . . . . . . . . . . .",
        ". . . . . . . . 0 . . . . . . .",
    ];
    strips
        .iter()
        .zip(steps)
        .fold(SongBuilder::new(120.0, 0), |builder, (flags, steps)| {
            let strip = Strip { mute: flags.contains('m'), solo: flags.contains('s'), ..flat() };
            builder.track(Sound::Drum(Drum::Rim), strip, steps)
        })
        .build()
}

fn ears(flags: [&str; 3]) -> Ears {
    let entry = |(track, flags): (u8, &&str)| {
        let ears = TrackEars { mute: flags.contains('m'), solo: flags.contains('s'), ..TrackEars::default() };
        (TrackId([track; 16]), ears)
    };
    Ears { tracks: (1..).zip(flags.iter()).map(entry).collect(), ..Ears::default() }
}

fn pcm(song: &Song, ears: Ears) -> Vec<f32> {
    rendered(song, &SamplePool::new(), &RenderOptions { ears, ..RenderOptions::bars(1) })
}

/// Which of the three tracks sound.
fn heard(song: &Song, ears: Ears) -> String {
    let pcm = pcm(song, ears);
    let beat = |at: usize| peak(&pcm[at * 2 * 24_000..(at * 24_000 + 10_000) * 2]) > 0.01;
    (0..3).map(|at| if beat(at) { (b'1' + at as u8) as char } else { '.' }).collect()
}

#[test]
fn shared_and_personal_settings_meet_as_documented() {
    let cases = [
        // shared, mine, what I hear
        (["", "", ""], ["", "", ""], "123"),
        (["m", "", ""], ["", "", ""], ".23"),
        (["", "s", ""], ["", "", ""], ".2."),
        (["", "", ""], ["m", "", ""], ".23"),
        (["", "", ""], ["", "s", ""], ".2."),
        // A friend's solo does not silence what I solo, and adds nothing to it.
        (["", "s", ""], ["s", "", ""], "1.."),
        (["", "s", ""], ["s", "s", ""], "12."),
        // What I mute is silent, soloed by whomever.
        (["", "s", ""], ["", "m", ""], "..."),
        (["", "", ""], ["", "ms", ""], "..."),
        // What is muted for all stays so, and solos choose among the rest.
        (["m", "", ""], ["s", "", ""], "..."),
        (["ms", "s", ""], ["", "", ""], ".2."),
    ];
    for (shared, mine, expected) in cases {
        assert_eq!(heard(&song(shared), ears(mine)), expected, "shared {shared:?}, mine {mine:?}");
    }
}

#[test]
fn my_solo_of_a_track_that_is_gone_silences_nothing() {
    let mut song = song(["", "", ""]);
    song.tracks.remove(0);
    assert_eq!(heard(&song, ears(["s", "", ""])), ".23");
}

#[test]
fn default_ears_are_the_canonical_mix() {
    let song = song(["", "", ""]);
    assert_eq!(pcm(&song, Ears::default()), pcm(&song, ears(["", "", ""])));
}

#[test]
fn my_gains_multiply_with_the_shared_ones() {
    let song = song(["", "", ""]);
    let shared = peak(&pcm(&song, Ears::default())[..20_000]);
    let mut mine = ears(["", "", ""]);
    mine.tracks.entry(TrackId([1; 16])).or_default().gain = Gain::clamped(-600);
    mine.volume = Gain::clamped(-600);
    let quieter = peak(&pcm(&song, mine)[..20_000]);
    assert!((antiphon_dsp::gain_to_db(quieter / shared) + 12.0).abs() < 0.01);
}

#[test]
fn my_volume_turned_up_does_not_overload_the_output() {
    let mut song = antiphon_engine::reference::full_song(Gain::MAX);
    song.tracks.truncate(6);
    let loud = Ears { volume: Gain::MAX, ..Ears::default() };
    assert!(peak(&pcm(&song, loud)) < 0.966);
    let silent = Ears { volume: Gain::MIN, ..Ears::default() };
    assert_eq!(peak(&pcm(&song, silent)), 0.0);
}

#[test]
fn personal_mutes_do_not_change_what_others_share() {
    // Voices are allotted the same whoever listens: a mute changes the muted track only.
    let song = song(["", "", ""]);
    let (all, without) = (pcm(&song, Ears::default()), pcm(&song, ears(["m", "", ""])));
    assert_eq!(all[20_000 * 2..], without[20_000 * 2..]);
}
