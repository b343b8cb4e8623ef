//! What can go wrong, one enum per family of operations.

use std::{io, path::PathBuf};

use crate::limits::QUEUE_BYTES_MAX;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// Another process has it.
    #[error(
        "the data folder {folder} is in use by another Antiphon; close that one or choose another folder"
    )]
    InUse {
        /// The store's folder.
        folder: PathBuf,
    },
    /// The database's files make no sense.
    #[error("the database in {folder} is damaged ({cause}); move the folder away and restore a copy of it")]
    Damaged {
        /// The database's folder.
        folder: PathBuf,
        /// What the database said.
        cause: String,
    },
    /// The folder or a file in it cannot be used.
    #[error("cannot use {path}: {source}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a stored record could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes are not those that were written.
    #[error("the stored {what} is damaged")]
    Damaged {
        /// What kind of record.
        what: &'static str,
    },
    /// Written by a newer version.
    #[error("the stored {what} has format {version}, newest known is {newest}; update Antiphon to read it")]
    TooNew {
        /// What kind of record.
        what: &'static str,
        /// The format found.
        version: u8,
        /// The newest format known here.
        newest: u8,
    },
    /// The database failed.
    #[error("the database cannot be read: {0}")]
    Database(String),
}

/// Why a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The store is from a newer version.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// A value over its bound.
    #[error("a {what} of {bytes} bytes is too large to store, at most {max} fit")]
    TooLarge {
        /// What kind of value.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// Its bound.
        max: usize,
    },
    /// Nothing could be written for so long that the queue is full.
    #[error(
        "{} MiB wait to be saved and no more fit; make room on the disk",
        QUEUE_BYTES_MAX >> 20
    )]
    Full,
    /// What is stored already could not be read to write beside it.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a blob or beat file could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Over the bound.
    #[error("a file of {bytes} bytes is too large to keep, at most {max} fit")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The bound.
        max: usize,
    },
    /// The bytes are not those that the name promises.
    #[error("the file {path} is damaged: its bytes do not match its name")]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// No room.
    #[error("the disk is full: {path} was not written; make room and try again")]
    DiskFull {
        /// Which file.
        path: PathBuf,
    },
    /// The store is from a newer version.
    #[error("the store is read-only: {0}")]
    ReadOnly(String),
    /// The system refused.
    #[error("cannot use {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The beat's entry in the index was not taken.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl FileError {
    pub(crate) fn io(path: &std::path::Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::Io { path, source },
        }
    }
}

/// Why the device's seed cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeviceSeedError {
    /// The file is not one of ours or was altered.
    #[error(
        "the device key {path} is damaged; restore it from a copy, or move it away to start as a new device"
    )]
    Damaged {
        /// The key file.
        path: PathBuf,
    },
    /// It could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Why submissions are not durable yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDurable {
    /// The time given is over.
    #[error("not saved yet")]
    TimedOut,
    /// The last try failed; the writer goes on trying.
    #[error("cannot save: {0}")]
    Failing(String),
}
