//! Recordings that say nothing are refused, each for its own reason; wrong ones give no wrong difference.

mod common;

use antiphon_analysis::{
    Adjustment, CompareError, HearError, Heard, Recording, Reference, Voice, compare, listen, train,
    train_seconds,
};
use common::{Dice, Disturbance, Room};
use proptest::prelude::*;

const RATE: u32 = 48_000;

fn hear(samples: &[f32]) -> Result<Heard, HearError> {
    listen(Recording { samples, rate: RATE })
}

fn noise(seed: u64, seconds: f64, level: f64) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    (0..(seconds * f64::from(RATE)) as usize).map(|_| (level * dice.normal()) as f32).collect()
}

/// Adds `voice`'s train, `late` seconds after the start, to a recording.
fn add(samples: &mut [f32], voice: Voice, late: f64, gain: f32) {
    let from = (late * f64::from(RATE)) as usize;
    for (to, value) in samples.iter_mut().skip(from).zip(train(voice, RATE)) {
        *to += gain * value;
    }
}

fn both(late_a: f64, late_b: f64) -> Vec<f32> {
    let mut samples = noise(1, 6.0, 0.001);
    add(&mut samples, Voice::A, late_a, 1.0);
    add(&mut samples, Voice::B, late_b, 1.0);
    samples
}

#[test]
fn a_recording_of_nothing_is_refused_by_name() {
    assert_eq!(hear(&vec![0.0; 300_000]), Err(HearError::Silent));
    assert!(matches!(hear(&noise(1, 1.0, 0.1)), Err(HearError::TooShort { .. })));
    assert!(matches!(hear(&vec![0.1; 61 * 48_000]), Err(HearError::TooLong { .. })));
    assert_eq!(hear(&[&both(0.1, 0.1)[..], &[f32::NAN]].concat()), Err(HearError::NotFinite));
    assert_eq!(
        listen(Recording { samples: &both(0.1, 0.1), rate: 8_000 }),
        Err(HearError::BadRate { rate: 8_000 })
    );
}

#[test]
fn noise_without_chirps_has_none() {
    for seed in 1..=10 {
        assert_eq!(hear(&noise(seed, 6.0, 0.1)), Err(HearError::NotFound { voice: Voice::A }), "seed {seed}");
    }
}

#[test]
fn the_missing_voice_is_the_one_that_is_named() {
    for voice in [Voice::A, Voice::B] {
        let mut samples = noise(2, 6.0, 0.001);
        add(&mut samples, voice, 0.2, 1.0);
        assert_eq!(hear(&samples), Err(HearError::NotFound { voice: voice.other() }));
    }
}

#[test]
fn chirps_that_drown_are_told_from_chirps_that_are_not_there() {
    let mut samples = noise(3, 6.0, 0.1);
    add(&mut samples, Voice::A, 0.2, 1.0);
    add(&mut samples, Voice::B, 0.2, 0.025);
    assert!(
        matches!(hear(&samples), Err(HearError::TooNoisy { voice: Voice::B, .. })),
        "{:?}",
        hear(&samples)
    );
}

#[test]
fn two_takes_in_one_recording_leave_open_which_is_meant() {
    let mut samples = noise(4, 14.0, 0.001);
    for take in [0.2, 6.7] {
        add(&mut samples, Voice::A, take, 1.0);
        add(&mut samples, Voice::B, take, 1.0);
    }
    let Err(HearError::Twice { apart_seconds, .. }) = hear(&samples) else { panic!("{:?}", hear(&samples)) };
    assert!((apart_seconds - 6.5).abs() < 0.01);
}

#[test]
fn a_square_wave_is_refused_as_clipped() {
    let samples: Vec<f32> = both(0.1, 0.1).iter().map(|value| (value * 1e4).clamp(-1.0, 1.0)).collect();
    let heard = hear(&samples);
    // The noise between the chirps is full scale too: it drowns them first, or they are clipped.
    assert!(matches!(heard, Err(HearError::Clipped { .. } | HearError::TooNoisy { .. })), "{heard:?}");
}

