//! What goes in comes out: at once, after reopening, and in order.
#![expect(clippy::disallowed_methods, reason = "measures the session list")]

use std::{
    path::Path,
    sync::mpsc,
    time::{Duration, Instant},
};

use antiphon_model::{Name, SampleId, SessionId};
use antiphon_store::{
    Batch, BeatRecord, DeviceSeedError, FileError, OpenStoreError, Progress, Role, SessionRecord, Store,
    SubmitError,
    limits::{CHANGE_BYTES_MAX, FILE_BYTES_MAX},
};

const PATIENCE: Duration = Duration::from_secs(30);

fn session(number: u16) -> SessionId {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    SessionId(id)
}

fn record(number: u16) -> SessionRecord {
    SessionRecord {
        id: session(number),
        name: Name::new(&format!("Session {number}")).unwrap(),
        edited_at_ms: 1_000 + u64::from(number),
        tracks: 5,
        bpm: 97.5,
        role: Role::Editor,
        parent: Some([9; 32]),
        forgotten: number % 2 == 1,
    }
}

fn save(store: &Store, batch: Batch) {
    let ticket = store.submit(batch).unwrap();
    store.wait_durable(ticket, PATIENCE).unwrap();
}

/// Checks `seen` while the writes may still wait, when they are durable, and after reopening.
fn check(batch: Batch, seen: impl Fn(&Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let ticket = store.submit(batch).unwrap();
    seen(&store);
    store.wait_durable(ticket, PATIENCE).unwrap();
    seen(&store);
    drop(store);
    seen(&Store::open(folder.path()).unwrap());
}

#[test]
fn records_rosters_and_settings_come_back() {
    let batch = Batch::new()
        .put_session(record(1))
        .put_session(record(2))
        .put_roster(session(1), b"roster".to_vec())
        .set_setting("output", b"hw:1".to_vec())
        .set_setting("gone", b"x".to_vec())
        .clear_setting("gone");
    check(batch, |store| {
        let list = store.sessions().unwrap();
        assert_eq!(list.records, [record(2), record(1)], "the latest edited first");
        assert!(list.unreadable.is_empty());
        assert_eq!(store.session_record(session(1)).unwrap(), Some(record(1)));
        assert_eq!(store.session_record(session(3)).unwrap(), None);
        assert_eq!(store.roster(session(1)).unwrap().as_deref(), Some(b"roster".as_slice()));
        assert_eq!(store.roster(session(2)).unwrap(), None);
        assert_eq!(store.setting("output").unwrap().as_deref(), Some(b"hw:1".as_slice()));
        assert_eq!(store.setting("gone").unwrap(), None);
    });
}

#[test]
fn changes_keep_their_order_across_batches_and_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for round in 0..4 {
        let store = Store::open(folder.path()).unwrap();
        for number in 0..300_u32 {
            let envelope = [round, number].map(u32::to_le_bytes).concat();
            expected.push(envelope.clone());
            // Another session's changes between them must not disturb.
            store.submit(Batch::new().append(session(1), envelope).append(session(2), vec![1])).unwrap();
        }
        assert_eq!(store.changes(session(1)).unwrap().envelopes, expected);
        // Dropping the store writes what waits.
    }
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.changes(session(1)).unwrap().envelopes, expected);
    assert_eq!(store.changes(session(2)).unwrap().envelopes.len(), 1200);
    assert_eq!(store.changes(session(3)).unwrap().envelopes.len(), 0);
}

#[test]
fn large_changes_survive_reopening() {
    let large: Vec<Vec<u8>> = (0..60).map(|n| vec![n; CHANGE_BYTES_MAX]).collect();
    let batch = large.iter().fold(Batch::new(), |batch, change| batch.append(session(1), change.clone()));
    check(batch, |store| assert_eq!(store.changes(session(1)).unwrap().envelopes, large));
}

