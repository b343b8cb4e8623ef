//! What two peers sound like: one recorder hears both, and the onsets of the same click are compared.
//!
//! Each peer plays through a sound server that runs for this measurement alone, on the left or the right channel
//! of one recording, so that the recorder's own clock and delay cancel. What is left of its error is measured
//! first: one peer on both channels.
//!
//! A machine may stand still in the middle of a recording, and what a sound server does then says nothing of the
//! peers. So a window of a second counts only when no nap of a watchdog ended too late around it, and how many
//! were left out is told.

mod clicks;
mod jack;
mod pulse;
mod stalls;

use std::{path::Path, process::Child};

use antiphon_testkit::sound::quantile;
use serde_json::{Value, json};

use super::{Band, Bars, Link};
use crate::{
    deadline::{Stopwatch, until},
    friend::{Friend, TOGETHER_LIMIT},
};
use clicks::{Heard, write_click};
use stalls::Stalls;

/// Which server carries the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Jack,
    Pulse,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoundPlan {
    pub server: Server,
    pub seconds: u64,
    /// Clean windows that there must be.
    pub windows: usize,
    /// The second peer's output is made to sound early by so much, to check the ruler with a known length.
    pub trim_micros: u64,
}

/// A peer plays where the recorder hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ear {
    Left,
    Right,
    Both,
}

/// A sound server with a recorder.
trait SoundServer {
    /// What a peer must have in its environment to find it.
    fn environment(&self) -> Vec<(&'static str, String)>;
    /// Lets a peer play into one channel of the recorder or into both.
    fn plug_in(&mut self, friend: &mut Friend, ear: Ear);
    /// Records both channels, 48 kHz.
    fn record(&self, seconds: u64, file: &Path) -> [Vec<f32>; 2];
}

/// The bar of the whole chain, and how long one source on both channels is recorded.
const P99_MS: f64 = 0.2;
const RECORDER_SECONDS: u64 = 20;
/// Before the recording both have settled.
const SETTLE_SECONDS: u64 = 30;

/// Records two peers and fills the table.
#[track_caller]
pub fn measure(plan: SoundPlan, bars: &mut Bars) {
    let mut server: Box<dyn SoundServer> = match plan.server {
        Server::Jack => Box::new(jack::Jack::start()),
        Server::Pulse => Box::new(pulse::Pulse::start()),
    };
    let environment = server.environment();
    let mut band = Band::start_with(2, Link::Veth, super::clock_of, |serve| {
        let serve = serve.with_sound().preferred();
        environment.iter().fold(serve, |serve, (name, value)| serve.variable(name, value))
    });
    let click = play_clicks(&mut band);
    server.plug_in(&mut band.friends[0], Ear::Both);
    let stalls = Stalls::watch();
    let own = Heard::of(&server.record(RECORDER_SECONDS, &band.file("own.wav")));
    let mut own_error = own.differences_ms(|_| true);
    bars.tell(
        "the recorder's own error: one peer on both channels",
        format!(
            "p50 {:.4}, worst {:.4} ms of {}",
            quantile(&mut own_error, 0.5),
            quantile(&mut own_error, 1.0),
            own_error.len()
        ),
    );

    band.jam();
    band.friends[1].door.wait_for("the click has come over", TOGETHER_LIMIT, |event| {
        let samples = event["samples"].as_array()?;
        samples.iter().any(|sample| sample["id"] == click && sample["here"] == true).then_some(())
    });
    server.plug_in(&mut band.friends[0], Ear::Left);
    server.plug_in(&mut band.friends[1], Ear::Right);
    if plan.trim_micros > 0 {
        band.friends[1].door.call("adjust_trim", json!({ "addMs": plan.trim_micros as f64 / 1e3 }));
    }
    // The outputs and the clocks settle while the recorder listens; that part is not judged.
    let started_ns = crate::deadline::true_now_ns();
    let watch = Stopwatch::start();
    let heard = Heard::of(&server.record(SETTLE_SECONDS + plan.seconds, &band.file("both.wav")));
    let took = watch.elapsed().as_secs_f64();
    let is_judged = |seconds: f64| seconds > SETTLE_SECONDS as f64;
    let is_clean = |seconds: f64| is_judged(seconds) && stalls.none_around(started_ns, seconds);
    let (mut all, mut clean) = (heard.differences_ms(is_judged), heard.differences_ms(is_clean));
    let mut leads = heard.leads_ms(is_clean);
    tell(&mut all, "all windows", bars);
    tell(&mut clean, "clean windows", bars);
    bars.tell("the first peer is ahead in the median by", format!("{:.4} ms", quantile(&mut leads, 0.5)));
    bars.at_least("windows without a stall", clean.len() as f64, plan.windows as f64, "");
    bars.at_most("onsets apart in them, p99", quantile(&mut clean, 0.99), P99_MS, "ms");
    let lonely = heard.lonely(is_clean);
    bars.holds("clicks of one peer alone, in clean windows", lonely.to_string(), "0", lonely == 0);
    bars.tell(
        "stalls longer than 5 ms while recording",
        format!("{} in {took:.0} s", stalls.count_since(started_ns)),
    );
}

fn tell(differences: &mut [f64], what: &str, bars: &mut Bars) {
    let count = differences.len();
    let mut at = |part| quantile(differences, part);
    let figures = format!("p50 {:.4}, p99 {:.4}, worst {:.4} ms of {count}", at(0.5), at(0.99), at(1.0));
    bars.tell(&format!("onsets of two peers apart, {what}"), figures);
}

/// The first peer's song becomes one click a second and nothing else; gives the id of the click's sample.
fn play_clicks(band: &mut Band) -> Value {
    let file = band.file("click.wav");
    write_click(&file);
    let first = &mut band.friends[0];
    first.edit(json!({ "type": "setTempo", "bpm": 120.0 }));
    first.edit(json!({ "type": "setSwing", "percent": 0 }));
    let imported = first.door.call("import_sample", json!({ "name": "click.wav", "path": file }));
    let track = imported["track"].as_str().expect("a new track").to_owned();
    first.edit(json!({ "type": "setStrip", "track": track, "solo": true }));
    for step in [0, 8] {
        band.set_step(0, &track, step, 127);
    }
    band.friends[0].door.call("play", Value::Null);
    imported["sample"].clone()
}

/// Chooses an output of a peer by its id, and waits until it plays through the one of that name: where an output
/// cannot be opened, a peer goes on with another.
#[track_caller]
fn play_through(friend: &mut Friend, id: &str, name: &str) {
    friend.door.call("set_output", json!({ "output": id }));
    until(&format!("{id} plays"), TOGETHER_LIMIT, || {
        let audio = friend.door.call("audio", Value::Null);
        audio["state"] == "playing" && audio["output"] == name
    });
}

/// A server of ours; ended with the measurement.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
