//! What a track plays with.

use std::{fmt, str::FromStr};

use crate::ids::SampleId;

/// A sound of the synthesised drum kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Drum {
    Kick,
    Snare,
    Clap,
    ClosedHat,
    OpenHat,
    Tom,
    Rim,
    Cowbell,
}

/// A preset of the subtractive synth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preset {
    Bass,
    Lead,
    Pad,
    Pluck,
    Acid,
}

impl Drum {
    /// Every drum, in the order they are offered.
    pub const ALL: [Self; 8] = [
        Self::Kick,
        Self::Snare,
        Self::Clap,
        Self::ClosedHat,
        Self::OpenHat,
        Self::Tom,
        Self::Rim,
        Self::Cowbell,
    ];

    /// The name in documents and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Kick => "kick",
            Self::Snare => "snare",
            Self::Clap => "clap",
            Self::ClosedHat => "closed-hat",
            Self::OpenHat => "open-hat",
            Self::Tom => "tom",
            Self::Rim => "rim",
            Self::Cowbell => "cowbell",
        }
    }
}

impl Preset {
    /// Every preset, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::Bass, Self::Lead, Self::Pad, Self::Pluck, Self::Acid];

    /// The name in documents and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Bass => "bass",
            Self::Lead => "lead",
            Self::Pad => "pad",
            Self::Pluck => "pluck",
            Self::Acid => "acid",
        }
    }
}

/// The instrument of a track. Text form: `drum:kick`, `synth:bass`, `sample:<64 hex digits>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sound {
    /// A drum of the kit.
    Drum(Drum),
    /// The synth with a preset.
    Synth(Preset),
    /// The sampler with one sample.
    Sample(SampleId),
    /// From a newer version: kept as it is, shown as unknown, silent. At most 96 characters.
    Unknown(String),
}

impl fmt::Display for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drum(drum) => write!(f, "drum:{}", drum.key()),
            Self::Synth(preset) => write!(f, "synth:{}", preset.key()),
            Self::Sample(id) => write!(f, "sample:{id}"),
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

/// Text that names no sound known to this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no sound is called {text:?}; sounds are drum:kick, synth:bass and the like, or sample:<id>")]
pub struct ParseSoundError {
    /// What was given, shortened.
    pub text: String,
}

impl FromStr for Sound {
    type Err = ParseSoundError;

    fn from_str(text: &str) -> Result<Self, ParseSoundError> {
        let error = || ParseSoundError { text: text.chars().take(96).collect() };
        let (kind, key) = text.split_once(':').ok_or_else(error)?;
        match kind {
            "drum" => Drum::ALL.into_iter().find(|d| d.key() == key).map(Self::Drum).ok_or_else(error),
            "synth" => Preset::ALL.into_iter().find(|p| p.key() == key).map(Self::Synth).ok_or_else(error),
            "sample" => key.parse().map(Self::Sample).map_err(|_| error()),
            _ => Err(error()),
        }
    }
}

impl Sound {
    /// The sound that document text stands for; text of a newer version is kept.
    pub fn read(text: &str) -> Self {
        text.parse().unwrap_or_else(|error: ParseSoundError| Self::Unknown(error.text))
    }

    /// Does a step's pitch mean notes of a scale (rather than a drum's tuning)?
    pub fn is_melodic(&self) -> bool {
        matches!(self, Self::Synth(_))
    }
}