#[test]
fn a_deleted_session_is_gone_and_can_begin_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let full = |n| {
        Batch::new().put_session(record(n)).append(session(n), vec![1; 20]).put_roster(session(n), vec![2])
    };
    save(&store, full(1));
    save(&store, full(2));
    // Some changes are durable, some still wait: both go.
    store.submit(Batch::new().append(session(1), vec![3])).unwrap();
    store.delete_session(session(1)).unwrap();
    let gone = |store: &Store| {
        assert_eq!(store.session_record(session(1)).unwrap(), None);
        assert!(store.changes(session(1)).unwrap().envelopes.is_empty());
        assert_eq!(store.roster(session(1)).unwrap(), None);
        assert_eq!(store.changes(session(2)).unwrap().envelopes.len(), 1);
    };
    gone(&store);
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    gone(&store);
    save(&store, Batch::new().append(session(1), vec![4]));
    assert_eq!(store.changes(session(1)).unwrap().envelopes, [[4]]);
}

#[test]
fn a_thousand_sessions_are_listed_in_50_ms() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let batch = (0..1000).fold(Batch::new(), |batch, number| {
        (0..5).fold(batch.put_session(record(number)), |batch, n| batch.append(session(number), vec![n; 300]))
    });
    save(&store, batch);
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    // The best of three: this machine may be busy with others.
    let took = (0..3)
        .map(|_| {
            let started = Instant::now();
            assert_eq!(store.sessions().unwrap().records.len(), 1000);
            started.elapsed()
        })
        .min()
        .unwrap();
    println!("1,000 sessions listed in {took:?}");
    assert!(took < Duration::from_millis(50), "{took:?}");
}

#[test]
fn tickets_become_durable_in_order_and_watchers_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.progress().is_saved());
    let (told, heard) = mpsc::channel::<Progress>();
    store.watch(Box::new(move |progress| drop(told.send(progress.clone()))));
    let tickets: Vec<_> =
        (0..10).map(|n| store.submit(Batch::new().append(session(1), vec![n])).unwrap()).collect();
    assert!(tickets.is_sorted());
    assert!(store.durable() < tickets[9], "nothing is called durable before it can be");
    store.wait_durable(tickets[9], PATIENCE).unwrap();
    let mut last = Progress::default();
    while last.durable < tickets[9] {
        let next = heard.recv_timeout(PATIENCE).unwrap();
        assert!(next.durable >= last.durable && next.failing.is_none());
        last = next;
    }
    assert!(store.progress().is_saved());
}

#[test]
fn blobs_are_named_by_their_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let bytes = vec![5; 100_000];
    let id = store.put_blob(&bytes).unwrap();
    assert_eq!(id, SampleId(*blake3::hash(&bytes).as_bytes()));
    assert_eq!(store.put_blob(&bytes).unwrap(), id);
    assert!(store.has_blob(id));
    assert_eq!(store.blob(id).unwrap(), Some(bytes));
    assert!(!store.has_blob(SampleId([0; 32])));
    assert_eq!(store.blob(SampleId([0; 32])).unwrap(), None);
    assert!(matches!(store.put_blob(&vec![0; FILE_BYTES_MAX + 1]), Err(FileError::TooLarge { .. })));
    assert_eq!(files_in(&folder.path().join("samples")), 1, "nothing half-written is left");
}

#[test]
fn a_damaged_blob_is_an_error_and_can_be_put_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let id = store.put_blob(b"some sound").unwrap();
    let path = folder.path().join("samples").join(format!("{id}.flac"));
    std::fs::write(&path, b"some other").unwrap();
    assert!(matches!(store.blob(id), Err(FileError::Damaged { .. })));
    store.put_blob(b"some sound").unwrap();
    assert_eq!(store.blob(id).unwrap().as_deref(), Some(b"some sound".as_slice()));
}

