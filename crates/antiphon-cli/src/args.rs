//! The arguments of `antiphon`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

mod arrangement;
mod change;
mod handshake;
mod pattern;
mod pulse;

pub use arrangement::{ChainAct, SceneAct};
pub use change::Change;
pub use handshake::{HandshakeAct, VoiceName};
pub use pattern::{At, PatternAct, StepValues, Tool};
pub use pulse::{LaunchGrid, Pulse, When};

/// A peer-to-peer jam room and beat studio.
#[derive(Debug, Parser)]
#[command(name = "antiphon", version, propagate_version = true)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Answer in JSON, for scripts.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub task: Task,
}

/// What every command understands; each can also be set in the environment.
#[derive(Debug, Clone, ClapArgs)]
pub struct Common {
    /// Folder that holds everything of this peer.
    #[arg(long, global = true, env = "ANTIPHON_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Look for peers on the local network.
    #[arg(long, global = true, env = "ANTIPHON_DISCOVERY", value_enum, default_value = "on")]
    pub discovery: Switch,
    /// Port to be reached on; 0 takes a free one.
    #[arg(
        long = "peer-port",
        global = true,
        env = "ANTIPHON_PEER_PORT",
        default_value_t = 0,
        value_name = "PORT"
    )]
    pub peer_port: u16,
    /// Send the clock's packets as datagrams, where those get through.
    #[arg(long, global = true, env = "ANTIPHON_CLOCK_UDP", value_enum, default_value = "on")]
    pub clock_udp: Switch,
    /// Play through the audio output.
    #[arg(long, global = true, env = "ANTIPHON_AUDIO", value_enum, default_value = "on")]
    pub audio: Switch,
    /// Say how long each part of the start took.
    #[arg(long, global = true)]
    pub timings: bool,
    /// Pretend that this machine's clock is off by so many milliseconds (for tests).
    #[arg(
        long,
        global = true,
        env = "ANTIPHON_CLOCK_OFFSET_MS",
        default_value_t = 0,
        hide = true,
        allow_hyphen_values = true
    )]
    pub clock_offset_ms: i64,
    /// Pretend that this machine's clock runs fast by so many parts per million (for tests).
    #[arg(long, global = true, env = "ANTIPHON_CLOCK_SKEW_PPM", default_value_t = 0, hide = true, allow_hyphen_values = true, value_parser = clap::value_parser!(i64).range(-500_000..=1_000_000))]
    pub clock_skew_ppm: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Make a session and open it.
    New { name: Option<String> },
    /// List the sessions on this device.
    Ls,
    /// Open a session, by name or id.
    Open { session: String },
    /// Show a session as text.
    Show {
        #[arg(long)]
        session: Option<String>,
    },
    /// Change a session.
    Edit {
        #[arg(long)]
        session: Option<String>,
        #[command(subcommand)]
        change: Change,
    },
    /// Print a track's pattern as text (docs/NOTATION.md), or make it what a text says.
    Text {
        #[arg(long)]
        session: Option<String>,
        track: String,
        /// The pattern, by name; the one that was launched last without it.
        #[arg(long, short)]
        pattern: Option<String>,
        /// Read the text from a file, `-` being standard input.
        #[arg(long, value_name = "FILE")]
        set: Option<PathBuf>,
    },
    /// Make a track from text (docs/NOTATION.md) in a file, or on standard input.
    Paste {
        #[arg(long)]
        session: Option<String>,
        #[arg(default_value = "-")]
        file: PathBuf,
    },
    /// Print what will sound, with the dice that were rolled.
    Events {
        #[arg(long)]
        session: Option<String>,
        /// Length; without it, until every track's loop meets again.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
        bars: Option<u32>,
    },
    /// Bring in an audio file (WAV, FLAC, MP3, OGG, AIFF).
    Import {
        #[arg(long)]
        session: Option<String>,
        file: PathBuf,
        /// Give it to this track instead of a new one.
        #[arg(long)]
        track: Option<String>,
    },
    /// Play until interrupted.
    Play {
        #[arg(long)]
        session: Option<String>,
        /// Stop after so many seconds.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=86_400))]
        seconds: Option<u64>,
        /// Bars to count in, 0 to 8; as this device is set without it.
        #[arg(long, value_name = "BARS", allow_negative_numbers = true)]
        count_in: Option<i64>,
    },
    /// Stop what plays and rewind.
    Stop,
    #[command(flatten)]
    Pulse(Pulse),
    /// Play a track's pattern, or a scene (one name), from the next bar on or from where the session's grid says.
    Launch {
        #[arg(long)]
        session: Option<String>,
        /// A track, or a scene.
        what: String,
        /// The track's pattern.
        pattern: Option<String>,
        /// Where it takes effect, instead of the session's grid.
        #[arg(long)]
        quantum: Option<LaunchGrid>,
    },
    /// Show this device's metronome and count-in, or set them. Nobody else hears the metronome; all hear a count-in.
    Metronome {
        switch: Option<Switch>,
        /// Its volume in dB, -60 being silence.
        #[arg(long, value_name = "DB", allow_hyphen_values = true, value_parser = finite)]
        level: Option<f64>,
        /// Bars to count in when you press play, 0 to 8.
        #[arg(long, value_name = "BARS", allow_negative_numbers = true)]
        count_in: Option<i64>,
    },
    /// Tap the tempo with the return key.
    Tap,
    /// End everything that sounds here, at once; what comes next still sounds.
    NotesOff,
    /// Render a session to a WAV file.
    Render {
        #[arg(long)]
        session: Option<String>,
        file: PathBuf,
        /// Length; without it, until every track's loop meets again.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
        bars: Option<u32>,
        /// Also print what sounds, with the dice that were rolled, into this file.
        #[arg(long, value_name = "FILE")]
        events: Option<PathBuf>,
    },
    /// Run a headless peer with the interface in the browser.
    Serve {
        /// Port of the local gateway; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Show the peer that runs already, for example in the window, in the browser too.
        #[arg(long)]
        attach: bool,
    },
    /// Check audio, ports, discovery, clock, store, keys and disk.
    Doctor,
    /// Show who is here and nearby.
    Peers {
        /// Keep showing.
        #[arg(long)]
        watch: bool,
    },
    /// Join a session: the name or id of a peer nearby, an invite link, or an address.
    Join { whom: String },
    /// Make an invite link.
    Invite,
    /// Let someone who asked into the session.
    Allow {
        peer: String,
        /// They may listen, not edit.
        #[arg(long)]
        listener: bool,
    },
    /// Choose the name that others see.
    Name { name: String },
    /// Freeze a session into a signed beat.
    Publish {
        #[arg(long)]
        session: Option<String>,
        #[arg(long)]
        title: Option<String>,
        /// SPDX identifier.
        #[arg(long)]
        licence: Option<String>,
        /// Also write the file here.
        file: Option<PathBuf>,
    },
    /// Say who made a beat, of what, and whether it is intact: from the file alone.
    Verify {
        file: PathBuf,
        /// Render it again and compare bit for bit.
        #[arg(long)]
        render: bool,
    },
    /// Find out how far two outputs in one room are apart, from recordings (docs/HANDSHAKE.md).
    #[command(subcommand)]
    Handshake(HandshakeAct),
    /// List the beats on this device.
    Beats,
    /// Make a session from a beat: a file, or the id of a beat on this device.
    Remix { beat: String },
}

/// A number as people write them; JSON has no others.
pub(crate) fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().map_err(|_| "not a number".to_owned())?;
    if number.is_finite() { Ok(number) } else { Err("not a number with an end".to_owned()) }
}
