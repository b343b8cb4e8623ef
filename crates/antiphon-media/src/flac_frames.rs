//! The frames of a FLAC file, one after the other.
//!
//! Frames do not say how long they are: each ends where its CRC-16 comes out even and the next header follows.
//! symphonia 0.6.1 guesses by average sizes instead and drops a frame where quiet is followed by a loud hit, which is
//! what drum samples are made of (Debian's `drum_cymbal_open.flac`, for one). So the frames are found here, by the
//! format's own rule, and symphonia decodes them.

use crate::error::DecodeError;

/// Behind the marker and the first block's header.
const STREAM_INFO_AT: usize = 8;
const STREAM_INFO_BYTES: usize = 34;

/// A FLAC file: what its first block says, and its frames.
#[derive(Debug)]
pub(crate) struct FlacFile<'a> {
    pub(crate) stream_info: &'a [u8],
    pub(crate) rate: u32,
    pub(crate) channels: usize,
    pub(crate) bits: u32,
    /// `None` where the writer did not know.
    pub(crate) total: Option<u64>,
    /// Where the frames begin.
    pub(crate) frames_at: usize,
    rest: &'a [u8],
    /// What the next header must say; `None` before the first.
    expected: Option<u64>,
}

impl<'a> FlacFile<'a> {
    /// Reads the metadata. `bytes` begin with the marker.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let cut_off = DecodeError::Truncated { found: 0, expected: 0 };
        let stream_info =
            bytes.get(STREAM_INFO_AT..STREAM_INFO_AT + STREAM_INFO_BYTES).ok_or(cut_off.clone())?;
        if !bytes.starts_with(b"fLaC")
            || bytes[4] & 0x7f != 0
            || bytes[5..8] != [0, 0, STREAM_INFO_BYTES as u8]
        {
            return Err(damaged("its first block is not a FLAC stream's"));
        }
        let mut at = 4;
        loop {
            let header = bytes.get(at..at + 4).ok_or(cut_off.clone())?;
            at += 4 + u32::from_be_bytes([0, header[1], header[2], header[3]]) as usize;
            if header[0] & 0x80 != 0 {
                break;
            }
        }
        let rest = bytes.get(at..).ok_or(cut_off)?;
        let packed = stream_info[10..18].iter().fold(0_u64, |packed, byte| packed << 8 | u64::from(*byte));
        let total = packed & ((1 << 36) - 1);
        Ok(Self {
            stream_info,
            rate: (packed >> 44) as u32,
            channels: ((packed >> 41) & 7) as usize + 1,
            bits: ((packed >> 36) & 31) as u32 + 1,
            total: (total > 0).then_some(total),
            frames_at: at,
            rest,
            expected: None,
        })
    }

    /// The next frame; `None` behind the last.
    pub(crate) fn next_frame(&mut self) -> Result<Option<&'a [u8]>, DecodeError> {
        if self.rest.is_empty() || is_tag(self.rest) {
            return Ok(None);
        }
        let header =
            Header::read(self.rest).filter(|header| self.expected.is_none_or(|n| n == header.number));
        let header = header.ok_or_else(|| damaged("a frame does not begin where it should"))?;
        let following = header.following();
        let mut crc = 0;
        for (at, byte) in self.rest.iter().enumerate() {
            crc = crc16(crc, *byte);
            // The CRC over a frame and its own CRC is zero; by chance it is after every 65,536th byte.
            if crc == 0 && at >= header.bytes && ends(&self.rest[at + 1..], header.variable, following) {
                let (frame, rest) = self.rest.split_at(at + 1);
                self.rest = rest;
                self.expected = Some(following);
                return Ok(Some(frame));
            }
        }
        Err(damaged("a frame does not match its checksum, or its end is missing"))
    }
}

/// Can a frame end before `rest`?
fn ends(rest: &[u8], variable: bool, following: u64) -> bool {
    let continues =
        || Header::read(rest).is_some_and(|next| next.variable == variable && next.number == following);
    rest.is_empty() || is_tag(rest) || continues()
}

