//! The store of one device: everything that outlives the process.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};

use antiphon_model::{SampleId, SessionId};

use crate::{
    batch::{Batch, Write},
    database::{Database, Record},
    device_seed,
    disk::{Disk, RealDisk},
    error::{DeviceSeedError, FileError, NotDurable, OpenStoreError, ReadError, SubmitError},
    files::ContentFolder,
    format, key,
    limits::{CHANGE_BYTES_MAX, ROSTER_BYTES_MAX, SETTING_BYTES_MAX, SETTING_KEY_BYTES_MAX},
    queue::{Change, Queue},
    record::{BeatRecord, SessionRecord},
    sealed::{seal, unseal},
    writer::{Progress, Shared, Ticket, Watcher, Writer},
};

/// Everything that one device keeps. One process has it at a time; any thread may use it.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    samples: ContentFolder,
    beat_files: ContentFolder,
    read_only: Option<String>,
    missing_commits: u64,
    shared: Arc<Shared>,
    // Fields drop in order: the writer ends before the lock is given back.
    _writer: Writer,
    _lock: File,
}

/// The sessions of this device.
#[derive(Debug, Default)]
pub struct Sessions {
    /// The latest edited first.
    pub records: Vec<SessionRecord>,
    /// Sessions whose record cannot be read, and why. Their changes may still be whole.
    pub unreadable: Vec<(SessionId, ReadError)>,
}

/// A session's log as it was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ChangeLog {
    /// The signed changes, in the order they were appended.
    pub envelopes: Vec<Vec<u8>>,
    /// Positions in the log at which a change is damaged or missing; peers that have them can send them again.
    pub damaged: Vec<u64>,
}

impl Store {
    /// Opens the store in `folder`, which is made where there is none.
    ///
    /// A store of a newer version opens read-only ([`Store::read_only`] says why).
    pub fn open(folder: &Path) -> Result<Self, OpenStoreError> {
        Self::open_on(folder, Box::new(RealDisk))
    }

    pub(crate) fn open_on(folder: &Path, disk: Box<dyn Disk>) -> Result<Self, OpenStoreError> {
        let io = |path: &Path| {
            let path = path.to_path_buf();
            move |source| OpenStoreError::Io { path, source }
        };
        make_private_folder(folder).map_err(io(folder))?;
        let lock = lock(folder)?;
        let read_only = format::check(folder)?;
        let samples =
            ContentFolder::open(folder.join("samples"), "flac").map_err(io(&folder.join("samples")))?;
        let beat_files =
            ContentFolder::open(folder.join("beats"), "beat").map_err(io(&folder.join("beats")))?;
        let database_folder = folder.join("store");
        fs::create_dir_all(&database_folder).map_err(io(&database_folder))?;
        let database = Database::open(&database_folder)
            .map_err(|cause| OpenStoreError::Damaged { folder: database_folder.clone(), cause })?;
        let missing_commits = database.missing();
        let shared = Arc::new(Shared::new(database, database_folder, disk));
        let writer = Writer::start(Arc::clone(&shared)).map_err(io(folder))?;
        let folder = folder.to_path_buf();
        Ok(Self {
            folder,
            samples,
            beat_files,
            read_only,
            missing_commits,
            shared,
            _writer: writer,
            _lock: lock,
        })
    }

    /// Why nothing can be written here; `None` in a store of this version.
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    /// What was lost since it was saved, in words; `None` where all is here. Peers can send it again.
    pub fn damage(&self) -> Option<String> {
        let missing = self.missing_commits;
        (missing > 0).then(|| {
            format!("the {missing} newest writes are missing: the database was damaged or replaced by an older copy")
        })
    }

    /// The folder it is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Sessions, settings, rosters.
impl Store {
    /// All sessions, without opening them.
    pub fn sessions(&self) -> Result<Sessions, ReadError> {
        let mut sessions = Sessions::default();
        for (key, sealed) in self.scan(key::SESSIONS)? {
            let Some(id) = key.last_chunk().map(|id| SessionId(*id)) else { continue };
            match open_value("session record", &key, &sealed).and_then(|v| SessionRecord::from_bytes(id, v)) {
                Ok(record) => sessions.records.push(record),
                Err(error) => sessions.unreadable.push((id, error)),
            }
        }
        sessions.records.sort_by_key(|record| (std::cmp::Reverse(record.edited_at_ms), record.id));
        Ok(sessions)
    }

