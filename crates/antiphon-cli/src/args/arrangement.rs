//! Arguments of scenes and the chain.

use clap::Subcommand;

use super::pulse::LaunchGrid;

/// Patterns that are launched together.
#[derive(Debug, Subcommand)]
pub enum SceneAct {
    /// Keep what every track plays now.
    Add {
        name: Option<String>,
    },
    Remove {
        scene: String,
    },
    Rename {
        scene: String,
        name: String,
    },
    /// Put it at a place, 1 being the first.
    Move {
        scene: String,
        place: u32,
    },
    /// What a track plays in it; without a pattern the track goes on with its own.
    Set {
        scene: String,
        track: String,
        pattern: Option<String>,
    },
    /// Play it from the next bar on, or from where the session's grid says.
    Launch {
        scene: String,
        /// Where it takes effect, instead of the session's grid.
        #[arg(long)]
        quantum: Option<LaunchGrid>,
    },
}

/// The order of scenes.
#[derive(Debug, Subcommand)]
pub enum ChainAct {
    /// A scene for so many bars, at the end or at a place, 1 being the first.
    Add {
        scene: String,
        #[arg(default_value_t = 4)]
        bars: i64,
        #[arg(long)]
        place: Option<u32>,
    },
    /// Change the link at a place.
    Set {
        place: usize,
        #[arg(long)]
        scene: Option<String>,
        #[arg(long)]
        bars: Option<i64>,
    },
    /// Move the link at a place to another.
    Move { place: usize, to: u32 },
    /// Take the link at a place away.
    Remove { place: usize },
    /// Play the chain from the next bar on.
    On,
    /// Play what was launched from the next bar on.
    Off,
}
