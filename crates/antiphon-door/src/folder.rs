//! The data folder: where it is, and the lock that makes one process its owner.

use std::{
    env,
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

/// The folder that holds everything of this peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("no home folder was found; name a data folder with --data or ANTIPHON_DATA")]
    NoHome,
    #[error("the data folder {folder} cannot be used: {source}")]
    Unusable { folder: PathBuf, source: io::Error },
    #[error("another Antiphon owns the data folder {folder}")]
    InUse { folder: PathBuf },
}

impl DataFolder {
    /// The folder named, or the system's place for application data.
    pub fn locate(named: Option<PathBuf>) -> Result<Self, FolderError> {
        if let Some(folder) = named {
            return Ok(Self(folder));
        }
        let base = etcetera::choose_base_strategy().map_err(|_| FolderError::NoHome)?;
        Ok(Self(base.data_dir().join("antiphon")))
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder, readable by its owner only.
    fn make(&self) -> Result<(), FolderError> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(|source| FolderError::Unusable { folder: self.0.clone(), source })
    }

    /// Where the local socket of this folder's owner is.
    ///
    /// A socket path is limited to about 100 bytes: a deep folder gets one in the runtime folder instead.
    pub fn socket(&self) -> PathBuf {
        const SOCKET_PATH_BYTES_MAX: usize = 100;
        let inside = self.0.join("door.sock");
        if inside.as_os_str().len() <= SOCKET_PATH_BYTES_MAX {
            return inside;
        }
        let absolute = fs::canonicalize(&self.0).unwrap_or_else(|_| self.0.clone());
        let name = blake3::hash(absolute.as_os_str().as_encoded_bytes()).to_hex();
        let runtime = env::var_os("XDG_RUNTIME_DIR").map_or_else(env::temp_dir, PathBuf::from);
        runtime.join(format!("antiphon-{}.sock", &name[..16]))
    }
}

/// Held by the process that owns the data folder; the system lets go of it when the process ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Becomes the owner of the folder.
    pub fn acquire(folder: &DataFolder) -> Result<Self, FolderError> {
        folder.make()?;
        let unusable = |source| FolderError::Unusable { folder: folder.0.clone(), source };
        let path = folder.0.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse { folder: folder.0.clone() }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let temp = tempfile::tempdir().unwrap();
        let folder = DataFolder(temp.path().join("data"));
        let first = FolderLock::acquire(&folder).unwrap();
        assert!(matches!(FolderLock::acquire(&folder), Err(FolderError::InUse { .. })));
        drop(first);
        assert!(FolderLock::acquire(&folder).is_ok());
    }

    #[test]
    fn a_deep_folder_still_has_a_socket_path_that_fits() {
        let deep = DataFolder(PathBuf::from(format!("/{}", "x".repeat(300))));
        assert!(deep.socket().as_os_str().len() < 108);
    }

    #[test]
    fn a_folder_that_is_a_file_says_so() {
        let temp = tempfile::NamedTempFile::new().unwrap();
        let folder = DataFolder(temp.path().to_owned());
        assert!(matches!(FolderLock::acquire(&folder), Err(FolderError::Unusable { .. })));
    }
}