    /// One session's record.
    pub fn session_record(&self, id: SessionId) -> Result<Option<SessionRecord>, ReadError> {
        let bytes = self.read("session record", &key::session(id))?;
        bytes.map(|bytes| SessionRecord::from_bytes(id, &bytes)).transpose()
    }

    /// Submits a session's record.
    pub fn put_session_record(&self, record: SessionRecord) -> Result<Ticket, SubmitError> {
        self.submit(Batch::new().put_session(record))
    }

    /// Deletes a session: its record, log and roster. Its beats stay.
    pub fn delete_session(&self, id: SessionId) -> Result<Ticket, SubmitError> {
        self.submit(Batch::new().delete_session(id))
    }

    /// A session's log of signed changes.
    pub fn changes(&self, session: SessionId) -> Result<ChangeLog, ReadError> {
        let mut log = ChangeLog::default();
        let mut next = 0;
        for (key, sealed) in self.scan(&key::changes(session))? {
            let Some(index) = key::change_index(&key) else { continue };
            // A gap is a page that the database lost.
            log.damaged.extend(next..index);
            match unseal(&key, &sealed) {
                Some(envelope) => log.envelopes.push(envelope.to_vec()),
                None => log.damaged.push(index),
            }
            next = index + 1;
        }
        Ok(log)
    }

    /// A session's roster as it was put.
    pub fn roster(&self, session: SessionId) -> Result<Option<Vec<u8>>, ReadError> {
        self.read("roster", &key::roster(session))
    }

    /// A setting as it was set.
    pub fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.read("setting", &key::setting(name))
    }

    /// Submits a setting.
    pub fn set_setting(&self, name: &str, value: &[u8]) -> Result<Ticket, SubmitError> {
        self.submit(Batch::new().set_setting(name, value.to_vec()))
    }
}

/// Samples, beats, the device's seed.
impl Store {
    /// Keeps a sample's blob; it is durable when this returns. The id is the hash of the bytes.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<SampleId, FileError> {
        self.writable()?;
        self.samples.put(bytes).map(SampleId)
    }

    /// A sample's blob, checked against its id; `None` where it is not here.
    pub fn blob(&self, id: SampleId) -> Result<Option<Vec<u8>>, FileError> {
        self.samples.get(&id.0)
    }

    /// Is the sample's blob here?
    pub fn has_blob(&self, id: SampleId) -> bool {
        self.samples.has(&id.0)
    }

    /// The beats of this device, the latest added first. Unreadable entries are left out and counted in the log.
    pub fn beats(&self) -> Result<Vec<BeatRecord>, ReadError> {
        let mut beats = Vec::new();
        for (key, sealed) in self.scan(key::BEATS)? {
            let Some(id) = key.last_chunk().copied() else { continue };
            match open_value("beat record", &key, &sealed).and_then(|v| BeatRecord::from_bytes(id, v)) {
                Ok(record) => beats.push(record),
                Err(error) => tracing::warn!(%error, "a beat is left out of the list"),
            }
        }
        beats.sort_by_key(|record| (std::cmp::Reverse(record.added_at_ms), record.id));
        Ok(beats)
    }

    /// Keeps a beat's file and submits its entry. `describe` gets the hash and length of the file.
    pub fn put_beat(
        &self,
        bytes: &[u8],
        describe: impl FnOnce([u8; 32], u64) -> BeatRecord,
    ) -> Result<Ticket, FileError> {
        self.writable()?;
        let file = self.beat_files.put(bytes)?;
        Ok(self.submit(Batch::new().put_beat(describe(file, bytes.len() as u64)))?)
    }

    /// A beat's file, checked against the hash in its entry; `None` where it is not here.
    pub fn beat_bytes(&self, beat: &BeatRecord) -> Result<Option<Vec<u8>>, FileError> {
        self.beat_files.get(&beat.file)
    }

    /// Where a beat's file is.
    pub fn beat_path(&self, beat: &BeatRecord) -> PathBuf {
        self.beat_files.path(&beat.file)
    }

    /// Takes a beat off this device.
    pub fn delete_beat(&self, beat: &BeatRecord) -> Result<Ticket, FileError> {
        self.writable()?;
        let ticket = self.submit(Batch::new().delete_beat(beat.id))?;
        self.beat_files.remove(&beat.file)?;
        Ok(ticket)
    }

    /// The device's secret seed; `fresh`, drawn from the system's randomness, becomes it at first start.
    pub fn device_seed(&self, fresh: [u8; 32]) -> Result<[u8; 32], DeviceSeedError> {
        device_seed::seed(&self.folder.join("device.key"), fresh)
    }

    fn writable(&self) -> Result<(), FileError> {
        self.read_only.clone().map_or(Ok(()), |reason| Err(FileError::ReadOnly(reason)))
    }
}

