//! How long a member's change takes from its frame to the song, and a stored session to open.
//!
//! `cargo bench -p antiphon-sync`

#[path = "../tests/lab/mod.rs"]
mod lab;

use std::cell::RefCell;

use antiphon_membership::{Role, Roster};
use antiphon_sync::{SessionSync, SyncOutput};
use antiphon_timeline::NANOS_PER_SECOND;
use divan::Bencher;
use lab::{Lab, MS, config, step};

fn main() {
    divan::main();
}

fn jam(edits: u16) -> (Lab, antiphon_identity::PeerId, antiphon_identity::PeerId) {
    let mut lab = Lab::new(1);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    for at in 0..edits {
        lab.edit(if at % 2 == 0 { ada } else { bo }, step(at % 16, at % 32 < 16));
        lab.run_for(25 * MS);
    }
    lab.edit(bo, step(5, false));
    lab.run_for(NANOS_PER_SECOND);
    (lab, ada, bo)
}

/// One step toggled by a member, in a session of that many edits: frame → gate → document → song.
#[divan::bench(args = [100, 2_000], sample_count = 500, sample_size = 1)]
fn envelope_to_song(bencher: Bencher<'_, '_>, edits: u16) {
    let (lab, ada, bo) = jam(edits);
    let lab = RefCell::new(lab);
    let mut on = false;
    let toggle = || {
        let mut lab = lab.borrow_mut();
        lab.now += NANOS_PER_SECOND;
        on = !on;
        let now = lab.time();
        let peer = lab.peers.get_mut(&bo).unwrap();
        peer.sync.edit(step(5, on), now).unwrap();
        // The frame is handed to Ada below; what else Bo has to say is lost.
        let mut frame = None;
        while let Some(output) = peer.sync.poll_output() {
            if let SyncOutput::Store { envelope } = output {
                frame = Some([&[5], &envelope[..]].concat());
            }
        }
        frame.unwrap()
    };
    bencher.with_inputs(toggle).bench_local_values(|frame| {
        let mut lab = lab.borrow_mut();
        let now = lab.time();
        let peer = lab.peers.get_mut(&ada).unwrap();
        peer.sync.handle_frame(bo, &frame, now);
        while let Some(output) = peer.sync.poll_output() {
            divan::black_box(output);
        }
        std::sync::Arc::clone(peer.sync.song())
    });
}

/// A stored session of that many edits.
#[divan::bench(args = [2_000, 10_000], sample_count = 10, sample_size = 1)]
fn open_session(bencher: Bencher<'_, '_>, edits: u16) {
    let (lab, ada, _) = jam(edits);
    let peer = &lab.peers[&ada];
    let inputs = || (Roster::from_bytes(&peer.roster).unwrap(), peer.stored.clone());
    bencher
        .with_inputs(inputs)
        .bench_local_values(|(roster, stored)| SessionSync::restore(config(&peer.key, 1), roster, stored));
}
