//! Audio files to samples in memory. The one door to symphonia.
//!
//! The file is untrusted: bounds hold before anything is allocated for it and again for every packet, decoders
//! are run where a panic of theirs is caught, and what comes out is finite numbers.

use std::{
    io::{Cursor, ErrorKind},
    panic::{AssertUnwindSafe, catch_unwind},
};

use symphonia::core::{
    audio::Channels,
    codecs::audio::{AudioDecoder, AudioDecoderOptions},
    errors::Error,
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::MediaSourceStream,
    meta::MetadataOptions,
};

use crate::{
    container::{self, Container},
    error::DecodeError,
    flac_file,
    intake::{Intake, check_channels, check_rate, check_size},
    limits::{CHANNELS_MAX, DAMAGED_PACKETS_ONE_IN, FILE_BYTES_MAX, RATE_MAX},
};

/// Decoded audio at the rate of its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm {
    /// Frames a second.
    pub rate: u32,
    /// 1 or 2.
    pub channels: u8,
    /// Interleaved. Finite, and normal or zero; a float file's may be beyond ±1.
    pub frames: Vec<f32>,
}

/// Audio frames in one frame of MP3.
const MPEG_FRAME: u64 = 1152;

/// Decodes a WAV, FLAC, MP3, OGG Vorbis or AIFF file. `extension` is only a hint, its bytes decide.
pub fn decode(bytes: &[u8], extension: Option<&str>) -> Result<Pcm, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(DecodeError::TooBig { bytes: bytes.len() as u64 });
    }
    let (container, body) = Container::of(bytes);
    if let Some(Container::Other(name)) = container {
        return Err(DecodeError::Unsupported { what: name.to_owned() });
    }
    caught(|| match container {
        Some(Container::Flac) => flac_file::decode(body),
        _ => decode_caught(bytes, container, extension),
    })
}

/// Runs a decoder; its panic is an error like others.
pub(crate) fn caught<T>(decode: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(DecodeError::Internal { cause: words.to_owned() })
    })
}

fn decode_caught(
    bytes: &[u8],
    container: Option<Container>,
    extension: Option<&str>,
) -> Result<Pcm, DecodeError> {
    let mut format = open(bytes, container, extension)?;
    let (mut decoder, announced) = Announced::of(&*format)?;
    announced.check(container)?;
    let mut intake = Intake::default();
    read_packets(bytes, container, &mut *format, &mut *decoder, announced.track, &mut intake)?;
    let pcm = intake.into_pcm()?;
    announced.check_complete(container, bytes, &pcm)?;
    Ok(pcm)
}

fn open<'a>(
    bytes: &'a [u8],
    container: Option<Container>,
    extension: Option<&str>,
) -> Result<Box<dyn FormatReader + 'a>, DecodeError> {
    let mut hint = Hint::new();
    if let Some(extension) = container.and_then(Container::extension).or(extension) {
        hint.with_extension(extension);
    }
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
    symphonia::default::get_probe()
        .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| match (error, container) {
            (_, None) => DecodeError::NotAudio,
            (Error::IoError(error), _) if error.kind() == ErrorKind::UnexpectedEof => {
                DecodeError::Truncated { found: 0, expected: 0 }
            }
            (Error::Unsupported(what), _) if what.starts_with("core (probe)") => DecodeError::Damaged {
                cause: "it starts like an audio file, but nothing in it can be decoded".to_owned(),
            },
            (error, _) => refusal(error),
        })
}

/// What a file's header says of its sound. Believed only where believing costs nothing.
struct Announced {
    track: u32,
    rate: Option<u32>,
    channels: Option<usize>,
    frames: Option<u64>,
}

impl Announced {
    fn of(format: &dyn FormatReader) -> Result<(Box<dyn AudioDecoder>, Self), DecodeError> {
        let track = format.default_track(TrackType::Audio).ok_or(DecodeError::NoSound)?;
        let params = track.codec_params.as_ref().and_then(|params| params.audio());
        let params =
            params.ok_or_else(|| DecodeError::Unsupported { what: "this kind of audio".to_owned() })?;
        let announced = Self {
            track: track.id,
            rate: params.sample_rate,
            channels: params.channels.as_ref().map(Channels::count),
            frames: track.num_frames,
        };
        announced.check_shape()?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map_err(refusal)?;
        Ok((decoder, announced))
    }

