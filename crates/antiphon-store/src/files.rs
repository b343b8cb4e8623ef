//! Samples and beats: files named by the BLAKE3 hash of their bytes, outside the database.
//!
//! A file is there whole or not at all, so having one means having its bytes; they are still checked on
//! every read, because disks rot.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    durable_file::{self, Readers},
    error::FileError,
    limits::FILE_BYTES_MAX,
};

/// A folder of files named by their content.
#[derive(Debug)]
pub(crate) struct ContentFolder {
    folder: PathBuf,
    extension: &'static str,
}

impl ContentFolder {
    /// Makes the folder where there is none, and clears what a crash left half-written.
    pub(crate) fn open(folder: PathBuf, extension: &'static str) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "tmp") {
                fs::remove_file(path)?;
            }
        }
        Ok(Self { folder, extension })
    }

    pub(crate) fn path(&self, hash: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}.{}", blake3::Hash::from(*hash).to_hex(), self.extension))
    }

    pub(crate) fn has(&self, hash: &[u8; 32]) -> bool {
        self.path(hash).is_file()
    }

    /// Keeps `bytes` and returns their hash. They are durable when this returns.
    pub(crate) fn put(&self, bytes: &[u8]) -> Result<[u8; 32], FileError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(FileError::TooLarge { bytes: bytes.len() as u64, max: FILE_BYTES_MAX });
        }
        let hash = *blake3::hash(bytes).as_bytes();
        let path = self.path(&hash);
        // A damaged file is put again: the caller has the right bytes in hand.
        if !matches!(self.get(&hash), Ok(Some(_))) {
            durable_file::write(&path, bytes, Readers::Usual).map_err(|error| FileError::io(&path, error))?;
        }
        Ok(hash)
    }

    /// The bytes of that hash, checked; `None` where they are not here.
    pub(crate) fn get(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.path(hash);
        let bytes = match read_bounded(&path)? {
            Some(bytes) => bytes,
            None => return Ok(None),
        };
        if blake3::hash(&bytes).as_bytes() != hash {
            return Err(FileError::Damaged { path });
        }
        Ok(Some(bytes))
    }

    pub(crate) fn remove(&self, hash: &[u8; 32]) -> Result<(), FileError> {
        let path = self.path(hash);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::io(&path, error)),
            _ => Ok(()),
        }
    }
}

fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FileError::io(path, error)),
        Ok(data) if data.len() > FILE_BYTES_MAX as u64 => {
            return Err(FileError::TooLarge { bytes: data.len(), max: FILE_BYTES_MAX });
        }
        Ok(_) => {}
    }
    fs::read(path).map(Some).map_err(|error| FileError::io(path, error))
}
