//! A disk that is really full: a small file system of its own, filled to the brim and emptied again.
//!
//! Needs the right to mount inside a namespace; without it this test says so, and fails where `CI` is set.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use antiphon_model::SessionId;
use antiphon_store::{Batch, FileError, Store};

const SESSION: SessionId = SessionId([7; 16]);
const FOLDER: &str = "ANTIPHON_TEST_FULL_FOLDER";
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes zeros until nothing more fits.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    for size in [1 << 20, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

/// Waits until `done`, on the store's own signals.
fn wait_for(store: &Store, done: impl Fn(&Store) -> bool) {
    let (told, heard) = std::sync::mpsc::channel();
    store.watch(Box::new(move |_| told.send(()).unwrap_or_default()));
    while !done(store) {
        heard.recv_timeout(PATIENCE).expect("the writer goes on trying");
    }
}

fn jam_on_a_full_disk(folder: &Path) {
    let edit = |number: u32| number.to_le_bytes().repeat(100);
    let store = Store::open(&folder.join("data")).unwrap();
    let first = store.submit(Batch::new().append(SESSION, edit(0))).unwrap();
    store.wait_durable(first, PATIENCE).unwrap();

    let filler = folder.join("filler");
    fill(&filler);
    for number in 1..500 {
        store.submit(Batch::new().append(SESSION, edit(number))).unwrap();
    }
    wait_for(&store, |store| store.failing().is_some());
    assert!(store.failing().unwrap().contains("disk is full"), "{:?}", store.failing());
    assert_eq!(store.changes(SESSION).unwrap().envelopes.len(), 500);
    assert!(matches!(store.put_blob(&vec![1; 1 << 20]), Err(FileError::DiskFull { .. })));
    assert_eq!(fs::read_dir(folder.join("data/samples")).unwrap().count(), 0, "nothing half-written");

    fs::remove_file(&filler).unwrap();
    store.wait_durable(store.progress().submitted, PATIENCE).unwrap();
    store.put_blob(&vec![1; 1 << 20]).unwrap();
    drop(store);
    let kept = Store::open(&folder.join("data")).unwrap().changes(SESSION).unwrap().envelopes;
    assert!(kept.iter().zip(0..).all(|(envelope, number)| *envelope == edit(number)) && kept.len() == 500);
    println!("resumed with all edits");
}

/// Not a test of its own: the part inside the namespace.
#[test]
fn child() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        jam_on_a_full_disk(&PathBuf::from(folder));
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    if std::env::var_os(FOLDER).is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=48m tmpfs \"$0\" || exit 77; exec \"$@\"";
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", mount])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder.path())
        .output();
    let text = output
        .as_ref()
        .map(|out| String::from_utf8_lossy(&[&*out.stdout, &*out.stderr].concat()).into_owned());
    let refused = match &output {
        Ok(output) => output.status.code() == Some(77) || text.as_ref().is_ok_and(|t| t.contains("unshare:")),
        Err(_) => true,
    };
    if refused {
        let notice = format!("no file system can be mounted in a namespace here: {text:?}");
        assert!(std::env::var_os("CI").is_none_or(|ci| ci.is_empty()), "{notice}");
        eprintln!("NOT TESTED: {notice}");
        return;
    }
    let text = text.unwrap();
    assert!(output.unwrap().status.success() && text.contains("resumed with all edits"), "{text}");
}