/// Writing.
impl Store {
    /// Takes a batch. Readers see it at once; it is durable when [`Progress::durable`] reaches the ticket.
    pub fn submit(&self, batch: Batch) -> Result<Ticket, SubmitError> {
        if let Some(reason) = &self.read_only {
            return Err(SubmitError::ReadOnly(reason.clone()));
        }
        let mut state = self.shared.lock();
        let changes = self.changes_of(&mut state.queue, batch)?;
        let ticket = state.queue.push(changes);
        drop(state);
        self.shared.wake();
        Ok(ticket)
    }

    /// How far the writer is.
    pub fn progress(&self) -> Progress {
        self.shared.lock().progress()
    }

    /// Everything up to here survives a crash and a power cut.
    pub fn durable(&self) -> Ticket {
        self.progress().durable
    }

    /// Why nothing can be saved now; `None` while all is well.
    pub fn failing(&self) -> Option<String> {
        self.progress().failing
    }

    /// Calls `watcher` on the writer's thread after every commit and every failed try. It must not block.
    pub fn watch(&self, watcher: Watcher) {
        self.shared.watch(watcher);
    }

    /// Waits until `ticket` is durable.
    pub fn wait_durable(&self, ticket: Ticket, timeout: Duration) -> Result<(), NotDurable> {
        if self.shared.wait(timeout, |state| state.progress().durable >= ticket) {
            return Ok(());
        }
        Err(self.failing().map_or(NotDurable::TimedOut, NotDurable::Failing))
    }

    fn changes_of(&self, queue: &mut Queue, batch: Batch) -> Result<Vec<Change>, SubmitError> {
        let bytes = batch.writes.iter().map(check_size).sum::<Result<usize, _>>()?;
        if !queue.has_room(bytes) {
            return Err(SubmitError::Full);
        }
        let mut changes = BTreeMap::new();
        for write in batch.writes {
            self.add_changes(queue, write, &mut changes)?;
        }
        Ok(changes.into_iter().map(|(key, value)| (key.into(), value.map(Into::into))).collect())
    }

    fn add_changes(
        &self,
        queue: &mut Queue,
        write: Write,
        changes: &mut BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    ) -> Result<(), SubmitError> {
        let mut put = |key: Vec<u8>, value: &[u8]| {
            let sealed = seal(&key, value);
            changes.insert(key, Some(sealed));
        };
        match write {
            Write::Session(record) => put(key::session(record.id), &record.to_bytes()),
            Write::Change { session, envelope } => {
                let index = self.next_change(queue, session)?;
                put(key::change(session, index), &envelope);
                queue.set_next_change(session, index + 1);
            }
            Write::Roster { session, bytes } => put(key::roster(session), &bytes),
            Write::Setting { key, value: Some(value) } => put(key::setting(&key), &value),
            Write::Setting { key, value: None } => drop(changes.insert(key::setting(&key), None)),
            Write::Beat(record) => put(key::beat(record.id), &record.to_bytes()),
            Write::DeleteBeat(id) => drop(changes.insert(key::beat(id), None)),
            Write::DeleteSession(session) => {
                let log = key::changes(session);
                // What this very batch appended goes too.
                changes.retain(|key, _| !key.starts_with(&log));
                for (key, _) in self.merged(queue.under(&log), &log)? {
                    changes.insert(key, None);
                }
                changes.insert(key::session(session), None);
                changes.insert(key::roster(session), None);
                queue.set_next_change(session, 0);
            }
        }
        Ok(())
    }

