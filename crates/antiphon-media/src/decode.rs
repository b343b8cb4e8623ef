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
    container::Container,
    error::DecodeError,
    limits::{
        CHANNELS_MAX, DAMAGED_PACKETS_ONE_IN, DECODED_BYTES_MAX, FILE_BYTES_MAX, RATE_MAX, RATE_MIN,
        SECONDS_MAX,
    },
    mixdown::Mixdown,
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

/// Decodes a WAV, FLAC, MP3, OGG Vorbis or AIFF file. `extension` is only a hint, its bytes decide.
pub fn decode(bytes: &[u8], extension: Option<&str>) -> Result<Pcm, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(DecodeError::TooBig { bytes: bytes.len() as u64 });
    }
    let container = Container::of(bytes);
    if let Some(Container::Other(name)) = container {
        return Err(DecodeError::Unsupported { what: name.to_owned() });
    }
    caught(|| decode_caught(bytes, container, extension))
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
    announced.check(bytes.len())?;
    let mut intake = Intake::default();
    read_packets(bytes, container, &mut *format, &mut *decoder, announced.track, &mut intake)?;
    let pcm = intake.into_pcm()?;
    announced.check_complete(container, bytes.len(), &pcm)?;
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
    fn check(&self, file_bytes: usize) -> Result<(), DecodeError> {
        let Some(frames) = self.frames.filter(|frames| !is_placeholder(*frames, file_bytes)) else {
            return Ok(());
        };
        check_size(frames, self.rate.unwrap_or(RATE_MAX), self.channels.unwrap_or(1).min(2))
    }

    /// A file with fewer frames than announced has lost its end. MP3 announces by estimate or not at all.
    fn check_complete(
        &self,
        container: Option<Container>,
        file_bytes: usize,
        pcm: &Pcm,
    ) -> Result<(), DecodeError> {
        let found = (pcm.frames.len() / usize::from(pcm.channels)) as u64;
        let Some(expected) = self.frames.filter(|frames| !is_placeholder(*frames, file_bytes)) else {
            return Ok(());
        };
        let allowed = match container {
            Some(Container::Mp3) | None => expected / 10 + 4 * 1152,
            _ => 0,
        };
        if found + allowed < expected {
            return Err(DecodeError::Truncated { found, expected });
        }
        Ok(())
    }
}

/// Programs that write to a pipe cannot know the length and announce the largest there is.
fn is_placeholder(frames: u64, file_bytes: usize) -> bool {
    // One bit a sample and 8 channels would be the densest file imaginable without compression.
    const LARGEST: u64 = (1 << 31) - (1 << 16);
    frames.saturating_mul(16) >= LARGEST && (file_bytes as u64) < LARGEST / 16
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
                let spec = decoded.spec();
                intake.shape(spec.rate(), spec.channels())?;
                decoded.copy_to_vec_interleaved(&mut intake.packet);
                intake.take_packet()?;
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

/// The sound as it comes in, held to its bounds.
#[derive(Default)]
struct Intake {
    /// Rate, channels of the file, and how they are mixed; known with the first packet.
    shape: Option<(u32, Channels, Mixdown)>,
    /// One packet as it was decoded, interleaved.
    packet: Vec<f32>,
    frames: Vec<f32>,
}

impl Intake {
    fn shape(&mut self, rate: u32, channels: &Channels) -> Result<(), DecodeError> {
        match &self.shape {
            Some((known_rate, known, _)) if *known_rate == rate && known == channels => Ok(()),
            Some(_) => Err(DecodeError::Unsupported { what: "a rate or channels that change".to_owned() }),
            None => {
                check_rate(rate)?;
                check_channels(channels.count())?;
                self.shape = Some((rate, channels.clone(), Mixdown::of(channels)));
                Ok(())
            }
        }
    }

    fn take_packet(&mut self) -> Result<(), DecodeError> {
        let Some((rate, _, mixdown)) = &self.shape else { return Ok(()) };
        mixdown.append(&self.packet, &mut self.frames);
        let frames = self.frames.len() / mixdown.channels();
        check_size(frames as u64, *rate, mixdown.channels())
    }

    fn into_pcm(self) -> Result<Pcm, DecodeError> {
        match self.shape {
            Some((rate, _, mixdown)) if !self.frames.is_empty() => {
                Ok(Pcm { rate, channels: mixdown.channels() as u8, frames: self.frames })
            }
            _ => Err(DecodeError::NoSound),
        }
    }
}

fn check_rate(rate: u32) -> Result<(), DecodeError> {
    if (RATE_MIN..=RATE_MAX).contains(&rate) { Ok(()) } else { Err(DecodeError::BadRate { rate }) }
}

fn check_channels(channels: usize) -> Result<(), DecodeError> {
    match channels {
        0 => Err(DecodeError::NoSound),
        1..=CHANNELS_MAX => Ok(()),
        _ => Err(DecodeError::TooManyChannels { channels }),
    }
}

/// Holds the sound to its bounds, at the file's rate and at 48 kHz.
fn check_size(frames: u64, rate: u32, channels: usize) -> Result<(), DecodeError> {
    if frames > SECONDS_MAX * u64::from(rate) {
        return Err(DecodeError::TooLong);
    }
    let at_48k = frames.saturating_mul(48_000) / u64::from(rate);
    let bytes = frames.max(at_48k).saturating_mul(4 * channels as u64);
    if bytes > DECODED_BYTES_MAX as u64 { Err(DecodeError::TooLarge) } else { Ok(()) }
}

pub(crate) fn refusal(error: Error) -> DecodeError {
    match error {
        Error::Unsupported(what) => DecodeError::Unsupported { what: what.to_owned() },
        error => DecodeError::Damaged { cause: error.to_string() },
    }
}