#[test]
fn one_round_drowned_in_a_cough_is_done_without() {
    let mut samples = both(0.1, 0.1 + 0.01);
    let from = (1.6 * f64::from(RATE)) as usize;
    for (value, cough) in samples.iter_mut().skip(from).zip(noise(5, 0.2, 3.0)) {
        *value += cough;
    }
    let heard = hear(&samples).unwrap();
    let difference = compare(&heard, &heard).unwrap();
    assert!((difference.later_ns - 10_000_000).abs() < 20_000, "{difference:?}");
}

#[test]
fn a_voice_that_jumps_between_rounds_is_refused() {
    let mut samples = both(0.1, 0.1);
    let heard = hear(&samples).unwrap();
    // The last round of voice b comes 1 ms late.
    let from = ((0.1 + 0.1 + 0.75 + 3.1) * f64::from(RATE)) as usize;
    samples[from..].rotate_right(48);
    let jumped = hear(&samples).unwrap();
    assert!(matches!(compare(&heard, &jumped), Err(CompareError::Spread { .. })));
}

#[test]
fn more_than_half_a_second_is_not_believed() {
    let heard = hear(&both(0.1, 0.65)).unwrap();
    assert!(matches!(compare(&heard, &heard), Err(CompareError::TooFar { .. })));
}

#[test]
fn recordings_of_two_occasions_do_not_belong_together() {
    let (one, two) = (hear(&both(0.1, 0.5)).unwrap(), hear(&both(0.5, 0.1)).unwrap());
    assert!(matches!(compare(&one, &two), Err(CompareError::Distance { .. })));
}

#[test]
fn the_order_of_the_recordings_does_not_matter() {
    let mut dice = Dice::new(9);
    let room = Room::random(&mut dice);
    let [one, two] = [0, 1].map(|recorder| {
        let samples = room.record(recorder, Disturbance::default(), &mut dice);
        listen(Recording { samples: &samples, rate: room.devices[recorder].rate }).unwrap()
    });
    let (forth, back) = (compare(&one, &two).unwrap(), compare(&two, &one).unwrap());
    assert_eq!(forth.later_ns, back.later_ns);
    let apart = (room.way(0, 1) + room.way(1, 0) - room.way(0, 0) - room.way(1, 1)) / 2.0;
    assert!((forth.distance_metres - apart).abs() < 0.05, "{forth:?}, really {apart}");
}

#[test]
fn the_later_output_gets_more_trim_or_the_one_that_is_no_reference() {
    let heard = hear(&both(0.1, 0.12)).unwrap();
    let mut difference = compare(&heard, &heard).unwrap();
    difference.later_ns = 20_000_000;
    let set = |voice, add_ns| Adjustment { voice, add_ns };
    assert_eq!(difference.adjustment(Reference::Earlier), set(Voice::B, 20_000_000));
    assert_eq!(difference.adjustment(Reference::Voice(Voice::B)), set(Voice::A, -20_000_000));
    difference.later_ns = -20_000_000;
    assert_eq!(difference.adjustment(Reference::Earlier), set(Voice::A, 20_000_000));
    assert_eq!(difference.adjustment(Reference::Voice(Voice::A)), set(Voice::B, -20_000_000));
}

#[test]
fn a_train_is_as_long_as_it_says_and_within_full_scale() {
    for (voice, rate) in [(Voice::A, 44_100), (Voice::B, 48_000), (Voice::A, 96_000)] {
        let train = train(voice, rate);
        assert!((train.len() as f64 / f64::from(rate) - train_seconds()).abs() < 1e-4);
        let peak = train.iter().fold(0.0_f32, |peak, value| peak.max(value.abs()));
        assert!((0.45..=0.5).contains(&peak), "{peak}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Nothing that a file can hold makes the search panic.
    #[test]
    fn any_samples_are_heard_or_refused(
        part in proptest::collection::vec(any::<f32>(), 1..400), rate in 0_u32..400_000, length in 0_usize..150_000,
    ) {
        let samples: Vec<f32> = part.iter().cycle().take(length).copied().collect();
        let _ = listen(Recording { samples: &samples, rate });
        let finite: Vec<f32> = samples.iter().map(|value| if value.is_finite() { value.clamp(-1.0, 1.0) } else { 0.0 }).collect();
        let _ = listen(Recording { samples: &finite, rate: 16_000 + rate % 80_000 });
    }
}
