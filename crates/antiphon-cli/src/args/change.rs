//! Arguments of `antiphon edit`.

use clap::Subcommand;

use super::{
    Switch,
    arrangement::{ChainAct, SceneAct},
    finite,
    pattern::{At, PatternAct, StepValues, Tool},
    pulse::{LaunchGrid, Pulse},
};

/// One change of a session.
#[derive(Debug, Subcommand)]
pub enum Change {
    /// Rename the session.
    Name { name: String },
    #[command(flatten)]
    Pulse(Pulse),
    /// 0 to 100 percent, for all tracks, or for one (`session`: that one follows the session again).
    Swing {
        percent: String,
        #[arg(long)]
        track: Option<String>,
    },
    /// A groove template, for all tracks or for one (`session`: that one follows the session again).
    Groove {
        template: String,
        /// How much of it, in percent.
        #[arg(long, default_value_t = 100)]
        amount: i64,
        #[arg(long)]
        track: Option<String>,
    },
    /// Shared gain of the mix in dB.
    Master {
        #[arg(allow_hyphen_values = true, value_parser = finite)]
        db: f64,
    },
    /// Roll the dice of chances and looseness anew, for everybody.
    Reroll,
    /// Steps with the condition `fill` sound from the next bar on, or no longer.
    Fill {
        switch: Switch,
        /// Where it takes effect, instead of the session's grid.
        #[arg(long)]
        quantum: Option<LaunchGrid>,
    },

    /// Add a track: drum:kick, synth:bass, ...
    Add {
        sound: String,
        #[arg(long)]
        name: Option<String>,
    },
    /// Remove a track.
    Remove { track: String },
    /// Rename a track.
    Rename { track: String, name: String },
    /// Put a track at a place, 1 being the first.
    Move { track: String, place: u32 },
    /// Choose a track's sound.
    Sound { track: String, sound: String },
    /// Set a track's strip.
    Strip {
        track: String,
        #[arg(long, allow_hyphen_values = true, value_parser = finite)]
        gain_db: Option<f64>,
        /// -100 to 100.
        #[arg(long, allow_negative_numbers = true)]
        pan: Option<i64>,
        #[arg(long)]
        mute: Option<bool>,
        #[arg(long)]
        solo: Option<bool>,
    },
    /// Do notes ring on (one-shot), or end with their length (gated)?
    Trigger { track: String, mode: String },
    /// Tracks in one group, 1 to 8, cut one another off; 0 is none.
    Choke { track: String, group: i64 },
    /// Turn a parameter of a track's sound: `param Bass cutoff -1200`; without a value it is neutral again.
    Param {
        track: String,
        param: String,
        #[arg(allow_negative_numbers = true)]
        value: Option<i64>,
    },

    /// Set steps, 1 being the first: `step Kick 1 5 9 13`.
    Step {
        #[command(flatten)]
        at: At,
        #[arg(required = true, value_parser = clap::value_parser!(u16).range(1..=256))]
        steps: Vec<u16>,
        #[command(flatten)]
        values: StepValues,
    },
    /// Notes that sound with a step beside its own: `chord Pad 1 4 7`.
    Chord {
        #[command(flatten)]
        at: At,
        #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
        step: u16,
        /// Semitones from the track's own pitch.
        #[arg(required = true, allow_negative_numbers = true)]
        pitches: Vec<i64>,
        /// Sixteenths of a step.
        #[arg(long, default_value_t = 16)]
        length: i64,
        /// Take them away.
        #[arg(long)]
        off: bool,
    },
    /// Lock a parameter on steps: `lock Bass cutoff 2400 1 5`.
    Lock {
        #[command(flatten)]
        at: At,
        param: String,
        #[arg(allow_negative_numbers = true)]
        value: i64,
        #[arg(required = true, value_parser = clap::value_parser!(u16).range(1..=256))]
        steps: Vec<u16>,
    },
    /// Take a lock away.
    Unlock {
        #[command(flatten)]
        at: At,
        param: String,
        #[arg(required = true, value_parser = clap::value_parser!(u16).range(1..=256))]
        steps: Vec<u16>,
    },
    /// Put a note at any place, 1 being the first step: `note Lead 3.5 --pitch 7 --length 2`.
    Note {
        #[command(flatten)]
        at: At,
        /// The step it starts at, with its fraction.
        #[arg(value_parser = finite)]
        place: f64,
        /// In steps.
        #[arg(long, default_value_t = 1.0, value_parser = finite)]
        length: f64,
        /// Semitones, -36 to 36.
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        pitch: i64,
        /// 1 to 127.
        #[arg(long, default_value_t = 100)]
        velocity: i64,
        /// Take away the notes that start there with this pitch.
        #[arg(long)]
        off: bool,
    },
    /// Steps before the pattern loops, 1 to 256.
    Length {
        #[command(flatten)]
        at: At,
        steps: i64,
    },
    /// 1/8, 1/4, 1/2, 3/4, 1, 3/2 or 2 times the tempo.
    Speed {
        #[command(flatten)]
        at: At,
        speed: String,
    },
    /// How loosely it is played, in percent.
    Humanise {
        #[command(flatten)]
        at: At,
        percent: i64,
    },
    /// Switch all steps off.
    Clear {
        #[command(flatten)]
        at: At,
    },
    /// Make one pattern play like another, also across tracks.
    Copy {
        from: String,
        to: String,
        #[arg(long, value_name = "PATTERN")]
        from_pattern: Option<String>,
        #[arg(long, value_name = "PATTERN")]
        to_pattern: Option<String>,
    },
    #[command(flatten)]
    Tool(Tool),
    /// A track's patterns as wholes.
    #[command(subcommand)]
    Pattern(PatternAct),
    /// Patterns that are launched together.
    #[command(subcommand)]
    Scene(SceneAct),
    /// The order of scenes.
    #[command(subcommand)]
    Chain(ChainAct),

    /// Undo the last edit of this device.
    Undo,
    /// Redo what was undone.
    Redo,
}
