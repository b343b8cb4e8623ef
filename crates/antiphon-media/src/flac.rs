//! The stored form of a sample: 24-bit FLAC at 48 kHz, so that decoding gives every peer the same bits.
//!
//! A blob has one form: the marker, one STREAMINFO block with the count and MD5 of its samples, then frames. Decoding
//! checks all of it. Frames are encoded one by one, so that a long sample does not need its weight in memory twice.

use std::fmt;

use crate::{
    decode::{caught, refusal},
    error::{BlobError, DecodeError},
    flac_file::{decoder, packet},
    flac_frames::FlacFile,
    limits::{DECODED_BYTES_MAX, FILE_BYTES_MAX, SECONDS_MAX},
    resample::RATE,
};
use flacenc::{
    bitsink::ByteSink,
    component::{BitRepr, StreamInfo},
    config,
    error::Verify,
    source::{Context, Fill, FrameBuf},
};

const BITS: usize = 24;
/// Frames of one FLAC block.
const BLOCK: usize = 4096;
/// Where the one metadata block ends: marker 4, block header 4, STREAMINFO 34.
const HEADER_BYTES: usize = 42;

/// One step of 24 bits.
pub(crate) const FULL_SCALE: f32 = (1 << (BITS - 1)) as f32;

/// The blob of interleaved 24-bit samples.
pub(crate) fn encode(samples: &[i32], channels: usize) -> Result<Vec<u8>, DecodeError> {
    caught(|| encode_caught(samples, channels))
}

fn encode_caught(samples: &[i32], channels: usize) -> Result<Vec<u8>, DecodeError> {
    let predicting = config::Encoder::default().into_verified().map_err(|(_, error)| internal(error))?;
    let mut plain = config::Encoder::default();
    (plain.subframe_coding.use_fixed, plain.subframe_coding.use_lpc) = (false, false);
    let plain = plain.into_verified().map_err(|(_, error)| internal(error))?;
    let info = StreamInfo::new(RATE as usize, channels, BITS).map_err(internal)?;
    let mut block = FrameBuf::with_size(channels, BLOCK).map_err(internal)?;
    let mut context = Context::new(BITS, channels);
    let mut blob = vec![0; HEADER_BYTES];
    let (mut shortest, mut longest) = (usize::MAX, 0);
    for (number, chunk) in samples.chunks(BLOCK * channels).enumerate() {
        block.fill_interleaved(chunk).map_err(internal)?;
        context.fill_interleaved(chunk).map_err(internal)?;
        let encode =
            |config| flacenc::encode_fixed_size_frame(config, &block, number, &info).map_err(internal);
        let mut frame = encode(&predicting)?;
        // flacenc estimates the size of a prediction, and is wrong by the hundredfold where silence turns into a
        // loud hit within a block: such a block is stored as it is.
        if frame.count_bits() > chunk.len() * BITS {
            frame = encode(&plain)?;
        }
        let mut sink = ByteSink::new();
        frame.write(&mut sink).map_err(internal)?;
        let bytes = sink.as_slice();
        (shortest, longest) = (shortest.min(bytes.len()), longest.max(bytes.len()));
        blob.extend_from_slice(bytes);
        if blob.len() > FILE_BYTES_MAX {
            return Err(DecodeError::BlobTooBig);
        }
    }
    let frames = (samples.len() / channels) as u64;
    blob[..HEADER_BYTES].copy_from_slice(&header(channels, frames, shortest, longest, context.md5_digest()));
    Ok(blob)
}

fn internal(error: impl fmt::Display) -> DecodeError {
    DecodeError::Internal { cause: error.to_string() }
}

fn header(
    channels: usize,
    frames: u64,
    shortest: usize,
    longest: usize,
    md5: [u8; 16],
) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(b"fLaC");
    // The last metadata block, of kind STREAMINFO, 34 bytes long.
    header[4..8].copy_from_slice(&[0x80, 0, 0, 34]);
    header[8..10].copy_from_slice(&(BLOCK as u16).to_be_bytes());
    header[10..12].copy_from_slice(&(BLOCK as u16).to_be_bytes());
    header[12..15].copy_from_slice(&(shortest as u32).to_be_bytes()[1..]);
    header[15..18].copy_from_slice(&(longest as u32).to_be_bytes()[1..]);
    // 20 bits rate, 3 bits channels - 1, 5 bits bits - 1, 36 bits frames.
    let packed = u64::from(RATE) << 44
        | (channels as u64 - 1) << 41
        | (BITS as u64 - 1) << 36
        | frames & ((1 << 36) - 1);
    header[18..26].copy_from_slice(&packed.to_be_bytes());
    header[26..42].copy_from_slice(&md5);
    header
}

/// The blob's parts, if it has the one form of a blob.
fn open(blob: &[u8]) -> Option<(FlacFile<'_>, u64)> {
    let file = FlacFile::open(blob).ok()?;
    let total = file.total?;
    let right = blob.len() <= FILE_BYTES_MAX
        && file.frames_at == HEADER_BYTES
        && file.rate == RATE
        && file.bits == BITS as u32
        && file.channels <= 2
        && total <= SECONDS_MAX * u64::from(RATE)
        && total * file.channels as u64 * 4 <= DECODED_BYTES_MAX as u64;
    right.then_some((file, total))
}

/// The interleaved 24-bit samples of a blob, and its channels.
pub(crate) fn decode(blob: &[u8]) -> Result<(usize, Vec<i32>), BlobError> {
    let (file, total) = open(blob).ok_or(BlobError::WrongForm)?;
    let channels = file.channels;
    let (samples, intact) = caught(|| decode_caught(file, total))?;
    if !intact {
        return Err(BlobError::WrongChecksum);
    }
    Ok((channels, samples))
}

fn decode_caught(mut file: FlacFile<'_>, total: u64) -> Result<(Vec<i32>, bool), DecodeError> {
    let mut decoder = decoder(&file, true)?;
    let wanted = total as usize * file.channels;
    let (mut samples, mut block) = (Vec::<i32>::new(), Vec::<i32>::new());
    while let Some(frame) = file.next_frame()? {
        let decoded = decoder.decode_ref(&packet(frame)).map_err(refusal)?;
        decoded.copy_to_vec_interleaved(&mut block);
        // symphonia puts the sample's bits at the top of 32.
        samples.extend(block.iter().map(|sample| sample >> (32 - BITS)));
        if samples.len() > wanted {
            break;
        }
    }
    if samples.len() != wanted {
        return Err(DecodeError::Truncated {
            found: (samples.len() / file.channels) as u64,
            expected: total,
        });
    }
    Ok((samples, decoder.finalize().verify_ok == Some(true)))
}
