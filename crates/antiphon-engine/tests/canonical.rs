//! The canonical render is one sequence of bits.

mod support;

use antiphon_engine::{
    PcmHasher, Render, RenderOptions, SamplePool, loop_bars, pcm_hash,
    reference::{self, SongBuilder},
};
use antiphon_model::{Drum, PlayMode, Preset, Song, Sound, Switch};
use antiphon_timeline::{SessionTime, Speed, Ticks};
use support::*;

/// BLAKE3 of the reference song's canonical render. Changes only together with `ENGINE_VERSION`.
const GOLDEN: &str = "296b22ac035e1c7d37cec108070ced8fab3ea10348c562a0aab796b586a9c7e5";

/// BLAKE3 of the canonical renders of the corpus. They change only together with `ENGINE_VERSION`;
/// `cargo run --release -p antiphon-engine --example corpus` prints them.
const CORPUS: [(&str, &str); 10] = [
    ("speeds", "e74dd10fa8d83e64cb916e23ea0ad3d4333e030b9c56e20842ad7f98f35c1faf"),
    ("feel", "c7dbc0b8ed537f1b42d9d626e83a35262fcf70a933cfe3c5f2514a686019f344"),
    ("ratchets", "2d55a5654a74c8c4c12df3f27b7ac021eeba7d931f90e3c5b5535b916759b5a0"),
    ("ties-and-chords", "ac7ea32de0e6c41379fe948b5c422a5652bd7b5773928667eec6064444230422"),
    ("locks", "c9b8810a300c934801ac65488bfac1ecd03a14da40a4bdf18bd312f9e0bd80f2"),
    ("chances", "05980768dcbf0269b50b1f6b7559e57744e346494c52a60fcc9d5359b2bf245c"),
    ("free-notes", "d70b01ef68bf3d7420272fd47ae8028f04f5c94d74f8545b21a364c4f66406b0"),
    ("chain", "2106438d3990afa0fa73b25fdce086015f677083297a40e900adda6870dfe418"),
    ("gates-and-chokes", "bd2752852191efb6dfbe8bc5258f5c26201cb990ecd37941434cebd60f20a0e9"),
    ("crowd", "39ab1ef870059268e367e04a4002805fdc96b829dc64ff3d0ab4dad96cb099d1"),
];

fn hash_in_blocks(song: &Song, block: usize) -> String {
    hash_with(song, &SamplePool::new(), block)
}

