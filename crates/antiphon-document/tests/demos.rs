//! The songs that ship with the program can be made, and are what they say they are.

mod jam;

use std::collections::BTreeSet;

use antiphon_document::SessionDocument;
use antiphon_model::{
    Song, Sound,
    demo::{self, Demo},
};
use jam::{NOW_MS, SESSION, actor, edit};

fn made(demo: &Demo) -> Song {
    let (mut document, _) = SessionDocument::create(SESSION, actor(0), demo.name.clone(), demo.tempo, NOW_MS);
    for wanted in &demo.edits {
        edit(&mut document, wanted.clone());
    }
    (**document.song()).clone()
}

fn all() -> Vec<Song> {
    let mut n = 0u64;
    let mut fresh = || {
        n += 1;
        std::array::from_fn(|at| (n.wrapping_mul(0x9e37_79b9) >> (at % 4 * 8)) as u8 ^ at as u8)
    };
    let mut demos = vec![demo::first_light(&mut fresh)];
    demos.extend(demo::beats(&mut fresh));
    demos.iter().map(made).collect()
}

#[test]
fn first_light_has_eight_tracks_and_four_bars_of_melody() {
    let song = &all()[0];
    assert_eq!((song.name.as_str(), song.tracks.len()), ("First Light", 8));
    assert!((110.0..=124.0).contains(&song.tempo.bpm()) && song.swing.get() > 0);
    for track in song.tracks.iter().filter(|track| track.sound.is_melodic()) {
        assert_eq!(track.pattern().length.get(), 64, "{}", track.name.as_str());
    }
}

#[test]
fn every_demo_breathes() {
    for song in all() {
        let title = song.name.as_str();
        let sounds: BTreeSet<&Sound> = song.tracks.iter().map(|track| &track.sound).collect();
        assert_eq!(sounds.len(), song.tracks.len(), "{title}: each track has its own sound");
        assert!(song.swing.get() > 0, "{title} has swing");
        let steps = || song.tracks.iter().flat_map(|track| track.pattern().steps.values());
        let velocities: BTreeSet<u8> = steps().map(|step| step.velocity.get()).collect();
        assert!(velocities.len() >= 2, "{title} has soft and hard steps");
        let pans: BTreeSet<i8> = song.tracks.iter().map(|track| track.strip.pan.get()).collect();
        assert!(pans.len() >= 4, "{title} is spread over the stereo field");
        let loops: BTreeSet<u16> = song.tracks.iter().map(|track| track.pattern().length.get()).collect();
        assert!(loops.len() >= 2, "{title} has loops of several lengths");
        assert!(song.tracks.iter().all(|track| track.strip.gain.get() < 0), "{title} leaves headroom");
    }
}

#[test]
fn the_demos_differ() {
    let songs = all();
    let tempos: BTreeSet<u64> = songs.iter().map(|song| song.tempo.micro_bpm()).collect();
    assert_eq!(tempos.len(), songs.len());
}
