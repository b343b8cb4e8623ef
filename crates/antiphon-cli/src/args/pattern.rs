//! Arguments of edits inside a pattern.

use antiphon_api::catalogue;
use clap::{Args, Subcommand, ValueEnum};

use super::pulse::LaunchGrid;

/// A pattern of a track.
#[derive(Debug, Clone, Args)]
pub struct At {
    /// Name or number.
    pub track: String,
    /// The pattern, by name; the one that was launched last without it.
    #[arg(long, short)]
    pub pattern: Option<String>,
}

/// What a step can have.
#[derive(Debug, Clone, Args)]
pub struct StepValues {
    /// Switch them off.
    #[arg(long)]
    pub off: bool,
    /// 1 to 127.
    #[arg(long)]
    pub velocity: Option<i64>,
    /// Semitones, -36 to 36.
    #[arg(long, allow_negative_numbers = true)]
    pub pitch: Option<i64>,
    /// Sixteenths of a step; 16 is one step.
    #[arg(long)]
    pub length: Option<i64>,
    /// Prolong the note before instead of striking.
    #[arg(long)]
    pub tie: Option<bool>,
    /// 128ths of a step, -127 to 127; negative is early.
    #[arg(long, allow_negative_numbers = true)]
    pub micro: Option<i64>,
    /// Strikes within the step, 1 to 8.
    #[arg(long)]
    pub ratchet: Option<i64>,
    /// How likely it sounds, in percent.
    #[arg(long)]
    pub chance: Option<i64>,
    /// fill, pre, nei, 1st or 3:4; ! before it negates; always takes it away.
    #[arg(long)]
    pub condition: Option<String>,
}

/// A tool over a whole pattern.
#[derive(Debug, Subcommand)]
pub enum Tool {
    /// Spread hits as evenly as they go.
    Euclid {
        #[command(flatten)]
        at: At,
        hits: i64,
        /// Turned by so many steps to the right.
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        rotation: i64,
    },
    /// Move all steps to the right; negative: to the left.
    Rotate {
        #[command(flatten)]
        at: At,
        #[arg(allow_negative_numbers = true)]
        steps: i64,
    },
    /// What sounds falls silent, what is silent sounds.
    Invert {
        #[command(flatten)]
        at: At,
    },
    /// Play it backwards.
    Reverse {
        #[command(flatten)]
        at: At,
    },
    /// The first half, then the same backwards.
    Mirror {
        #[command(flatten)]
        at: At,
    },
    /// Move every note by semitones.
    Transpose {
        #[command(flatten)]
        at: At,
        #[arg(allow_negative_numbers = true)]
        semitones: i64,
    },
    /// Draw notes to a grid.
    Quantise {
        #[command(flatten)]
        at: At,
        #[arg(long, value_enum, default_value = "1/16")]
        grid: Grid,
        /// How much of the way, in percent.
        #[arg(long, default_value_t = 100)]
        strength: i64,
    },
    /// A ready chord played as a ready rhythm, each by name or number (1 to 12): `block Pad Home Tresillo`.
    Block {
        #[command(flatten)]
        at: At,
        #[arg(value_parser = colour)]
        colour: i64,
        #[arg(value_parser = rhythm)]
        rhythm: i64,
    },
}

fn colour(text: &str) -> Result<i64, String> {
    listed(text, &catalogue().colours)
}

fn rhythm(text: &str) -> Result<i64, String> {
    listed(text, &catalogue().rhythms)
}

/// The number of what is named, 1 being the first.
fn listed(text: &str, names: &[String]) -> Result<i64, String> {
    let by_name = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let by_number = || text.parse::<usize>().ok()?.checked_sub(1);
    let index = by_name.or_else(by_number).filter(|index| *index < names.len());
    index
        .map(|index| index as i64 + 1)
        .ok_or_else(|| format!("choose 1 to {}, or one of {}", names.len(), names.join(", ")))
}

/// What notes are drawn to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grid {
    #[value(name = "1/32")]
    ThirtySecond,
    #[value(name = "1/16")]
    Sixteenth,
    #[value(name = "1/16t")]
    SixteenthTriplet,
    #[value(name = "1/8")]
    Eighth,
    #[value(name = "1/8t")]
    EighthTriplet,
    #[value(name = "1/4")]
    Quarter,
}

/// A track's patterns as wholes.
#[derive(Debug, Subcommand)]
pub enum PatternAct {
    /// A new one, empty or like another.
    Add {
        track: String,
        #[arg(long)]
        name: Option<String>,
        /// Begin as a copy of this one.
        #[arg(long)]
        like: Option<String>,
    },
    /// Undo brings it back.
    Remove {
        track: String,
        pattern: String,
    },
    Rename {
        track: String,
        pattern: String,
        name: String,
    },
    /// Play it from the next bar on, or from where the session's grid says.
    Launch {
        track: String,
        pattern: String,
        /// Where it takes effect, instead of the session's grid.
        #[arg(long)]
        quantum: Option<LaunchGrid>,
    },
}
