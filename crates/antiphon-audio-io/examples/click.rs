//! Plays a click every half second of the day, and says how the output is doing.
//!
//! `click [SECONDS] [OUTPUT]`, or `click list`. Two of them started at different times click together.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use antiphon_audio_io::{Output, OutputConfig, Source, outputs};
use antiphon_timeline::{Frames, HostClock, HostTime, SessionMap, TimebaseId};

/// Frames from click to click, and how long one rings.
const EVERY: i64 = 24_000;
const RINGS: i64 = 480;

/// The time of day: the one clock that two processes share without asking each other. Good enough to hear
/// with; the product uses a monotonic clock and agrees with its peers.
struct TimeOfDay;

impl HostClock for TimeOfDay {
    #[expect(clippy::disallowed_methods, reason = "the one clock read of this program")]
    fn now(&self) -> HostTime {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        HostTime(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }
}

/// A decaying 1 kHz square every [`EVERY`] frames: crude, and easy to find in a recording.
struct Clicks;

impl Source for Clicks {
    fn render(&mut self, first: Frames, out: &mut [f32]) {
        for (frame, place) in (first.0..).zip(out.as_chunks_mut::<2>().0) {
            let age = frame.rem_euclid(EVERY);
            let level = if age < RINGS { 0.5 * (1.0 - age as f32 / RINGS as f32) } else { 0.0 };
            *place = [if age / 24 % 2 == 0 { level } else { -level }; 2];
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "list") {
        for output in outputs() {
            println!("{} {}  ({})", if output.is_default { "*" } else { " " }, output.name, output.id);
        }
        return Ok(());
    }
    let seconds: u64 = arguments.first().map_or(Ok(10), |text| text.parse())?;
    let config = OutputConfig { output: arguments.get(1).cloned(), ..OutputConfig::default() };
    let clock = Arc::new(TimeOfDay);
    let map = SessionMap::identity(TimebaseId(0));
    let output = Output::open_or_silent(config, clock.clone(), map, Box::new(Clicks));
    let end = clock.now() + i64::try_from(seconds)? * 1_000_000_000;
    while clock.now() < end {
        std::thread::park_timeout(Duration::from_secs(1));
        let (status, now) = (output.status(), clock.now());
        println!("{status:?}, beat {:.3}", output.audible(now) / EVERY as f64);
    }
    Ok(())
}
