//! What a running node tells: that something changed (read it from a snapshot), or passing values.

use antiphon_engine::Meters;
use antiphon_peer::Change;
use antiphon_timeline::Meter;

/// Something that an interface shows.
#[derive(Debug, Clone)]
pub enum NodeEvent {
    /// A change of the peer, its session or its neighbours.
    Peer(Change),
    /// What is on disk.
    Saved,
    Ears,
    /// The list of sessions.
    Sessions,
    /// The list of beats.
    Beats,
    /// This device's metronome and count-in.
    Metronome,
    /// The audio output.
    Audio,
    /// Sixty times a second while someone looks.
    Telemetry(Telemetry),
    Job(Job),
    Warning(String),
}

/// Where the sound is, and how loud.
#[derive(Debug, Clone)]
pub struct Telemetry {
    pub playing: bool,
    /// The place that leaves the speaker now, in steps.
    pub position_steps: f64,
    /// How fast it moves.
    pub steps_per_second: f64,
    /// The bar of that place, counted from 0.
    pub bar: i64,
    /// Where that bar begins.
    pub bar_start_steps: f64,
    /// Its meter.
    pub meter: Meter,
    /// Beats until the run begins that is being counted in; 0 while none is.
    pub count_in: u32,
    pub meters: Option<Meters>,
    pub xruns: u64,
    pub load: f32,
}

/// Something long that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: u32,
    pub label: String,
    /// 0 to 1.
    pub progress: f64,
    pub done: bool,
    pub error: Option<String>,
}
