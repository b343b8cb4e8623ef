//! The audio thread's side of an output never allocates or frees, whatever happens to card and clock.

mod common;

use antiphon_audio_io::{CardSpec, VirtualRoom};
use antiphon_timeline::TimebaseId;
use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use common::{Peer, STEP, exact_map};
use cpal::SampleFormat;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const CALLBACKS: i64 = 100_000;

#[test]
fn a_hundred_thousand_callbacks_neither_allocate_nor_free() {
    let mut room = VirtualRoom::new();
    let mut calls = 0;
    for (rate, format, channels) in
        [(48_000, SampleFormat::F32, 2), (44_100, SampleFormat::I16, 1), (96_000, SampleFormat::I32, 6)]
    {
        let buffer = 64;
        let card = CardSpec {
            rate,
            format,
            channels,
            buffer,
            ppm: 80.0,
            timestamp_noise_ns: 80_000,
            outliers: 0.01,
            lateness_ns: 100_000.0,
            ..CardSpec::default()
        };
        let counted = std::rc::Rc::new(std::cell::Cell::new(0));
        let count = counted.clone();
        room.guard_callbacks(move |callback| {
            count.set(count.get() + 1);
            assert_no_alloc(callback);
        });
        let peer = Peer::join(&mut room, 1_000, 10.0, card);
        let mut steps: u64 = 0;
        while counted.get() < CALLBACKS / 3 + 1 {
            room.run_for(STEP);
            steps += 1;
            peer.output.maintain();
            // Small corrections all the time; now and then an xrun, half a second without callbacks, another trim, another timebase.
            peer.steer(room.now_ns(), (steps % 7).cast_signed() * 1_000);
            match steps % 60 {
                10 => peer.card.run_dry(500),
                // Long enough for silence to take over, and the card again.
                20 => peer.card.fall_quiet(),
                29 => peer.card.call_again(),
                40 => peer.output.set_trim_ns((steps % 5).cast_signed() * 10_000_000).expect("in range"),
                50 => {
                    let mut map = exact_map(&peer.clock, peer.clock_ppm, room.now_ns());
                    map.timebase = TimebaseId(steps);
                    map.session = map.session + 40_000_000;
                    peer.output.set_session_map(map);
                }
                _ => {}
            }
            drop(peer.card.take());
        }
        calls += counted.get();
        assert!(peer.output.status().resyncs > 0, "nothing happened to the card");
    }
    assert!(calls >= CALLBACKS, "{calls}");
}
