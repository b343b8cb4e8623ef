//! The handshake closes the loop: two outputs play their chirps through clock, edge and card, two microphones in
//! the same room hear them, and the trim that follows brings the outputs together. Were its sign wrong, the second
//! handshake would find twice the difference.
#![allow(clippy::disallowed_methods, reason = "simulates a room; nobody has to get the same bits")]

use std::{f64::consts::PI, sync::Arc};

use antiphon_analysis::{Difference, Recording, Reference, Voice, compare, listen, train, train_seconds};
use antiphon_audio_io::{CardSpec, Output, OutputConfig, RoomClock, VirtualCard, VirtualRoom};
use antiphon_timeline::{Frames, SessionMap, SessionTime, TimebaseId};

const SECOND: i64 = 1_000_000_000;
/// Session time at true time 0.
const SESSION_STARTS_NS: i64 = 3_600 * SECOND;
/// Nanoseconds that sound takes for a metre.
const METRE_NS: f64 = 1e9 / 343.0;
/// True times at which the two handshakes begin.
const HANDSHAKES_NS: [i64; 2] = [4 * SECOND, 12 * SECOND];

struct Device {
    clock: RoomClock,
    clock_ppm: f64,
    card: VirtualCard,
    output: Output,
    played: Vec<f32>,
    /// How much later than the card says its speaker sounds: what the handshake is for.
    hidden_ns: f64,
    microphone_ppm: f64,
}

impl Device {
    fn new(room: &mut VirtualRoom, voice: Voice, clock_ppm: f64, spec: CardSpec, hidden_ns: f64) -> Self {
        let clock = room.clock(77 * SECOND, clock_ppm);
        let card = room.card(spec);
        let chirps = train(voice, 48_000);
        // One shot at each agreed session time, exactly on a frame of the stream.
        let starts = HANDSHAKES_NS.map(|at| (SESSION_STARTS_NS + at) / SECOND * 48_000);
        let source = move |first: Frames, out: &mut [f32]| {
            for (frame, place) in (first.0..).zip(out.as_chunks_mut::<2>().0) {
                let value = |start: &i64| usize::try_from(frame - start).ok().and_then(|at| chirps.get(at));
                *place = [starts.iter().find_map(value).copied().unwrap_or(0.0); 2];
            }
        };
        let map = exact_map(&clock, clock_ppm, 0);
        let output =
            Output::open_on(&card, OutputConfig::default(), Arc::new(clock.clone()), map, Box::new(source))
                .expect("a virtual card opens");
        Self { clock, clock_ppm, card, output, played: Vec::new(), hidden_ns, microphone_ppm: -clock_ppm }
    }

    /// What this device's speaker sounds at a true time.
    fn sounds(&self, true_ns: f64) -> f64 {
        let (first, second) = (self.card.heard_ns(0.0), self.card.heard_ns(1.0));
        interpolated(&self.played, (true_ns - self.hidden_ns - first) / (second - first))
    }
}

fn exact_map(clock: &RoomClock, ppm: f64, true_ns: i64) -> SessionMap {
    SessionMap {
        timebase: TimebaseId(7),
        host: clock.at(true_ns),
        session: SessionTime(SESSION_STARTS_NS + true_ns),
        rate_ppb: ((1.0 / (1.0 + ppm * 1e-6) - 1.0) * 1e9).round() as i64,
    }
}

/// Between the samples of a stereo recording's left channel: a sinc of 32 taps.
fn interpolated(played: &[f32], at: f64) -> f64 {
    let (whole, part) = (at.floor() as i64, at - at.floor());
    if part < 1e-9 {
        return sample(played, whole);
    }
    let sine = (PI * part).sin() / PI;
    let tap = |off: i64| {
        let x = part - off as f64;
        let sign = if off % 2 == 0 { 1.0 } else { -1.0 };
        let window = 0.5 + 0.5 * (PI * x / 16.5).cos();
        sample(played, whole + off) * sign * sine / x * window
    };
    (-15..=16).map(tap).sum()
}

fn sample(played: &[f32], frame: i64) -> f64 {
    usize::try_from(frame).ok().and_then(|frame| played.get(2 * frame)).map_or(0.0, |value| f64::from(*value))
}

/// From each speaker to each microphone, metres.
const WAYS: [[f64; 2]; 2] = [[0.2, 2.53], [2.47, 0.31]];

/// What the microphone of `recorder` makes of the handshake that begins at `begins_ns`.
fn record(devices: &[Device; 2], recorder: usize, begins_ns: i64) -> Vec<f32> {
    let rate = 48_000.0 * (1.0 + devices[recorder].microphone_ppm * 1e-6);
    // It was switched on at some moment, and its own latency is nobody's business.
    let from_ns = begins_ns as f64 - 2.3e8 + 1.1e8 * recorder as f64;
    let frames = ((train_seconds() + 0.8) * 48_000.0) as usize;
    let heard = |frame: usize| {
        let now = from_ns + frame as f64 * 1e9 / rate;
        let from = |player: usize| {
            let metres = WAYS[player][recorder];
            devices[player].sounds(now - metres * METRE_NS) / metres
        };
        (0.1 * (from(0) + from(1))) as f32
    };
    (0..frames).map(heard).collect()
}

fn handshake(devices: &[Device; 2], begins_ns: i64) -> Difference {
    let [one, two] = [0, 1].map(|recorder| {
        let samples = record(devices, recorder, begins_ns);
        listen(Recording { samples: &samples, rate: 48_000 }).expect("the chirps are heard")
    });
    compare(&one, &two).expect("the rounds agree")
}

fn run_until(room: &mut VirtualRoom, devices: &mut [Device; 2], end_ns: i64) {
    while room.now_ns() < end_ns {
        room.run_for(50_000_000);
        for device in devices.iter_mut() {
            device.output.maintain();
            device.output.set_session_map(exact_map(&device.clock, device.clock_ppm, room.now_ns()));
            device.played.extend(device.card.take());
        }
    }
}

#[test]
fn the_trim_that_a_handshake_gives_brings_two_outputs_together() {
    let mut room = VirtualRoom::new();
    let mut devices = [
        Device::new(&mut room, Voice::A, 30.0, CardSpec::consumer(80.0, 5), 4_000_000.0),
        Device::new(&mut room, Voice::B, -45.0, CardSpec::consumer(-120.0, 6), 137_400_000.0),
    ];
    let geometry_ns = (WAYS[1][0] - WAYS[0][0] + WAYS[1][1] - WAYS[0][1]) / 2.0 * METRE_NS;

    run_until(&mut room, &mut devices, HANDSHAKES_NS[0] + 6 * SECOND);
    let before = handshake(&devices, HANDSHAKES_NS[0]);
    let error = before.later_ns as f64 - 133_400_000.0 - geometry_ns;
    println!("before: {before:?}, {:.1} µs off", error / 1e3);
    assert!(error.abs() < 150_000.0, "{before:?}");

    let adjustment = before.adjustment(Reference::Earlier);
    assert_eq!(adjustment.voice, Voice::B);
    devices[1].output.set_trim_ns(adjustment.add_ns).expect("a trim in range");

    run_until(&mut room, &mut devices, HANDSHAKES_NS[1] + 6 * SECOND);
    let after = handshake(&devices, HANDSHAKES_NS[1]);
    println!("after: {after:?}");
    // What was off at the first handshake stays, and this one is off by as much again at most.
    assert!(after.later_ns.abs() < 150_000, "{after:?}");
    assert!((after.distance_metres - 2.245).abs() < 0.05, "{after:?}");
}
