//! What a file starts with, so that a refusal can say what the file is rather than only what it is not.

/// A kind of file, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Wav,
    Aiff,
    Flac,
    Ogg,
    Mp3,
    /// Audio that is not decoded here, by name.
    Other(&'static str),
}

impl Container {
    /// The kind of a file, and its bytes without a tag before them.
    pub(crate) fn of(bytes: &[u8]) -> (Option<Self>, &[u8]) {
        let body = bytes.get(id3_bytes(bytes)..).unwrap_or_default();
        // A tag may stand before anything, but alone it stands before MP3.
        let kind = Self::by_marker(body).or((body.len() < bytes.len()).then_some(Self::Mp3));
        (kind, body)
    }

    fn by_marker(bytes: &[u8]) -> Option<Self> {
        let at = |offset: usize, text: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(text));
        let start = |text: &[u8]| at(0, text);
        let has =
            |text: &[u8]| bytes.get(..256).unwrap_or(bytes).windows(text.len()).any(|part| part == text);
        Some(match () {
            () if start(b"RIFF") && at(8, b"AVI") => Self::Other("video"),
            () if start(b"RIFF") && at(8, b"RMID") => Self::Other("MIDI"),
            () if start(b"RIFF") && at(8, b"sfbk") => Self::Other("a SoundFont"),
            () if start(b"RIFF") => Self::Wav,
            () if start(b"FORM") => Self::Aiff,
            () if start(b"fLaC") => Self::Flac,
            () if start(b"OggS") && has(b"OpusHead") => Self::Other("Opus"),
            () if start(b"OggS") && has(b"Speex") => Self::Other("Speex"),
            () if start(b"OggS") => Self::Ogg,
            () if is_mpeg_frame(bytes) => Self::Mp3,
            () if at(4, b"ftyp") => Self::Other("MP4 or AAC audio"),
            () if start(b"\x1aE\xdf\xa3") => Self::Other("Matroska or WebM"),
            () if start(b"caff") => Self::Other("a Core Audio file"),
            () if start(b"MThd") => Self::Other("MIDI"),
            () if start(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") => Self::Other("Windows Media Audio"),
            () if start(b"RF64") || start(b"riff\x2e\x91") => Self::Other("64-bit WAV"),
            () if start(b"wvpk") => Self::Other("WavPack"),
            () if start(b"MAC ") => Self::Other("Monkey's Audio"),
            () if start(b".snd") => Self::Other("Sun audio"),
            () => return None,
        })
    }

    /// The extension that makes the decoder look for this kind first.
    pub(crate) fn extension(self) -> Option<&'static str> {
        match self {
            Self::Wav => Some("wav"),
            Self::Aiff => Some("aiff"),
            Self::Flac => Some("flac"),
            Self::Ogg => Some("ogg"),
            Self::Mp3 => Some("mp3"),
            Self::Other(_) => None,
        }
    }

    /// Does every bit of this kind count, so that a damaged packet is a damaged file?
    pub(crate) fn is_lossless(self) -> bool {
        matches!(self, Self::Wav | Self::Aiff | Self::Flac)
    }
}

/// Eleven sync bits, then a version, a layer and a rate that exist.
fn is_mpeg_frame(bytes: &[u8]) -> bool {
    let [first, second, third, ..] = bytes else { return false };
    *first == 0xff
        && second & 0xe0 == 0xe0
        && second & 0x18 != 0x08
        && second & 0x06 == 0x02
        && third & 0xf0 != 0xf0
        && third & 0x0c != 0x0c
}

/// Does an Ogg file end before its last page does? Pages say their own length.
pub(crate) fn ogg_stops_within_a_page(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while rest.starts_with(b"OggS") {
        let length = rest.get(26).and_then(|segments| {
            let segments = rest.get(27..27 + usize::from(*segments))?;
            Some(27 + segments.len() + segments.iter().map(|size| usize::from(*size)).sum::<usize>())
        });
        match length.and_then(|length| rest.get(length..)) {
            Some(next) => rest = next,
            None => return true,
        }
    }
    // Tags may follow; a piece of the next page's marker may not.
    !rest.is_empty() && b"OggS".starts_with(rest)
}

/// Has an MP3 the first frame in which encoders write how many follow?
pub(crate) fn mp3_counts_its_frames(bytes: &[u8]) -> bool {
    let first = bytes.get(id3_bytes(bytes)..).unwrap_or_default();
    let first = first.get(..64).unwrap_or(first);
    first.windows(4).any(|tag| tag == b"Xing" || tag == b"Info" || tag == b"VBRI")
}

/// How long the ID3 tag is with which a file begins: its size is four times seven bits.
fn id3_bytes(bytes: &[u8]) -> usize {
    match bytes {
        [b'I', b'D', b'3', _, _, _, a, b, c, d, ..] => {
            10 + [a, b, c, d].iter().fold(0_usize, |size, byte| size << 7 | usize::from(**byte & 0x7f))
        }
        _ => 0,
    }
}
