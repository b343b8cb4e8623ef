//! The device's secret seed: a small text file that only its user may read.
//!
//! ```text
//! antiphon device key 1
//! <64 hexadecimal digits>
//! <16 hexadecimal digits of its checksum>
//! ```

use std::{fs, io, path::Path};

use crate::{
    durable_file::{self, Readers},
    error::{DeviceSeedError, FileError},
};

const HEADER: &str = "antiphon device key 1";

/// The seed kept at `path`; `fresh` is kept there first where there is none.
pub(crate) fn seed(path: &Path, fresh: [u8; 32]) -> Result<[u8; 32], DeviceSeedError> {
    match fs::read_to_string(path) {
        Ok(text) => {
            restrict(path)?;
            parse(&text).ok_or_else(|| DeviceSeedError::Damaged { path: path.to_path_buf() })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            durable_file::write(path, text_of(&fresh).as_bytes(), Readers::Owner)
                .map_err(|error| FileError::io(path, error))?;
            Ok(fresh)
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(DeviceSeedError::Damaged { path: path.to_path_buf() })
        }
        Err(error) => Err(FileError::io(path, error).into()),
    }
}

/// A copy restored from elsewhere may be readable by all: take that back.
#[cfg(unix)]
fn restrict(path: &Path) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt;
    let io = |error| FileError::io(path, error);
    let mode = fs::metadata(path).map_err(io)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "the device key was readable by others; now by its user only");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(io)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> Result<(), FileError> {
    Ok(())
}

fn text_of(seed: &[u8; 32]) -> String {
    format!("{HEADER}\n{}\n{}\n", blake3::Hash::from(*seed).to_hex(), checksum(seed))
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let mut lines = text.lines();
    let (header, digits, sum) = (lines.next()?, lines.next()?, lines.next()?);
    let seed = *blake3::Hash::from_hex(digits).ok()?.as_bytes();
    (header == HEADER && sum == checksum(&seed) && lines.next().is_none()).then_some(seed)
}

/// Derived, so that the file shows nothing of the seed's own hash.
fn checksum(seed: &[u8; 32]) -> String {
    let hash = blake3::Hash::from(blake3::derive_key("antiphon 2026 device key checksum", seed));
    hash.to_hex().chars().take(16).collect()
}