    /// Before a decoder is made: some allocate by channels.
    fn check_shape(&self) -> Result<(), DecodeError> {
        self.rate.map_or(Ok(()), check_rate)?;
        self.channels.map_or(Ok(()), check_channels)
    }

    /// Refuses what announces itself as too much, without decoding it.
    fn check(&self, container: Option<Container>) -> Result<(), DecodeError> {
        match self.known_frames(container) {
            Some(frames) => {
                check_size(frames, self.rate.unwrap_or(RATE_MAX), self.channels.unwrap_or(1).min(2))
            }
            None => Ok(()),
        }
    }

    /// A file with fewer frames than announced has lost its end, and so has one that stops within a page.
    fn check_complete(
        &self,
        container: Option<Container>,
        bytes: &[u8],
        pcm: &Pcm,
    ) -> Result<(), DecodeError> {
        let found = (pcm.frames.len() / usize::from(pcm.channels)) as u64;
        if container == Some(Container::Ogg) && container::ogg_stops_within_a_page(bytes) {
            return Err(DecodeError::Truncated { found, expected: self.frames.unwrap_or(0) });
        }
        let Some(expected) = self.known_frames(container) else { return Ok(()) };
        let allowed = match container {
            Some(Container::Mp3) | None if container::mp3_counts_its_frames(bytes) => MPEG_FRAME,
            // By estimate from the first frame's rate.
            Some(Container::Mp3) | None => expected / 10 + 4 * MPEG_FRAME,
            _ => 0,
        };
        if found + allowed < expected {
            return Err(DecodeError::Truncated { found, expected });
        }
        Ok(())
    }

    /// Programs that write to a pipe cannot know the length of a WAV and announce the largest there is.
    fn known_frames(&self, container: Option<Container>) -> Option<u64> {
        // One byte a sample would be the densest; no file within our bounds gets near.
        const LARGEST: u64 = (1 << 31) - (1 << 16);
        let placeholder = |frames: &u64| {
            matches!(container, Some(Container::Wav | Container::Aiff))
                && frames.saturating_mul(8 * CHANNELS_MAX as u64) >= LARGEST
        };
        self.frames.filter(|frames| !placeholder(frames))
    }
}

fn read_packets(
    bytes: &[u8],
    container: Option<Container>,
    format: &mut dyn FormatReader,
    decoder: &mut dyn AudioDecoder,
    track: u32,
    intake: &mut Intake,
) -> Result<(), DecodeError> {
    let lossless = container.is_some_and(Container::is_lossless);
    let (mut good, mut damaged) = (0_u64, 0_u64);
    // Every packet takes at least a byte of the file, or the reader does not move.
    for _ in 0..=bytes.len() {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(()),
            Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(Error::ResetRequired) => {
                return Err(DecodeError::Unsupported { what: "a file of several chained sounds".to_owned() });
            }
            Err(error) => return Err(refusal(error)),
        };
        if packet.track_id != track {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(decoded) => {
                good += 1;
                intake.take(&decoded)?;
            }
            Err(error @ (Error::DecodeError(_) | Error::IoError(_))) => {
                damaged += 1;
                // The first packets of a cut MP3 refer to bits that are not there: a few are always forgiven.
                if lossless || damaged > 4 + good / DAMAGED_PACKETS_ONE_IN {
                    return Err(refusal(error));
                }
            }
            Err(error) => return Err(refusal(error)),
        }
    }
    Err(DecodeError::Damaged { cause: "it has more packets than bytes".to_owned() })
}

pub(crate) fn refusal(error: Error) -> DecodeError {
    match error {
        Error::Unsupported(what) => DecodeError::Unsupported { what: what.to_owned() },
        error => DecodeError::Damaged { cause: error.to_string() },
    }
}
