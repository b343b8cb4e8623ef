//! FLAC files that people drop.

use symphonia::core::{
    codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known::CODEC_ID_FLAC},
    packet::PacketRef,
    units::{Duration, Timestamp},
};

use crate::{
    decode::{Pcm, refusal},
    error::DecodeError,
    flac_frames::FlacFile,
    intake::{Intake, check_channels, check_rate, check_size},
};

/// Decodes a FLAC file. A frame that does not match its checksum is a damaged file: nothing is skipped.
pub(crate) fn decode(bytes: &[u8]) -> Result<Pcm, DecodeError> {
    let mut file = FlacFile::open(bytes)?;
    check_rate(file.rate)?;
    check_channels(file.channels)?;
    check_size(file.total.unwrap_or(0), file.rate, file.channels.min(2))?;
    let mut decoder = decoder(&file, false)?;
    let mut intake = Intake::default();
    // A file that lost its end may stop within a frame; how much is there is what its owner wants to know.
    let stopped = loop {
        match file.next_frame() {
            Ok(Some(frame)) => intake.take(&decoder.decode_ref(&packet(frame)).map_err(refusal)?)?,
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let (pcm, total) = (intake.into_pcm(), file.total);
    let found = pcm.as_ref().map_or(0, |pcm| (pcm.frames.len() / usize::from(pcm.channels)) as u64);
    match total {
        Some(expected) if found < expected => Err(DecodeError::Truncated { found, expected }),
        _ => stopped.map_or(pcm, Err),
    }
}

/// A decoder for the file's frames, which checks their MD5 if told to.
pub(crate) fn decoder(file: &FlacFile<'_>, verify: bool) -> Result<Box<dyn AudioDecoder>, DecodeError> {
    let mut params = AudioCodecParameters::new();
    params.for_codec(CODEC_ID_FLAC).with_extra_data(file.stream_info.into());
    symphonia::default::get_codecs()
        .make_audio_decoder(&params, &AudioDecoderOptions::default().verify(verify))
        .map_err(refusal)
}

/// A frame as symphonia takes it. Its time does not matter: frames come in order.
pub(crate) fn packet(frame: &[u8]) -> PacketRef<'_> {
    PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame)
}
