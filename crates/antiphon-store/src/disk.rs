//! What the writer asks of the disk before it writes; tests put a full or failing one in its place.

use std::path::Path;

use crate::database::Failure;

pub(crate) trait Disk: Send + Sync {
    /// Bytes that may still be written below `folder`; `None` where the system does not say.
    fn free_bytes(&self, folder: &Path) -> Option<u64>;

    /// Called right before the database writes; an error counts as the database's own.
    fn before_commit(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The machine's disk.
pub(crate) struct RealDisk;

impl Disk for RealDisk {
    #[cfg(unix)]
    fn free_bytes(&self, folder: &Path) -> Option<u64> {
        let disk = rustix::fs::statvfs(folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    #[cfg(not(unix))]
    fn free_bytes(&self, _folder: &Path) -> Option<u64> {
        None
    }
}
