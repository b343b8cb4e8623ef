//! Arguments of the acoustic handshake from files.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// The acoustic handshake from files (docs/HANDSHAKE.md).
#[derive(Debug, Subcommand)]
pub enum HandshakeAct {
    /// Write the chirps that one of two devices plays.
    Chirp {
        /// Which of the two devices.
        #[arg(long, value_enum)]
        voice: VoiceName,
        /// The WAV file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say by how much two outputs are apart, from what both devices recorded.
    Measure {
        /// What the device of voice a recorded.
        rec_a: PathBuf,
        /// What the device of voice b recorded.
        rec_b: PathBuf,
        /// Set this device's output by it.
        #[arg(long)]
        apply: bool,
        /// Which voice this device played, for --apply.
        #[arg(long, value_enum, default_value = "a", requires = "apply")]
        me: VoiceName,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VoiceName {
    A,
    B,
}
