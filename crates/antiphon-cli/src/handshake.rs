//! `antiphon handshake`: two recordings in, the difference of two outputs out.

use std::path::Path;

use antiphon_analysis::{
    CompareError, Difference, HearError, Heard, Recording, Reference, Voice, compare, listen, train,
};
use antiphon_api::{
    ErrorCode,
    calibration::{AdjustTrim, TrimmedOutput},
};
use antiphon_media::{RATE, WavFormat, WavWriter, decode};
use antiphon_node::{FILE_BYTES_MAX, read_whole};
use serde::Serialize;

use crate::{
    args::{HandshakeAct, VoiceName},
    failure::Failure,
    reach::{Reach, print_json},
};

/// What a measurement says, for scripts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    /// By how much the output of voice b is later than that of voice a.
    later_ms: f64,
    spread_ms: f64,
    rounds: usize,
    over_floor_db: f32,
    distance_metres: f64,
    set: Set,
    /// What this device's output was set to, where that was asked for.
    applied: Option<TrimmedOutput>,
}

/// Where more trim brings the two together.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Set {
    voice: String,
    add_trim_ms: f64,
}

impl From<VoiceName> for Voice {
    fn from(name: VoiceName) -> Self {
        match name {
            VoiceName::A => Self::A,
            VoiceName::B => Self::B,
        }
    }
}

/// Does this act need a peer, to set its output?
pub fn needs_peer(act: &HandshakeAct) -> bool {
    matches!(act, HandshakeAct::Measure { apply: true, .. })
}

/// Performs an act that needs nothing but files.
pub fn from_files(act: &HandshakeAct, json: bool) -> Result<(), Failure> {
    match act {
        HandshakeAct::Chirp { voice, out } => write_chirps((*voice).into(), out),
        HandshakeAct::Measure { rec_a, rec_b, .. } => tell(&measured(rec_a, rec_b)?, None, json),
    }
}

/// Performs an act that also sets this device's output.
pub async fn with_peer(reach: &Reach, act: &HandshakeAct, json: bool) -> Result<(), Failure> {
    let HandshakeAct::Measure { rec_a, rec_b, apply: true, me } = act else { return from_files(act, json) };
    let difference = measured(rec_a, rec_b)?;
    // The other device may be the one that others are set by: only this one's output is changed.
    let adjustment = difference.adjustment(Reference::Voice(Voice::from(*me).other()));
    let add = AdjustTrim { add_ms: adjustment.add_ns as f64 / 1e6 };
    tell(&difference, Some(reach.call("adjust_trim", add).await?), json)
}

fn write_chirps(voice: Voice, out: &Path) -> Result<(), Failure> {
    let written = WavWriter::create(out, WavFormat::Int24, 1).and_then(|mut file| {
        file.write(&train(voice, RATE))?;
        file.finish()
    });
    written.map_err(|error| {
        Failure::new(ErrorCode::Storage, error.to_string()).next("choose a folder that can be written")
    })?;
    println!("{}", out.display());
    Ok(())
}

fn measured(rec_a: &Path, rec_b: &Path) -> Result<Difference, Failure> {
    let (one, two) = (heard(rec_a)?, heard(rec_b)?);
    if one == two {
        let cause = format!("{} and {} hold the same recording", rec_a.display(), rec_b.display());
        return Err(Failure::new(ErrorCode::BadFile, cause).next("give one recording from each device"));
    }
    compare(&one, &two).map_err(|error| {
        Failure::new(ErrorCode::BadFile, error.to_string()).next(match error {
            CompareError::TooFewRounds { .. } => "record once more, with less noise",
            CompareError::Spread { .. } => {
                "leave both devices where they are, make less noise, and record again"
            }
            CompareError::TooFar { .. } => {
                "start both chirp files at the same moment of the session, and record again"
            }
            CompareError::Distance { .. } => "take two recordings of one and the same handshake",
        })
    })
}

fn heard(file: &Path) -> Result<Heard, Failure> {
    let bad = |cause: String, next: &str| {
        Failure::new(ErrorCode::BadFile, format!("{}: {cause}", file.display())).next(next)
    };
    let bytes = read_whole(file, FILE_BYTES_MAX)
        .map_err(|error| bad(format!("it cannot be read: {error}"), "check the name and its permissions"))?;
    let extension = file.extension().map(|extension| extension.to_string_lossy());
    let pcm = decode(&bytes, extension.as_deref())
        .map_err(|error| bad(error.to_string(), "record to a WAV file"))?;
    let channels = usize::from(pcm.channels.max(1));
    // A stereo recording is of one microphone twice, or of two within a few centimetres.
    let mono = pcm.frames.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32);
    let samples: Vec<f32> = mono.collect();
    listen(Recording { samples: &samples, rate: pcm.rate })
        .map_err(|error| bad(error.to_string(), next_step(&error)))
}

fn next_step(error: &HearError) -> &'static str {
    match error {
        HearError::BadRate { .. } => "record at 44.1 or 48 kHz",
        HearError::TooShort { .. } | HearError::TooLong { .. } => {
            "start recording before the chirps and stop after the last"
        }
        HearError::NotFinite => "record to a WAV file of 16 or 24 bits",
        HearError::Silent => "choose the right microphone, and allow its use",
        HearError::NotFound { .. } => {
            "check that both devices played their chirps, and switch off noise and echo suppression of the microphone"
        }
        HearError::TooNoisy { .. } => "move the devices closer together, or turn them up",
        HearError::Twice { .. } => "cut the recording so that it holds one handshake",
        HearError::Clipped { .. } => "turn the microphone down",
    }
}

fn tell(difference: &Difference, applied: Option<TrimmedOutput>, json: bool) -> Result<(), Failure> {
    let adjustment = difference.adjustment(Reference::Earlier);
    let milliseconds = |ns: i64| ns as f64 / 1e6;
    if json {
        return print_json(&Measured {
            later_ms: milliseconds(difference.later_ns),
            spread_ms: milliseconds(difference.spread_ns),
            rounds: difference.rounds,
            over_floor_db: difference.over_floor_db,
            distance_metres: difference.distance_metres,
            set: Set { voice: adjustment.voice.to_string(), add_trim_ms: milliseconds(adjustment.add_ns) },
            applied,
        });
    }
    println!(
        "voice {} is {:.2} ms later than voice {} (rounds within {:.2} ms, {:.0} dB above the noise, {:.1} m apart)",
        adjustment.voice,
        milliseconds(adjustment.add_ns),
        adjustment.voice.other(),
        milliseconds(difference.spread_ns),
        difference.over_floor_db,
        difference.distance_metres,
    );
    match applied {
        Some(set) => println!("the trim of {} is {:+.2} ms now", set.output, set.trim_ms),
        None => println!(
            "set: {:+.2} ms more trim on the device of voice {}, or {:+.2} ms on the other one",
            milliseconds(adjustment.add_ns),
            adjustment.voice,
            -milliseconds(adjustment.add_ns),
        ),
    }
    Ok(())
}