#[test]
fn beats_are_kept_listed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let put = |id: u8, at: u64| {
        let describe = |file, bytes| BeatRecord {
            id: [id; 32],
            file,
            bytes,
            session: session(1),
            title: Name::new("Beat").unwrap(),
            added_at_ms: at,
        };
        let ticket = store.put_beat(&[id; 500], describe).unwrap();
        store.wait_durable(ticket, PATIENCE).unwrap();
    };
    put(1, 10);
    put(2, 20);
    let beats = store.beats().unwrap();
    assert_eq!(beats.iter().map(|beat| beat.id[0]).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(store.beat_bytes(&beats[0]).unwrap(), Some(vec![2; 500]));
    assert!(store.beat_path(&beats[0]).is_file());
    // Deleting its session leaves a beat where it is.
    store.delete_session(session(1)).unwrap();
    assert_eq!(store.beats().unwrap(), beats);
    store.delete_beat(&beats[0]).unwrap();
    assert_eq!(store.beats().unwrap(), beats[1..]);
    assert_eq!(store.beat_bytes(&beats[0]).unwrap(), None);
}

#[test]
fn the_device_seed_is_made_once_and_for_its_user_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.key");
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.device_seed([3; 32]).unwrap(), [3; 32]);
    assert_eq!(store.device_seed([4; 32]).unwrap(), [3; 32]);
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.device_seed([5; 32]).unwrap(), [3; 32]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        store.device_seed([5; 32]).unwrap();
        assert_eq!(mode(), 0o600, "a copy that others could read is closed again");
    }
    let text = std::fs::read_to_string(&path).unwrap();
    for damaged in
        [text.replacen("03", "13", 1), String::new(), text[..40].to_owned(), text.clone() + "more\n"]
    {
        std::fs::write(&path, damaged).unwrap();
        assert!(matches!(store.device_seed([5; 32]), Err(DeviceSeedError::Damaged { .. })));
    }
    std::fs::write(&path, [0xff; 80]).unwrap();
    assert!(matches!(store.device_seed([5; 32]), Err(DeviceSeedError::Damaged { .. })));
}

#[test]
fn one_store_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(matches!(Store::open(folder.path()), Err(OpenStoreError::InUse { .. })));
    drop(store);
    Store::open(folder.path()).unwrap();
}

#[test]
fn a_store_of_a_newer_version_is_read_only() {
    let folder = tempfile::tempdir().unwrap();
    save(&Store::open(folder.path()).unwrap(), Batch::new().put_session(record(1)));
    std::fs::write(folder.path().join("format"), "antiphon store 2\n").unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.read_only().unwrap().contains("newer"));
    assert_eq!(store.sessions().unwrap().records, [record(1)]);
    assert!(matches!(store.put_session_record(record(2)), Err(SubmitError::ReadOnly(_))));
    assert!(matches!(store.put_blob(b"x"), Err(FileError::ReadOnly(_))));
    drop(store);
    std::fs::write(folder.path().join("format"), "something else").unwrap();
    assert!(matches!(Store::open(folder.path()), Err(OpenStoreError::Damaged { .. })));
}

#[test]
fn what_is_too_large_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let batch = Batch::new().put_session(record(1)).append(session(1), vec![0; CHANGE_BYTES_MAX + 1]);
    assert!(matches!(store.submit(batch), Err(SubmitError::TooLarge { what: "change", .. })));
    assert!(matches!(store.set_setting(&"k".repeat(200), b""), Err(SubmitError::TooLarge { .. })));
    assert!(store.sessions().unwrap().records.is_empty());
}

#[test]
fn what_a_crash_left_half_written_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let half = folder.path().join("samples/abc.flac.12-0.tmp");
    std::fs::write(&half, b"half").unwrap();
    drop(Store::open(folder.path()).unwrap());
    assert!(!half.exists());
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// The bar is p95 ≤ 50 ms on a quiet machine; here it is reported, and only a stall fails.
#[test]
fn edits_are_durable_soon() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut times: Vec<Duration> = (0..60)
        .map(|n| {
            let started = Instant::now();
            let ticket = store.submit(Batch::new().append(session(1), vec![n; 300])).unwrap();
            store.wait_durable(ticket, PATIENCE).unwrap();
            started.elapsed()
        })
        .collect();
    times.sort();
    println!("durable after p50 {:?}, p95 {:?}, max {:?}", times[30], times[57], times[59]);
    assert!(times[57] < Duration::from_secs(1), "p95 {:?}", times[57]);
}