/// What other programs append.
fn is_tag(rest: &[u8]) -> bool {
    rest.starts_with(b"TAG") || rest.starts_with(b"APETAGEX") || rest.starts_with(b"ID3")
}

/// The header of a frame, as far as finding frames needs it.
struct Header {
    /// Does `number` count samples rather than frames?
    variable: bool,
    number: u64,
    /// Samples of each channel in the frame.
    block: u64,
    /// How long the header is.
    bytes: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let variable = match bytes {
            [0xff, 0xf8, ..] => false,
            [0xff, 0xf9, ..] => true,
            _ => return None,
        };
        let sizes = *bytes.get(2)?;
        let (number, mut at) = coded_number(bytes, 4)?;
        let block = match sizes >> 4 {
            0 => return None,
            1 => 192,
            code @ 2..=5 => 576 << (code - 2),
            6 => {
                at += 1;
                u64::from(*bytes.get(at - 1)?) + 1
            }
            7 => {
                at += 2;
                u64::from(u16::from_be_bytes([*bytes.get(at - 2)?, *bytes.get(at - 1)?])) + 1
            }
            code => 256 << (code - 8),
        };
        at += match sizes & 15 {
            12 => 1,
            13 | 14 => 2,
            15 => return None,
            _ => 0,
        };
        // The CRC-8 over a header and its own CRC is zero.
        let header = bytes.get(..=at)?;
        (header.iter().fold(0, |crc, byte| crc8(crc, *byte)) == 0).then_some(Self {
            variable,
            number,
            block,
            bytes: header.len(),
        })
    }

    /// The number in the next header.
    fn following(&self) -> u64 {
        self.number + if self.variable { self.block } else { 1 }
    }
}

/// A number coded like a character of UTF-8, up to 36 bits, and where it ends.
fn coded_number(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    let more = match first.leading_ones() {
        0 => return Some((u64::from(first), at + 1)),
        ones @ 2..=7 => ones as usize - 1,
        _ => return None,
    };
    let start = u64::from(first) & ((1 << (6 - more)) - 1);
    let rest = bytes.get(at + 1..=at + more)?;
    let number = rest.iter().try_fold(start, |number, byte| {
        (byte & 0xc0 == 0x80).then_some(number << 6 | u64::from(byte & 0x3f))
    })?;
    Some((number, at + 1 + more))
}

fn crc16(crc: u16, byte: u8) -> u16 {
    const TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut value = (index as u16) << 8;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 0x8000 != 0 { value << 1 ^ 0x8005 } else { value << 1 };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };
    crc << 8 ^ TABLE[usize::from((crc >> 8) as u8 ^ byte)]
}

fn crc8(crc: u8, byte: u8) -> u8 {
    (0..8).fold(crc ^ byte, |value, _| if value & 0x80 != 0 { value << 1 ^ 0x07 } else { value << 1 })
}

fn damaged(cause: &str) -> DecodeError {
    DecodeError::Damaged { cause: cause.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{coded_number, crc8, crc16};

    #[test]
    fn checksums_are_those_of_the_format() {
        assert_eq!(b"123456789".iter().fold(0, |crc, byte| crc16(crc, *byte)), 0xfee8);
        assert_eq!(b"123456789".iter().fold(0, |crc, byte| crc8(crc, *byte)), 0xf4);
    }

    #[test]
    fn numbers_are_coded_like_characters() {
        for character in ['\0', 'a', 'é', '€', '🥁'] {
            let mut bytes = [0; 4];
            let coded = character.encode_utf8(&mut bytes).as_bytes();
            assert_eq!(coded_number(coded, 0), Some((u64::from(character as u32), coded.len())));
            assert_eq!(coded_number(&coded[..coded.len() - 1], 0), None);
        }
        let largest = [0xfe, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf];
        assert_eq!(coded_number(&largest, 0), Some(((1 << 36) - 1, 7)));
        assert_eq!(coded_number(&[0xff, 0x80], 0), None);
        assert_eq!(coded_number(&[0x80], 0), None);
    }
}
