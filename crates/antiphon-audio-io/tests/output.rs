//! What an output promises whoever holds it.

mod common;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use antiphon_audio_io::{CardSpec, OpenOutputError, Output, OutputConfig, VirtualRoom};
use antiphon_timeline::{Frames, HostClock, HostTime, SessionMap, TimebaseId};
use common::{Clicks, Peer, SECOND, run};

#[test]
fn the_audible_frame_is_the_one_that_sounds() {
    let mut room = VirtualRoom::new();
    let mut peers = [Peer::join(&mut room, 5 * SECOND, 40.0, CardSpec { ppm: 100.0, ..CardSpec::default() })];
    let mut worst: f64 = 0.0;
    run(&mut room, &mut peers, 10 * SECOND, |now, peers| {
        peers[0].steer(now, 0);
        if now > 6 * SECOND {
            let shown = peers[0].output.audible(peers[0].clock.at(now));
            let sounds = Peer::clicks_at(now as f64) * common::CLICK_EVERY as f64;
            worst = worst.max((shown - sounds).abs());
        }
    });
    assert!(worst < 1.0, "{worst} frames");
}

#[test]
fn a_trim_moves_the_sound_earlier_at_once() {
    let mut room = VirtualRoom::new();
    let mut peers = [Peer::join(&mut room, 0, 0.0, CardSpec::default())];
    run(&mut room, &mut peers, 10 * SECOND, |now, peers| {
        if now == 5 * SECOND {
            peers[0].output.set_trim_ns(20_000_000).expect("it is in range");
        }
    });
    let errors = |from: f64, to: f64, shift: f64| -> Vec<f64> {
        let heard = peers[0].heard_ns.iter().filter(move |at| (from..to).contains(*at));
        heard.map(|at| Peer::clicks_at(at + shift)).map(|clicks| (clicks - clicks.round()) * 125.0).collect()
    };
    let (before, after) = (errors(1e9, 5e9, 0.0), errors(5.2e9, 10e9, 20e6));
    assert!(before.len() > 30 && before.iter().all(|error| error.abs() < 0.05), "{before:?}");
    assert!(after.len() > 35 && after.iter().all(|error| error.abs() < 0.05), "{after:?}");
}

#[test]
fn the_card_is_described_as_it_is() {
    let mut room = VirtualRoom::new();
    let spec = CardSpec { rate: 96_000, buffer: 960, ..CardSpec::default() };
    let mut peers = [Peer::join(&mut room, 0, 0.0, spec)];
    run(&mut room, &mut peers, 2 * SECOND, |_, _| {});
    let status = peers[0].output.status();
    assert_eq!((status.name.as_str(), status.rate, status.xruns), ("virtual", 96_000, 0));
    // Two buffers of 10 ms.
    assert!((19_900_000..=20_100_000).contains(&status.latency_ns), "{}", status.latency_ns);
}

#[test]
fn a_card_that_offers_nothing_playable_is_refused_with_its_name() {
    let mut room = VirtualRoom::new();
    let card = room.card(CardSpec { channels: 12, ..CardSpec::default() });
    let clock = Arc::new(room.clock(0, 0.0));
    let map = SessionMap::identity(TimebaseId(1));
    let refused = Output::open_on(&card, OutputConfig::default(), clock, map, Box::new(Clicks::new()));
    assert!(matches!(refused, Err(OpenOutputError::NoUsableFormat { name }) if name == "virtual"));
}

#[test]
fn an_output_that_does_not_exist_is_said_to_be_missing_and_time_is_kept() {
    let config = OutputConfig { output: Some("a card nobody has".to_owned()), ..OutputConfig::default() };
    let clock = Arc::new(HandClock::default());
    let pulled = Arc::new(Mutex::new(Vec::new()));
    let record = pulled.clone();
    let source = move |first: Frames, out: &mut [f32]| {
        record.lock().unwrap_or_else(PoisonError::into_inner).push((first.0, out.len() as i64 / 2));
    };
    let map = SessionMap::identity(TimebaseId(1));
    let output = Output::open_or_silent(config, clock.clone(), map, Box::new(source));
    assert!(
        output.status().lost.is_some_and(|reason| reason.contains("a card nobody has")),
        "{:?}",
        output.status()
    );
    let deadline = std::time::Duration::from_secs(10);
    let end = || {
        let pulled = pulled.lock().unwrap_or_else(PoisonError::into_inner);
        pulled.last().map_or(0, |(first, count)| first + count)
    };
    // The thread keeps pace with the clock it was given, however that moves.
    let mut tries = 0;
    while end() < 4_800 && tries < deadline.as_millis() {
        clock.0.fetch_add(1_000_000, Ordering::Relaxed);
        std::thread::park_timeout(std::time::Duration::from_millis(1));
        tries += 1;
    }
    assert!(end() >= 4_800, "{}", end());
    assert!((output.audible(HostTime(SECOND)) - 48_000.0).abs() < 1e-6);
    drop(output);
    let pulled = pulled.lock().unwrap_or_else(PoisonError::into_inner);
    let pulls = &pulled[..];
    assert!(pulls.windows(2).all(|pair| pair[0].0 + pair[0].1 == pair[1].0), "{pulls:?}");
}

/// A clock that is moved by hand.
#[derive(Default)]
struct HandClock(AtomicI64);

impl HostClock for HandClock {
    fn now(&self) -> HostTime {
        HostTime(self.0.load(Ordering::Relaxed))
    }
}