fn hash_with(song: &Song, samples: &SamplePool, block: usize) -> String {
    let mut render = Render::new(song, samples, &RenderOptions::canonical(song));
    let mut hasher = PcmHasher::default();
    let mut out = vec![0.0; block * 2];
    loop {
        let frames = render.next_block(&mut out);
        if frames == 0 {
            return hex(&hasher.finish());
        }
        hasher.update(&out[..frames * 2]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_reference_song_has_its_golden_hash() {
    assert_eq!(hex(&pcm_hash(&reference::song(), &SamplePool::new())), GOLDEN);
}

#[test]
fn the_corpus_has_its_golden_hashes_in_every_block_size() {
    let (songs, samples) = (reference::corpus(), reference::corpus_samples());
    assert_eq!(songs.len(), CORPUS.len());
    std::thread::scope(|scope| {
        for ((name, song), (golden_name, golden)) in songs.iter().zip(CORPUS) {
            assert_eq!(*name, golden_name);
            let samples = &samples;
            scope.spawn(move || {
                for block in [1, 17, 64, 128, 480, 1_024, 4_096] {
                    assert_eq!(hash_with(song, samples, block), golden, "{name} in blocks of {block}");
                }
            });
        }
    });
}

#[test]
fn a_canonical_render_has_switched_what_was_about_to() {
    let song = reference::corpus().into_iter().find(|(name, _)| *name == "chain").unwrap().1;
    let waiting = antiphon_model::Moment { run: SessionTime::ZERO, tick: Ticks::from_bars(2) };
    let mut pending = song.clone();
    pending.mode = Switch::scheduled(PlayMode::Live, PlayMode::Chain, waiting);
    pending.fill = Switch::scheduled(true, false, waiting);
    assert_eq!(pcm_hash(&pending, &SamplePool::new()), pcm_hash(&song, &SamplePool::new()));
    assert_eq!(loop_bars(&song), 4, "once through the chain");
}

#[test]
fn every_block_size_renders_the_same_bits() {
    let song = reference::song();
    let expected = hash_in_blocks(&song, 1024);
    for block in [1, 17, 64, 128, 480, 4096] {
        assert_eq!(hash_in_blocks(&song, block), expected, "blocks of {block}");
    }
}

#[test]
fn stealing_and_limiting_render_the_same_bits_in_every_block_size() {
    // Sixteen tracks at full blast with long notes: voices are stolen on every step.
    let song = long_notes();
    let expected = hash_in_blocks(&song, 1024);
    for block in [1, 63, 480] {
        assert_eq!(hash_in_blocks(&song, block), expected, "blocks of {block}");
    }
}

fn long_notes() -> Song {
    (0..16)
        .fold(SongBuilder::new(600.0, 33), |builder, track| {
            let preset = Preset::ALL[track % 4];
            builder.track(Sound::Synth(preset), flat(), "0:127:400 7:100:300 -5:90:256 12:80:300")
        })
        .build()
}

#[test]
fn the_render_is_as_loud_as_it_was_and_ends_in_silence() {
    let song = reference::song();
    let pcm = rendered(&song, &SamplePool::new(), &RenderOptions::canonical(&song));
    assert!(pcm.iter().all(|sample| sample.is_finite()));
    let body = &pcm[..RATE * 2 * 4];
    let level = antiphon_dsp::gain_to_db(rms(body));
    assert!((-18.0..-12.0).contains(&level), "{level} dB");
    assert!((0.5..0.966).contains(&peak(body)));
    assert_eq!(pcm[pcm.len() - 2..], [0.0, 0.0]);
}

#[test]
fn onsets_lie_on_the_frames_of_their_ticks() {
    // 120 BPM: a sixteenth is 6 000 frames. Swing 50 delays off-steps by a quarter of it.
    for (swing, late) in [(0, 0), (50, 1_500), (100, 3_000)] {
        let song =
            SongBuilder::new(120.0, swing).track(Sound::Sample(SAMPLE), flat(), "0 0 . 0 . . . .").build();
        let pcm = rendered(&song, &pool(tick()), &RenderOptions::bars(1));
        let expected = [0, 6_000 + late, 18_000 + late, 48_000, 54_000 + late, 66_000 + late];
        assert_eq!(tick_frames(&pcm), expected, "swing {swing}");
    }
}

#[test]
fn every_tempo_puts_steps_at_the_first_frame_at_or_after_their_tick() {
    for bpm in [20.0, 59.97, 120.01, 174.5, 999.0] {
        let song = one_track(bpm, Sound::Sample(SAMPLE), "0");
        let pcm = rendered(&song, &pool(tick()), &RenderOptions::bars(1));
        let frame = |step: u64| {
            // 60 s · 48 000 / (4 · bpm), in hundredths of a beat per minute, rounded up.
            let hundredths = (bpm * 100.0_f64).round() as u64;
            (step * 72_000_000).div_ceil(hundredths) as i64
        };
        let exact: Vec<i64> = (0..16).map(frame).collect();
        let heard = tick_frames(&pcm);
        assert_eq!(heard.len(), 16);
        for (heard, exact) in heard.iter().zip(&exact) {
            // Whole nanoseconds in between may round a frame up.
            assert!((0..=1).contains(&(heard - exact)), "{bpm}: {heard} for {exact}");
        }
    }
}

#[test]
fn a_loop_is_the_least_common_multiple_of_what_sounds() {
    let bars = |patterns: &[&str]| {
        let add = |builder: SongBuilder, steps: &&str| builder.track(Sound::Drum(Drum::Rim), flat(), steps);
        loop_bars(&patterns.iter().fold(SongBuilder::new(120.0, 0), add).build())
    };
    assert_eq!(bars(&[]), 1);
    assert_eq!(bars(&["0 . . ."]), 1);
    assert_eq!(bars(&["0 . ."]), 3);
    assert_eq!(bars(&["0 . .", "0 . . . ."]), 15);
    assert_eq!(bars(&["0 . .", ". . . . . . ."]), 3, "a track without a sounding step does not count");
    assert_eq!(bars(&["0 . . . . . .", "0 . . . . . . . . . .", "0 . . . . . . . . . . . ."]), 64);
}

#[test]
fn the_speed_of_a_pattern_counts_for_the_loop() {
    let bars = |length: usize, speed| {
        let mut song = one_track(120.0, Sound::Drum(Drum::Rim), &format!("0 {}", ". ".repeat(length - 1)));
        let pattern = song.tracks[0].patterns.values_mut().next().unwrap();
        std::sync::Arc::make_mut(pattern).speed = speed;
        loop_bars(&song)
    };
    assert_eq!((bars(16, Speed::Half), bars(16, Speed::Double), bars(16, Speed::Eighth)), (2, 1, 8));
    assert_eq!((bars(16, Speed::ThreeQuarters), bars(12, Speed::ThreeQuarters)), (4, 1));
    assert_eq!((bars(16, Speed::ThreeHalves), bars(3, Speed::ThreeHalves)), (2, 1));
}

#[test]
fn tracks_of_lengths_three_four_five_and_seven_loop_by_themselves() {
    for (length, bars) in [(3_i64, 3), (4, 1), (5, 5), (7, 7)] {
        let steps = format!("0 {}", ". ".repeat(length as usize - 1));
        let pcm = rendered(
            &one_track(120.0, Sound::Sample(SAMPLE), &steps),
            &pool(tick()),
            &RenderOptions::bars(bars),
        );
        let expected: Vec<i64> =
            (0..i64::from(bars) * 16).filter(|step| step % length == 0).map(|step| step * 6_000).collect();
        assert_eq!(tick_frames(&pcm), expected);
    }
}
