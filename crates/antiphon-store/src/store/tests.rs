//! A full and a failing disk, and damaged values: nothing is lost, nothing panics, all is told.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use antiphon_model::SessionId;

use super::Store;
use crate::{
    Batch, NotDurable, OpenStoreError, ReadError, SubmitError,
    database::{Database, Failure},
    disk::Disk,
    key,
    limits::{CHANGE_BYTES_MAX, QUEUE_BYTES_MAX},
};

const SESSION: SessionId = SessionId([1; 16]);
const PATIENCE: Duration = Duration::from_secs(30);

/// A disk of which a test decides how much is free and whether writing fails.
#[derive(Clone)]
struct TestDisk {
    free: Arc<AtomicU64>,
    fails: Arc<AtomicBool>,
}

impl TestDisk {
    fn new() -> Self {
        Self { free: Arc::new(AtomicU64::new(u64::MAX)), fails: Arc::default() }
    }
}

impl Disk for TestDisk {
    fn free_bytes(&self, _folder: &Path) -> Option<u64> {
        Some(self.free.load(Ordering::SeqCst))
    }

    fn before_commit(&self) -> Result<(), Failure> {
        if self.fails.load(Ordering::SeqCst) { Err("input/output error".to_owned()) } else { Ok(()) }
    }
}

fn append(store: &Store, byte: u8) -> crate::Ticket {
    store.submit(Batch::new().append(SESSION, vec![byte])).unwrap()
}

fn kept(store: &Store) -> Vec<u8> {
    store.changes(SESSION).unwrap().envelopes.concat()
}

/// Breaks the disk by `break_it`, repairs it by `repair`, and expects all of the edits on it afterwards.
fn check_outage(break_it: impl Fn(&TestDisk), repair: impl Fn(&TestDisk), reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    let store = Store::open_on(folder.path(), Box::new(disk.clone())).unwrap();
    store.wait_durable(append(&store, 1), PATIENCE).unwrap();

    break_it(&disk);
    let told = Arc::new(Mutex::new(Vec::new()));
    store.watch(Box::new({
        let told = Arc::clone(&told);
        move |progress| told.lock().unwrap().push(progress.failing.clone())
    }));
    let ticket = append(&store, 2);
    assert!(store.shared.wait(PATIENCE, |state| state.progress().failing.is_some()));
    assert!(store.failing().unwrap().contains(reason), "{:?}", store.failing());
    // Nothing is called saved, and editing goes on.
    assert!(store.durable() < ticket);
    assert_eq!(
        store.wait_durable(ticket, Duration::from_millis(1)),
        Err(NotDurable::Failing(store.failing().unwrap()))
    );
    let last = append(&store, 3);

    repair(&disk);
    store.wait_durable(last, PATIENCE).unwrap();
    assert_eq!(store.failing(), None);
    assert_eq!(kept(&store), [1, 2, 3]);
    drop(store);
    assert_eq!(kept(&Store::open(folder.path()).unwrap()), [1, 2, 3]);
    let told = told.lock().unwrap();
    assert!(told.iter().any(Option::is_some) && told.last().unwrap().is_none(), "{told:?}");
}

#[test]
fn a_full_disk_holds_everything_back_and_resumes_by_itself() {
    check_outage(
        |disk| disk.free.store(1 << 20, Ordering::SeqCst),
        |disk| disk.free.store(u64::MAX, Ordering::SeqCst),
        "disk is full",
    );
}

#[test]
fn a_failing_database_is_opened_anew_and_resumes_by_itself() {
    check_outage(
        |disk| disk.fails.store(true, Ordering::SeqCst),
        |disk| disk.fails.store(false, Ordering::SeqCst),
        "input/output error",
    );
}

#[test]
fn everything_is_readable_while_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    let store = Store::open_on(folder.path(), Box::new(disk.clone())).unwrap();
    store.wait_durable(append(&store, 1), PATIENCE).unwrap();
    disk.free.store(0, Ordering::SeqCst);
    append(&store, 2);
    store.set_setting("name", b"Ada").unwrap();
    assert!(store.shared.wait(PATIENCE, |state| state.progress().failing.is_some()));
    assert_eq!(kept(&store), [1, 2]);
    assert_eq!(store.setting("name").unwrap().as_deref(), Some(b"Ada".as_slice()));
}

