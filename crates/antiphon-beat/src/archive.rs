//! The file around the entries: a zip in the one form that a beat has.
//!
//! Any zip tool can look into a beat. Ours is a small part of the format, so that the same entries always are
//! the same bytes: everything stored, no dates (1 January 1980), no attributes, comments or extra fields, entries
//! in a fixed order, sizes in the local headers, one directory, nothing before, between or after. Reading walks
//! the local headers only; whoever opens a beat writes it again and compares, which checks all the rest.

use crate::{error::OpenBeatError, limits::BEAT_BYTES_MAX};

const LOCAL_HEADER: u32 = 0x0403_4b50;
const DIRECTORY_HEADER: u32 = 0x0201_4b50;
const DIRECTORY_END: u32 = 0x0605_4b50;
/// Version 1.0: nothing but stored files.
const VERSION: u16 = 10;
/// 1 January 1980, the zip epoch.
const DATE: u16 = 0x0021;

/// One file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a str,
    pub(crate) bytes: &'a [u8],
}

/// The archive of these entries. Callers keep the whole below 4 GiB.
pub(crate) fn write(entries: &[Entry<'_>]) -> Vec<u8> {
    let total: usize = entries.iter().map(|entry| entry.bytes.len() + 2 * entry.name.len() + 76).sum();
    let mut out = Vec::with_capacity(total + 22);
    let mut directory = Vec::new();
    for entry in entries {
        let offset = out.len() as u32;
        let common = common_header(entry);
        out.extend_from_slice(&LOCAL_HEADER.to_le_bytes());
        out.extend_from_slice(&common);
        out.extend_from_slice(entry.name.as_bytes());
        out.extend_from_slice(entry.bytes);

        directory.extend_from_slice(&DIRECTORY_HEADER.to_le_bytes());
        directory.extend_from_slice(&VERSION.to_le_bytes());
        directory.extend_from_slice(&common);
        // Comment length, disk, internal attributes: u16 each; external attributes: u32.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(entry.name.as_bytes());
    }
    let (offset, count) = (out.len() as u32, entries.len() as u16);
    out.extend_from_slice(&directory);
    out.extend_from_slice(&DIRECTORY_END.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&offset.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}

/// What the local and the directory header have in common.
fn common_header(entry: &Entry<'_>) -> [u8; 26] {
    let mut header = [0; 26];
    let size = (entry.bytes.len() as u32).to_le_bytes();
    header[0..2].copy_from_slice(&VERSION.to_le_bytes());
    // Flags, method and time stay zero: stored, no encryption, sizes known.
    header[8..10].copy_from_slice(&DATE.to_le_bytes());
    header[10..14].copy_from_slice(&crc32(entry.bytes).to_le_bytes());
    header[14..18].copy_from_slice(&size);
    header[18..22].copy_from_slice(&size);
    header[22..24].copy_from_slice(&(entry.name.len() as u16).to_le_bytes());
    header
}

/// Walks the entries of an archive one after the other, without believing any of it.
pub(crate) struct Reader<'a> {
    whole: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, OpenBeatError> {
        if bytes.len() > BEAT_BYTES_MAX {
            let bytes = bytes.len() as u64;
            return Err(OpenBeatError::TooLarge { what: "file", bytes, max: BEAT_BYTES_MAX });
        }
        match bytes.first_chunk() {
            Some(signature) if u32::from_le_bytes(*signature) == LOCAL_HEADER => {
                Ok(Self { whole: bytes.len(), rest: bytes })
            }
            _ => Err(OpenBeatError::NotABeat),
        }
    }

    /// The next entry, which must have this name.
    pub(crate) fn expect(&mut self, name: &str) -> Result<&'a [u8], OpenBeatError> {
        match self.next()? {
            Some(entry) if entry.name == name => Ok(entry.bytes),
            Some(entry) => Err(wrong_entry(name, entry.name)),
            None => Err(wrong_entry(name, "the end")),
        }
    }

    /// Nothing may follow but the directory.
    pub(crate) fn end(mut self) -> Result<(), OpenBeatError> {
        match self.next()? {
            None => Ok(()),
            Some(entry) => Err(wrong_entry("the end", entry.name)),
        }
    }

    /// `None` at the directory.
    fn next(&mut self) -> Result<Option<Entry<'a>>, OpenBeatError> {
        match u32::from_le_bytes(*self.take_chunk()?) {
            LOCAL_HEADER => {}
            DIRECTORY_HEADER => return Ok(None),
            _ => return Err(OpenBeatError::NotCanonical),
        }
        let header: &[u8; 26] = self.take_chunk()?;
        let size = u32::from_le_bytes([header[14], header[15], header[16], header[17]]);
        let name_size = u16::from_le_bytes([header[22], header[23]]);
        let extra_size = u16::from_le_bytes([header[24], header[25]]);
        if extra_size != 0 {
            return Err(OpenBeatError::NotCanonical);
        }
        let name = self.take(usize::from(name_size))?;
        let name = std::str::from_utf8(name).map_err(|_| OpenBeatError::NotCanonical)?;
        Ok(Some(Entry { name, bytes: self.take(size as usize)? }))
    }

    fn take(&mut self, size: usize) -> Result<&'a [u8], OpenBeatError> {
        let (taken, rest) =
            self.rest.split_at_checked(size).ok_or(OpenBeatError::Truncated { bytes: self.whole })?;
        self.rest = rest;
        Ok(taken)
    }

    fn take_chunk<const N: usize>(&mut self) -> Result<&'a [u8; N], OpenBeatError> {
        let (taken, rest) =
            self.rest.split_first_chunk().ok_or(OpenBeatError::Truncated { bytes: self.whole })?;
        self.rest = rest;
        Ok(taken)
    }
}

fn wrong_entry(expected: &str, found: &str) -> OpenBeatError {
    // A name from the file is shown shortened, and never used as a path.
    let found = found.chars().take(80).flat_map(char::escape_default).collect();
    OpenBeatError::WrongEntry { expected: expected.to_owned(), found }
}

/// The checksum that zip tools look at (CRC-32 of IEEE 802.3, four bits at a time).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut index = 0;
        while index < 16 {
            let mut value = index as u32;
            let mut bit = 0;
            while bit < 4 {
                value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| {
        let crc = (crc >> 4) ^ TABLE[((crc ^ u32::from(*byte)) & 15) as usize];
        (crc >> 4) ^ TABLE[((crc ^ (u32::from(*byte) >> 4)) & 15) as usize]
    })
}

#[cfg(test)]
mod tests {
    use super::{Entry, Reader, crc32, write};

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn entries_come_back_in_order_and_ordinary_zip_tools_read_them() {
        let entries =
            [Entry { name: "manifest", bytes: b"one" }, Entry { name: "samples/a", bytes: &[0, 255, 7] }];
        let archive = write(&entries);
        let mut reader = Reader::new(&archive).unwrap();
        assert_eq!(reader.expect("manifest").unwrap(), b"one");
        assert_eq!(reader.expect("samples/a").unwrap(), [0, 255, 7]);
        reader.end().unwrap();

        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&archive)).unwrap();
        assert_eq!(zip.len(), 2);
        for (index, entry) in entries.iter().enumerate() {
            let mut file = zip.by_index(index).unwrap();
            assert_eq!(file.name().unwrap(), entry.name);
            let mut bytes = Vec::new();
            // Reading to the end also checks the checksum.
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            assert_eq!(bytes, entry.bytes);
        }
    }
}
