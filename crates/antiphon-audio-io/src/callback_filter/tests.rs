#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use super::*;
use crate::limits::FILTER_AGREEING;

/// A card whose frames are played on an exact line, and a sequence of pseudo-random numbers in 0..1.
struct Card {
    ppm: f64,
    frames: i64,
    block: i64,
    state: u64,
}

impl Card {
    const START: f64 = 5e12;

    fn new(ppm: f64) -> Self {
        Self { ppm, frames: 0, block: 256, state: 99 }
    }

    fn truth(&self, frame: i64) -> f64 {
        Self::START + frame as f64 * 1e9 / (48_000.0 * (1.0 + self.ppm * 1e-6))
    }

    fn random(&mut self) -> f64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn tell(&mut self, filter: &mut CallbackFilter, late_ns: f64) -> Observed {
        let at = HostTime((self.truth(self.frames) + late_ns) as i64);
        let observed = filter.observe(self.frames, at);
        self.frames += self.block;
        observed
    }

    fn run(&mut self, filter: &mut CallbackFilter, seconds: f64, mut late_ns: impl FnMut(&mut Self) -> f64) {
        let end = self.frames + (seconds * 48_000.0) as i64;
        while self.frames < end {
            let late_ns = late_ns(self);
            self.tell(filter, late_ns);
        }
    }

    fn error_ns(&self, filter: &CallbackFilter) -> f64 {
        filter.host_at(self.frames).map_or(f64::NAN, |at| at.0 as f64 - self.truth(self.frames))
    }
}

/// Lateness of a loaded machine: 0.7 ms on average, some callbacks many milliseconds.
fn loaded(card: &mut Card) -> f64 {
    let usual = -700_000.0 * (1.0 - card.random()).ln();
    if card.random() < 0.01 { usual + 20_000_000.0 * card.random() } else { usual }
}

#[test]
fn late_callbacks_leave_no_bias() {
    for ppm in [-100.0, 0.0, 100.0] {
        let (mut card, mut filter) = (Card::new(ppm), CallbackFilter::new(48_000));
        card.run(&mut filter, 25.0, loaded);
        let mut worst: f64 = 0.0;
        for _ in 0..2_000 {
            let late_ns = loaded(&mut card);
            card.tell(&mut filter, late_ns);
            worst = worst.max(card.error_ns(&filter).abs());
        }
        println!("{ppm} ppm: worst error {worst:.0} ns, rate {:.3} ppm", filter.rate_ppm());
        assert!(worst < 5_000.0, "{worst} ns at {ppm} ppm");
        assert!((filter.rate_ppm() - ppm).abs() < 3.0, "{} ppm", filter.rate_ppm());
    }
}

#[test]
fn exact_timestamps_give_an_exact_line() {
    let (mut card, mut filter) = (Card::new(1_200.0), CallbackFilter::new(48_000));
    card.run(&mut filter, 10.0, |_| 0.0);
    assert!(card.error_ns(&filter).abs() < 100.0, "{} ns", card.error_ns(&filter));
    assert!((filter.rate_ppm() - 1_200.0).abs() < 0.01, "{}", filter.rate_ppm());
}

#[test]
fn it_says_nothing_until_several_callbacks_agree() {
    let (mut card, mut filter) = (Card::new(0.0), CallbackFilter::new(48_000));
    // What a sound server says first is nonsense.
    for nonsense in [-900e6, 40e6, -15e6] {
        assert_eq!(card.tell(&mut filter, nonsense), Observed::Starting);
    }
    for _ in 1..FILTER_AGREEING {
        assert_eq!(card.tell(&mut filter, 0.0), Observed::Starting);
        assert_eq!(filter.host_at(0), None);
    }
    assert_eq!(card.tell(&mut filter, 0.0), Observed::Resynced);
    assert!(card.error_ns(&filter).abs() < 10.0, "{}", card.error_ns(&filter));
}

#[test]
fn it_starts_in_the_end_even_when_no_two_callbacks_agree() {
    let (mut card, mut filter) = (Card::new(0.0), CallbackFilter::new(48_000));
    card.run(&mut filter, 1.1, |card| 100e6 * card.random());
    assert!(filter.host_at(0).is_some());
}

#[test]
fn lone_outliers_change_nothing() {
    let (mut card, mut filter) = (Card::new(50.0), CallbackFilter::new(48_000));
    card.run(&mut filter, 5.0, |_| 0.0);
    for outlier in [15e6, -15e6, -2e6, 2e6, 15e6, -300e3] {
        assert_eq!(card.tell(&mut filter, outlier), Observed::Ignored);
        assert!(card.error_ns(&filter).abs() < 1_000.0, "{}", card.error_ns(&filter));
    }
}

#[test]
fn after_a_break_it_finds_the_new_line_and_keeps_the_rate() {
    let (mut card, mut filter) = (Card::new(-80.0), CallbackFilter::new(48_000));
    card.run(&mut filter, 10.0, |_| 0.0);
    let gap = 21e6;
    let outcomes: Vec<_> = (0..FILTER_AGREEING).map(|_| card.tell(&mut filter, gap)).collect();
    assert_eq!(outcomes.last(), Some(&Observed::Resynced));
    assert!((card.error_ns(&filter) - gap).abs() < 1_000.0);
    assert!((filter.rate_ppm() + 80.0).abs() < 0.1);
    card.run(&mut filter, 0.5, |_| gap);
    assert!((card.error_ns(&filter) - gap).abs() < 1_000.0, "the rate was forgotten");
}