#[test]
fn the_queue_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    disk.free.store(0, Ordering::SeqCst);
    let store = Store::open_on(folder.path(), Box::new(disk.clone())).unwrap();
    let change = vec![0; CHANGE_BYTES_MAX];
    let mut taken = 0;
    let refused = loop {
        match store.submit(Batch::new().append(SESSION, change.clone())) {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken * CHANGE_BYTES_MAX <= QUEUE_BYTES_MAX);
    };
    assert_eq!(refused, SubmitError::Full);
    assert!(taken * CHANGE_BYTES_MAX > QUEUE_BYTES_MAX * 9 / 10);
    assert_eq!(store.changes(SESSION).unwrap().envelopes.len(), taken);
    // With room, all of it is written and there is room in the queue again.
    disk.free.store(u64::MAX, Ordering::SeqCst);
    let all = store.progress().submitted;
    store.wait_durable(all, PATIENCE).unwrap();
    append(&store, 1);
}

#[test]
fn a_damaged_value_is_told_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for byte in 1..=5 {
        append(&store, byte);
    }
    let ticket = store.submit(Batch::new().set_setting("name", b"Ada".to_vec())).unwrap();
    store.wait_durable(ticket, PATIENCE).unwrap();
    drop(store);

    let database = Database::open(&folder.path().join("store")).unwrap();
    let (change, setting) = (key::change(SESSION, 1), key::setting("name"));
    let mut damaged = database.get(&change).unwrap().unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    // A value under another key is damage as well.
    let moved = database.get(&key::change(SESSION, 0)).unwrap().unwrap();
    let session = key::session(SESSION);
    let lost = key::change(SESSION, 3);
    let writes = [
        (lost.as_slice(), None),
        (change.as_slice(), Some(damaged.as_slice())),
        (setting.as_slice(), Some(moved.as_slice())),
        (session.as_slice(), Some(b"short".as_slice())),
    ];
    database.commit(writes.into_iter()).unwrap();
    drop(database);

    let store = Store::open(folder.path()).unwrap();
    let log = store.changes(SESSION).unwrap();
    assert_eq!((log.envelopes, log.damaged), (vec![vec![1], vec![3], vec![5]], vec![1, 3]));
    assert_eq!(store.setting("name"), Err(ReadError::Damaged { what: "setting" }));
    let list = store.sessions().unwrap();
    assert_eq!(list.unreadable, [(SESSION, ReadError::Damaged { what: "session record" })]);
    // And what comes next goes behind.
    append(&store, 6);
    assert_eq!(kept(&store), [1, 3, 5, 6]);
}

#[test]
fn a_damaged_database_is_an_error_or_opens_with_its_damage_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for number in 0..400_u32 {
        let ticket = store.submit(Batch::new().append(SESSION, number.to_le_bytes().repeat(40))).unwrap();
        // In 20 commits: damage in one of them takes that one and those behind it.
        if number % 20 == 0 {
            store.wait_durable(ticket, PATIENCE).unwrap();
        }
    }
    drop(store);
    let whole = std::fs::read(folder.path().join("store/db")).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let hook = std::panic::take_hook();
    // sled's panics are caught and become errors; their messages would drown the report.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut refused, mut opened, mut told_losses, mut kept) = (0, 0, 0, Vec::new());
    // A copy that nobody damaged is whole.
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder.path(), copy.path());
    let store = Store::open(copy.path()).unwrap();
    assert_eq!((store.damage(), store.changes(SESSION).unwrap().envelopes.len()), (None, 400));
    drop(store);
    for step in 0..40 {
        let mut bytes = whole.clone();
        let at = used * step / 40;
        match step % 4 {
            0 => bytes[at..(at + 64).min(used)].fill(0xa5),
            1 => bytes[at] ^= 0x10,
            2 => bytes.truncate(at),
            _ => bytes[at..].fill(0),
        }
        let copy = tempfile::tempdir().unwrap();
        copy_folder(folder.path(), copy.path());
        std::fs::write(copy.path().join("store/db"), &bytes).unwrap();
        match Store::open(copy.path()) {
            // sled keeps what lies before the damage; what it hands out is what was written.
            Ok(store) => {
                opened += 1;
                let log = store.changes(SESSION).unwrap_or_default();
                told_losses += usize::from(store.damage().is_some());
                kept.push(log.envelopes.len());
                let whole = log.envelopes.len() == 400 && log.damaged.is_empty();
                assert!(
                    whole || store.damage().is_some() || !log.damaged.is_empty(),
                    "step {step}: loss in silence"
                );
                for (number, envelope) in
                    store.changes(SESSION).map(|log| log.envelopes).iter().flatten().enumerate()
                {
                    let number = (number as u32).to_le_bytes();
                    assert!(
                        envelope.chunks(4).all(|chunk| chunk == &envelope[..4]),
                        "step {step}, {number:?}"
                    );
                }
            }
            Err(OpenStoreError::Damaged { .. }) => refused += 1,
            Err(other) => panic!("step {step}: {other}"),
        }
    }
    std::panic::set_hook(hook);
    println!("{opened} opened, {refused} refused, {told_losses} told of lost commits; of 400 kept {kept:?}");
    assert!(told_losses > 0, "the damage did some harm");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
