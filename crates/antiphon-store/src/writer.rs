//! The thread that makes submissions durable, and what it tells about them.
//!
//! It gathers for [`COMMIT_WINDOW`], commits everything that waits, and only then moves [`Progress::durable`].
//! A failed commit changes nothing: everything stays queued, the reason is told, and the writer tries again
//! by itself, with the database opened anew (sled refuses everything after one failed write).

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::{
    database::{Database, Failure},
    disk::Disk,
    limits::{COMMIT_WINDOW, FREE_BYTES_MIN, RETRY_PAUSE, RETRY_PAUSE_MAX},
    queue::Queue,
};

/// A submission's place in the order of all submissions since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticket(pub u64);

impl Ticket {
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// How far the writer is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The newest submission.
    pub submitted: Ticket,
    /// Everything up to here survives a crash and a power cut.
    pub durable: Ticket,
    /// Why the last commit failed; `None` while all is well.
    pub failing: Option<String>,
}

impl Progress {
    /// Is everything durable that was submitted?
    pub fn is_saved(&self) -> bool {
        self.durable == self.submitted
    }
}

/// Told on the writer's thread after every commit, also a failed one. Must not block.
pub type Watcher = Box<dyn Fn(&Progress) + Send>;

/// What the store's threads share.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    watchers: Mutex<Vec<Watcher>>,
    /// `None` while it could not be opened again after a failure.
    pub(crate) database: RwLock<Option<Database>>,
    pub(crate) database_folder: PathBuf,
    pub(crate) disk: Box<dyn Disk>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) queue: Queue,
    durable: Ticket,
    failing: Option<String>,
    closing: bool,
}

impl State {
    pub(crate) fn progress(&self) -> Progress {
        Progress { submitted: self.queue.submitted(), durable: self.durable, failing: self.failing.clone() }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("progress", &self.lock().progress()).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(database: Database, database_folder: PathBuf, disk: Box<dyn Disk>) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            watchers: Mutex::default(),
            database: RwLock::new(Some(database)),
            database_folder,
            disk,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between statements, so a panicking watcher does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake(&self) {
        self.changed.notify_all();
    }

    pub(crate) fn watch(&self, watcher: Watcher) {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
    }

    /// Wakes who waits and calls who watches; a watcher may ask the store in turn.
    fn tell(&self) {
        self.wake();
        let progress = self.lock().progress();
        let watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.iter().for_each(|watcher| watcher(&progress));
    }

    /// Waits until `done` or until `timeout` is over; says whether it is done.
    pub(crate) fn wait(&self, timeout: Duration, done: impl Fn(&State) -> bool) -> bool {
        let deadline = now() + timeout;
        let mut state = self.lock();
        while !done(&state) {
            let left = deadline.saturating_duration_since(now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// The running thread; dropping it writes what waits and ends it.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    pub(crate) fn start(shared: Arc<Shared>) -> std::io::Result<Self> {
        let thread = std::thread::Builder::new().name("antiphon-store".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || run(&shared)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended by a panic");
        }
    }
}

fn run(shared: &Shared) {
    let mut pause = RETRY_PAUSE;
    while let Some(closing) = gather(shared) {
        match commit(shared) {
            Ok(()) => pause = RETRY_PAUSE,
            Err(reason) => {
                tracing::warn!(%reason, "cannot save; will try again");
                if closing {
                    tracing::error!(bytes = shared.lock().queue.bytes(), "closed with unsaved submissions");
                    return;
                }
                shared.wait(pause, |state| state.closing);
                pause = (pause * 2).min(RETRY_PAUSE_MAX);
            }
        }
    }
}

/// Waits for submissions and lets more join them. Says whether the store is closing; `None` when that is done.
fn gather(shared: &Shared) -> Option<bool> {
    let mut state = shared.lock();
    while state.queue.is_empty() {
        if state.closing {
            return None;
        }
        state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    drop(state);
    shared.wait(COMMIT_WINDOW, |state| state.closing);
    Some(shared.lock().closing)
}

fn commit(shared: &Shared) -> Result<(), Failure> {
    let (reached, changes) = shared.lock().queue.snapshot();
    let bytes = changes.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, |v| v.len())).sum();
    let result = enough_room(shared, bytes).and_then(|()| {
        let writes = changes.iter().map(|(key, value)| (&**key, value.as_deref()));
        write(shared, writes)
    });
    let mut state = shared.lock();
    match &result {
        Ok(()) => {
            state.queue.settle(reached);
            state.durable = reached;
            state.failing = None;
        }
        Err(reason) => state.failing = Some(reason.clone()),
    }
    drop(state);
    shared.tell();
    result
}

/// sled must not meet the end of the disk: it would have to be opened anew, and might not be openable until
/// there is room. So ask first.
fn enough_room(shared: &Shared, bytes: usize) -> Result<(), Failure> {
    let needed = FREE_BYTES_MIN + 2 * bytes as u64;
    match shared.disk.free_bytes(&shared.database_folder) {
        Some(free) if free < needed => {
            Err(format!("the disk is full: {} KiB are free, {} KiB are needed", free >> 10, needed >> 10))
        }
        _ => Ok(()),
    }
}

fn write<'a>(
    shared: &Shared,
    writes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
) -> Result<(), Failure> {
    reopen_if_closed(shared)?;
    let slot = shared.database.read().unwrap_or_else(PoisonError::into_inner);
    let database = slot.as_ref().ok_or("the database is closed")?;
    let result = shared.disk.before_commit().and_then(|()| database.commit(writes));
    drop(slot);
    if result.is_err() {
        // Dropped here and opened anew by the next try.
        *shared.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
    result
}

fn reopen_if_closed(shared: &Shared) -> Result<(), Failure> {
    let mut slot = shared.database.write().unwrap_or_else(PoisonError::into_inner);
    if slot.is_none() {
        *slot = Some(Database::open(&shared.database_folder)?);
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the one clock read of this crate: group commit and its waits")]
fn now() -> Instant {
    Instant::now()
}
