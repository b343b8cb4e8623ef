//! The one door to sled, with the rule that makes a write durable.
//!
//! sled's `flush` hands pages to the kernel (`sync_file_range`) but does not wait until the disk has them:
//! 275 of 300 simulated power cuts lost flushed data. So a commit here is one atomic batch, `flush`, and
//! then `fsync` of the file `db`. A page over 128 KiB goes to a file of its own under `blobs`, which sled
//! never syncs: those are synced before, and their folder. `conf` and the folder are synced once, at opening.
//!
//! sled opens what is left of a damaged file without a word. So each commit has a number, in the batch and, once that
//! is durable, in a small file beside the database: a file that is ahead of the database tells that commits are
//! missing. The file is not synced, so after a power cut it may lag, which is harmless.
//!
//! sled panics where its files make no sense, so every call is caught; a panic is an error like others.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs::{self, File},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::park_timeout,
    time::Duration,
};

use crate::{
    durable_file::sync_folder,
    key,
    limits::CACHE_BYTES,
    sealed::{seal, unseal},
};

/// Together a second: sled's threads take milliseconds to end.
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

const LOCKED: &str = "another program has it open";

/// Why the database failed, in words for people. What sled itself said is in the log.
pub(crate) type Failure = String;

/// A key with its stored value.
pub(crate) type Record = (Vec<u8>, Vec<u8>);

pub(crate) struct Database {
    db: sled::Db,
    folder: PathBuf,
    log: File,
    /// Blob files known to be on disk; they are named by log position and never rewritten.
    synced_blobs: Mutex<HashSet<OsString>>,
    /// The number of the last commit.
    commits: AtomicU64,
    /// How many commits the database should have beyond that and has not.
    missing: u64,
}

impl Database {
    /// Opens the database. Only one store at a time gets here (it holds `store.lock`), so a lock on sled's file can
    /// only be one that threads of a database just closed in this process are about to give back.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        for _ in 0..LOCK_TRIES {
            match Self::try_open(folder) {
                Err(failure) if failure == LOCKED => park_timeout(LOCK_PAUSE),
                result => return result,
            }
        }
        Self::try_open(folder)
    }

    fn try_open(folder: &Path) -> Result<Self, Failure> {
        guarded(|| {
            let config = sled::Config::new()
                .path(folder)
                .cache_capacity(CACHE_BYTES)
                // The writer flushes; a timer of sled's own would only write at other times.
                .flush_every_ms(None);
            let db = config.open().map_err(in_words)?;
            let log = sync_once(folder).map_err(|error| error.to_string())?;
            let stored = db.get(key::COMMITS).map_err(in_words)?;
            let commits = stored.and_then(|sealed| counted(&sealed)).unwrap_or(0);
            let told = fs::read(counter_path(folder)).ok().and_then(|sealed| counted(&sealed));
            Ok(Self {
                db,
                folder: folder.to_path_buf(),
                log,
                synced_blobs: Mutex::default(),
                commits: AtomicU64::new(commits.max(told.unwrap_or(0))),
                missing: told.unwrap_or(0).saturating_sub(commits),
            })
        })
    }

    /// How many commits were lost since they were made durable: the file was damaged, or is an older copy.
    pub(crate) fn missing(&self) -> u64 {
        self.missing
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        guarded(|| Ok(self.db.get(key).map_err(in_words)?.map(|value| value.to_vec())))
    }

    /// All keys under a prefix with their values, in order.
    pub(crate) fn scan(&self, prefix: &[u8]) -> Result<Vec<Record>, Failure> {
        guarded(|| {
            self.db
                .scan_prefix(prefix)
                .map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())))
                .collect::<Result<_, _>>()
                .map_err(in_words)
        })
    }

    /// The last key under a prefix.
    pub(crate) fn last_key(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        guarded(|| {
            let last = self.db.scan_prefix(prefix).next_back().transpose().map_err(in_words)?;
            Ok(last.map(|(key, _)| key.to_vec()))
        })
    }

    /// Writes all of `writes` or nothing of them; they are on disk when this returns.
    pub(crate) fn commit<'a>(
        &self,
        writes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> Result<(), Failure> {
        guarded(|| {
            let number = self.commits.fetch_add(1, Ordering::Relaxed) + 1;
            let counter = seal(key::COMMITS, &number.to_le_bytes());
            let mut batch = sled::Batch::default();
            batch.insert(key::COMMITS, counter.as_slice());
            for (key, value) in writes {
                match value {
                    Some(value) => batch.insert(key, value),
                    None => batch.remove(key),
                }
            }
            self.db.apply_batch(batch).map_err(in_words)?;
            self.db.flush().map_err(in_words)?;
            self.sync_blobs().and_then(|()| self.log.sync_all()).map_err(|error| error.to_string())?;
            // Only a witness: what cannot be written here is durable all the same.
            let _ = fs::write(counter_path(&self.folder), counter);
            Ok(())
        })
    }

    fn sync_blobs(&self) -> io::Result<()> {
        let mut synced = self.synced_blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder.join("blobs");
        let mut present = HashSet::new();
        let mut added = false;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if !synced.contains(&entry.file_name()) {
                match File::open(entry.path()) {
                    Ok(file) => file.sync_all()?,
                    // sled removes a blob as soon as its page is written anew.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                }
                added = true;
            }
            present.insert(entry.file_name());
        }
        if added {
            sync_folder(&folder)?;
        }
        *synced = present;
        Ok(())
    }
}

/// Makes the files that sled made at opening durable, and returns the one that every commit syncs.
fn sync_once(folder: &Path) -> io::Result<File> {
    let log = File::open(folder.join("db"))?;
    log.sync_all()?;
    File::open(folder.join("conf"))?.sync_all()?;
    sync_folder(&folder.join("blobs"))?;
    sync_folder(folder)?;
    Ok(log)
}

fn counter_path(folder: &Path) -> PathBuf {
    folder.with_extension("commits")
}

fn counted(sealed: &[u8]) -> Option<u64> {
    unseal(key::COMMITS, sealed)?.try_into().ok().map(u64::from_le_bytes)
}

fn in_words(error: sled::Error) -> Failure {
    tracing::error!(%error, "the database failed");
    match error {
        sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => LOCKED.to_owned(),
        sled::Error::Io(error) => error.to_string(),
        sled::Error::Corruption { .. } => "a part of it is not what was written".to_owned(),
        sled::Error::CollectionNotFound(_) | sled::Error::Unsupported(_) | sled::Error::ReportableBug(_) => {
            "its files do not fit together".to_owned()
        }
    }
}

fn guarded<T>(act: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        tracing::error!(%words, "the database gave up");
        Err("its files do not fit together".to_owned())
    })
}