#[test]
fn an_earlier_timeline_is_found_between_late_callbacks() {
    let (mut card, mut filter) = (Card::new(0.0), CallbackFilter::new(48_000));
    card.run(&mut filter, 5.0, |_| 0.0);
    for late_ns in [3e6, 7e6, 2e6, 9e6, 4e6] {
        assert_eq!(card.tell(&mut filter, -700e3), Observed::Ignored);
        assert_eq!(card.tell(&mut filter, late_ns), Observed::Ignored);
    }
    assert_eq!(card.tell(&mut filter, -700e3), Observed::Resynced);
}

#[test]
fn a_card_of_milliseconds_of_noise_is_followed_to_within_that_noise() {
    let (mut card, mut filter) = (Card::new(1_200.0), CallbackFilter::new(48_000));
    let noise = |card: &mut Card| 6e6 * (card.random() - 0.5);
    card.run(&mut filter, 30.0, noise);
    assert!(card.error_ns(&filter).abs() < 5e6, "{}", card.error_ns(&filter));
    assert!((filter.rate_ppm() - 1_200.0).abs() < 200.0, "{}", filter.rate_ppm());
}

#[test]
fn wild_timestamps_never_panic() {
    let mut filter = CallbackFilter::new(0);
    for (frame, at) in [(0, i64::MAX), (1, i64::MIN), (i64::MAX, 0), (i64::MIN, 5), (7, 7)].repeat(40) {
        filter.observe(frame, HostTime(at));
        let _ = filter.host_at(frame);
    }
}

/// A sound server's timestamps: 43 ms apart, a third of them honest, the others up to many milliseconds late
/// and a few of them early.
fn served(card: &mut Card) -> f64 {
    match card.random() {
        kind if kind < 0.35 => 150e3 * card.random(),
        kind if kind < 0.97 => -4e6 * (1.0 - card.random()).ln(),
        _ => -3e6 * card.random(),
    }
}

/// The worst error in milliseconds over so many seconds of [`served`] callbacks.
fn worst_ms(card: &mut Card, filter: &mut CallbackFilter, seconds: f64) -> f64 {
    let end = card.frames + (seconds * 48_000.0) as i64;
    let mut worst: f64 = 0.0;
    while card.frames < end {
        let late_ns = served(card);
        card.tell(filter, late_ns);
        worst = worst.max(card.error_ns(filter).abs() * 1e-6);
    }
    worst
}

/// The worst errors of forty cards, the smallest first.
fn forty_cards(ppm: f64, mut begin: impl FnMut(&mut Card, &mut CallbackFilter)) -> Vec<f64> {
    let worst = (1..=40).map(|seed| {
        let (mut card, mut filter) = (Card::new(ppm), CallbackFilter::new(48_000));
        (card.block, card.state) = (2_048, seed);
        begin(&mut card, &mut filter);
        worst_ms(&mut card, &mut filter, 20.0)
    });
    let mut worst: Vec<f64> = worst.collect();
    worst.sort_by(f64::total_cmp);
    println!("{worst:.2?}");
    worst
}

#[test]
fn nonsense_of_the_first_second_is_forgotten_two_seconds_later() {
    let worst = forty_cards(20.0, |card, filter| {
        // While the server wakes up its buffers do not drain: nothing agrees, and all of it is too early.
        card.run(filter, 1.2, |card| -8e6 - 30e6 * card.random());
        card.run(filter, 2.0, served);
    });
    assert!(worst[20] < 0.5 && worst[34] < 1.0 && worst[39] < 5.0, "{worst:.2?} ms");
}

#[test]
fn a_fast_clock_is_not_lost_before_its_rate_is_learnt() {
    let worst = forty_cards(1_800.0, |card, filter| card.run(filter, 3.0, served));
    assert!(worst[20] < 0.5 && worst[34] < 1.1 && worst[39] < 5.0, "{worst:.2?} ms");
}

#[test]
fn a_second_of_late_wake_ups_alone_does_not_pull_the_line() {
    for seed in 1..40 {
        let (mut card, mut filter) = (Card::new(0.0), CallbackFilter::new(48_000));
        (card.block, card.state) = (2_048, seed);
        card.run(&mut filter, 6.0, |card| 100e3 * card.random());
        for _ in 0..20 {
            let late_ns = 1.2e6 - 5e6 * (1.0 - card.random()).ln();
            card.tell(&mut filter, late_ns);
            assert!(card.error_ns(&filter).abs() < 300e3, "{} ns", card.error_ns(&filter));
        }
    }
}

/// Seconds until a served card is back within 1 ms for good, after a break of so many milliseconds.
fn seconds_until_back(card: &mut Card, filter: &mut CallbackFilter, break_ns: f64) -> f64 {
    let broke = card.frames;
    let mut back = broke;
    while card.frames < broke + 3 * 48_000 {
        let late_ns = break_ns + served(card);
        card.tell(filter, late_ns);
        if (card.error_ns(filter) - break_ns).abs() > 1e6 {
            back = card.frames;
        }
    }
    (back - broke) as f64 / 48_000.0
}

#[test]
fn a_sound_server_that_dropped_out_is_found_again_in_half_a_second() {
    for break_ms in [20.0, 60.0, 500.0, -35.0] {
        let mut seconds: Vec<f64> = (1..=40)
            .map(|seed| {
                let (mut card, mut filter) = (Card::new(20.0), CallbackFilter::new(48_000));
                (card.block, card.state) = (2_048, seed);
                card.run(&mut filter, 8.0, served);
                seconds_until_back(&mut card, &mut filter, break_ms * 1e6)
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        println!("{break_ms} ms: {:.2} {:.2} {:.2} s", seconds[20], seconds[36], seconds[39]);
        assert!(seconds[20] < 0.5 && seconds[36] < 0.9, "{break_ms} ms: {seconds:.2?}");
    }
}