    fn next_change(&self, queue: &Queue, session: SessionId) -> Result<u64, ReadError> {
        if let Some(next) = queue.next_change(session) {
            return Ok(next);
        }
        let last = self.with_database(|database| database.last_key(&key::changes(session)))?;
        Ok(last.and_then(|key| key::change_index(&key)).map_or(0, |index| index + 1))
    }
}

/// Reading: what waits to be written lies over the database.
impl Store {
    fn read(&self, what: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let waiting = self.shared.lock().queue.get(key);
        let sealed = match waiting {
            Some(waiting) => waiting.map(|value| value.to_vec()),
            None => self.with_database(|database| database.get(key))?,
        };
        sealed.map(|sealed| open_value(what, key, &sealed).map(<[u8]>::to_vec)).transpose()
    }

    fn scan(&self, prefix: &[u8]) -> Result<Vec<Record>, ReadError> {
        // The queue first: what moves into the database meanwhile is then found there.
        let waiting = self.shared.lock().queue.under(prefix);
        self.merged(waiting, prefix)
    }

    fn merged(&self, waiting: Vec<Change>, prefix: &[u8]) -> Result<Vec<Record>, ReadError> {
        let stored = self.with_database(|database| database.scan(prefix))?;
        if waiting.is_empty() {
            return Ok(stored);
        }
        let mut merged: BTreeMap<Vec<u8>, Vec<u8>> = stored.into_iter().collect();
        for (key, value) in waiting {
            match value {
                Some(value) => merged.insert(key.to_vec(), value.to_vec()),
                None => merged.remove(&*key),
            };
        }
        Ok(merged.into_iter().collect())
    }

    fn with_database<T>(&self, read: impl FnOnce(&Database) -> Result<T, String>) -> Result<T, ReadError> {
        let slot = self.shared.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = slot
            .as_ref()
            .ok_or_else(|| ReadError::Database("it is closed until the disk has room".to_owned()))?;
        read(database).map_err(ReadError::Database)
    }
}

fn open_value<'a>(what: &'static str, key: &[u8], sealed: &'a [u8]) -> Result<&'a [u8], ReadError> {
    unseal(key, sealed).ok_or(ReadError::Damaged { what })
}

fn check_size(write: &Write) -> Result<usize, SubmitError> {
    let (what, bytes, max) = match write {
        Write::Change { envelope, .. } => ("change", envelope.len(), CHANGE_BYTES_MAX),
        Write::Roster { bytes, .. } => ("roster", bytes.len(), ROSTER_BYTES_MAX),
        Write::Setting { key, .. } if key.len() > SETTING_KEY_BYTES_MAX => {
            ("setting's name", key.len(), SETTING_KEY_BYTES_MAX)
        }
        Write::Setting { value, .. } => ("setting", value.as_ref().map_or(0, Vec::len), SETTING_BYTES_MAX),
        Write::Session(_) | Write::Beat(_) | Write::DeleteSession(_) | Write::DeleteBeat(_) => return Ok(0),
    };
    if bytes > max {
        return Err(SubmitError::TooLarge { what, bytes, max });
    }
    Ok(bytes)
}

fn lock(folder: &Path) -> Result<File, OpenStoreError> {
    let path = folder.join("store.lock");
    let io = |source| OpenStoreError::Io { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenStoreError::InUse { folder: folder.to_path_buf() }),
        Err(TryLockError::Error(source)) => Err(OpenStoreError::Io { path, source }),
    }
}

/// The folder holds a secret key and private music: nobody else lists it.
fn make_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests;
