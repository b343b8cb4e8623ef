//! Sound as it comes out of a decoder, held to its bounds with every packet.

use symphonia::core::audio::{Channels, GenericAudioBufferRef};

use crate::{
    decode::Pcm,
    error::DecodeError,
    limits::{CHANNELS_MAX, DECODED_BYTES_MAX, RATE_MAX, RATE_MIN, SECONDS_MAX},
    mixdown::Mixdown,
};

/// The sound so far.
#[derive(Default)]
pub(crate) struct Intake {
    /// Rate, channels of the file, and how they are mixed; known with the first packet.
    shape: Option<(u32, Channels, Mixdown)>,
    /// One packet as it was decoded, interleaved.
    packet: Vec<f32>,
    frames: Vec<f32>,
}

impl Intake {
    /// Takes one decoded packet.
    pub(crate) fn take(&mut self, decoded: &GenericAudioBufferRef<'_>) -> Result<(), DecodeError> {
        let spec = decoded.spec();
        self.shape(spec.rate(), spec.channels())?;
        decoded.copy_to_vec_interleaved(&mut self.packet);
        self.take_packet()
    }

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

    pub(crate) fn into_pcm(self) -> Result<Pcm, DecodeError> {
        match self.shape {
            Some((rate, _, mixdown)) if !self.frames.is_empty() => {
                Ok(Pcm { rate, channels: mixdown.channels() as u8, frames: self.frames })
            }
            _ => Err(DecodeError::NoSound),
        }
    }
}

pub(crate) fn check_rate(rate: u32) -> Result<(), DecodeError> {
    if (RATE_MIN..=RATE_MAX).contains(&rate) { Ok(()) } else { Err(DecodeError::BadRate { rate }) }
}

pub(crate) fn check_channels(channels: usize) -> Result<(), DecodeError> {
    match channels {
        0 => Err(DecodeError::NoSound),
        1..=CHANNELS_MAX => Ok(()),
        _ => Err(DecodeError::TooManyChannels { channels }),
    }
}

/// Holds the sound to its bounds, at the file's rate and at 48 kHz.
pub(crate) fn check_size(frames: u64, rate: u32, channels: usize) -> Result<(), DecodeError> {
    if frames > SECONDS_MAX * u64::from(rate) {
        return Err(DecodeError::TooLong);
    }
    let at_48k = frames.saturating_mul(48_000) / u64::from(rate);
    let bytes = frames.max(at_48k).saturating_mul(4 * channels as u64);
    if bytes > DECODED_BYTES_MAX as u64 { Err(DecodeError::TooLarge) } else { Ok(()) }
}
