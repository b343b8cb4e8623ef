//! What an edit, a peer's change and the opening of a session cost.
//!
//! `cargo bench -p antiphon-document`

#[path = "../tests/jam/mod.rs"]
mod jam;

use antiphon_document::{SessionDocument, repair};
use automerge::{Change, PatchLog, ReadDoc};
use divan::{Bencher, black_box};
use jam::{NOW_MS, SESSION, actor, add_track, begin, change, edit, joined, on, steps, track_id, velocity};

fn main() {
    divan::main();
}

const TRACKS: u8 = 16;

/// Sixteen tracks, and `edits` edits by two people who take turns in runs of four.
fn session(edits: usize) -> (SessionDocument, SessionDocument, Vec<Change>) {
    let (mut ada, mut changes) = begin(0);
    for n in 0..TRACKS {
        let add = add_track(n, &ada);
        changes.push(change(&edit(&mut ada, add)));
    }
    let mut bo = joined(1, &changes);
    for n in 0..edits {
        let (here, there) = if n % 8 < 4 { (&mut ada, &mut bo) } else { (&mut bo, &mut ada) };
        let track = (n % usize::from(TRACKS)) as u8;
        let step = (n / 7 % 16) as u16;
        let patch = if n % 3 == 0 { velocity(1 + (n % 127) as i64) } else { on(n / 50 % 2 == 0) };
        let id = track_id(track);
        let pattern = here.song().track(id).map(|track| track.current.to).unwrap();
        let wanted = antiphon_model::Edit::SetSteps { track: id, pattern, steps: vec![(step, patch)] };
        let valid = wanted.validate(here.song()).unwrap();
        if let Ok(made) = here.apply(&valid, NOW_MS) {
            there.admit(change(&made)).unwrap();
            changes.push(change(&made));
        }
    }
    (ada, bo, changes)
}

/// One step toggled here, in a session of that many edits.
#[divan::bench(args = [0, 10_000], sample_count = 2_000, sample_size = 1)]
fn local_edit(bencher: Bencher<'_, '_>, edits: usize) {
    let (mut ada, ..) = session(edits);
    let mut count = 0u16;
    bencher.bench_local(|| {
        count += 1;
        let toggle = steps(
            (count % u16::from(TRACKS)) as u8,
            vec![(count / 16 % 16, on((count / 256).is_multiple_of(2)))],
        );
        let valid = toggle.validate(ada.song()).unwrap();
        black_box(ada.apply(&valid, NOW_MS).ok())
    });
}

/// A peer's step toggle: the document's checks, Automerge, patches, repair.
#[divan::bench(args = [0, 10_000], sample_count = 2_000, sample_size = 1)]
fn remote_change(bencher: Bencher<'_, '_>, edits: usize) {
    let (mut ada, bo, _) = session(edits);
    let bo = std::cell::RefCell::new(bo);
    let count = std::cell::Cell::new(0u16);
    let toggle = || loop {
        let n = count.replace(count.get() + 1);
        let toggle =
            steps((n % u16::from(TRACKS)) as u8, vec![(n / 16 % 16, on((n / 256).is_multiple_of(2)))]);
        let mut bo = bo.borrow_mut();
        let valid = toggle.validate(bo.song()).unwrap();
        if let Ok(made) = bo.apply(&valid, NOW_MS) {
            break change(&made);
        }
    };
    bencher.with_inputs(toggle).bench_local_values(|change| {
        ada.gate().check(&change).unwrap();
        black_box(ada.admit(change).unwrap())
    });
}

/// A session of 10,000 edits from its changes, as the product does it: one batch, then one read.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn open_10k_in_one_batch(bencher: Bencher<'_, '_>) {
    let (.., changes) = session(10_000);
    // Half of the edits are mine, and what undo knows of them is found again.
    bencher.with_inputs(|| changes.clone()).bench_local_values(|changes| {
        black_box(SessionDocument::load_with_undo(SESSION, changes, |of| *of == actor(0)).unwrap())
    });
}

/// The same by admitting one change after the other.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn open_10k_one_by_one(bencher: Bencher<'_, '_>) {
    let (.., changes) = session(10_000);
    bencher.with_inputs(|| changes.clone()).bench_local_values(|changes| {
        let mut document = SessionDocument::empty(SESSION);
        for change in changes {
            document.admit(change).unwrap();
        }
        black_box(document)
    });
}

/// The same from one saved file.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn open_10k_from_a_save(bencher: Bencher<'_, '_>) {
    let bytes = session(10_000).0.save();
    bencher.bench_local(|| black_box(SessionDocument::load_trusted(SESSION, &bytes).unwrap()));
}

/// The parts of opening: only Automerge's batch, without index, mirror and song.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn automerge_batch_of_10k(bencher: Bencher<'_, '_>) {
    let (.., changes) = session(10_000);
    bencher.with_inputs(|| changes.clone()).bench_local_values(|changes| {
        let mut document = automerge::Automerge::new().with_actor(automerge::ActorId::from(&actor(9).0[..]));
        document.apply_changes_log_patches(changes, &mut PatchLog::inactive()).unwrap();
        black_box(document.stats())
    });
}

#[divan::bench(sample_count = 200)]
fn read_and_repair_whole(bencher: Bencher<'_, '_>) {
    let (ada, ..) = session(2_000);
    bencher.bench_local(|| black_box(repair(SESSION, &ada.read())));
}
