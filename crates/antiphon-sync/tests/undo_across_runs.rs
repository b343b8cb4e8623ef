//! Closing a session does not end undo: a device knows its own edits of every run.

mod lab;

use antiphon_identity::PeerId;
use antiphon_membership::{Role, Roster};
use antiphon_sync::{SessionSync, SyncOutput};
use antiphon_timeline::NANOS_PER_SECOND;
use lab::{Lab, config, step};

/// Whether each of the first steps of the lab's track sounds.
fn sounding(lab: &Lab, me: PeerId) -> Vec<u16> {
    let song = lab.peers[&me].sync.song();
    let pattern = song.tracks[0].pattern();
    pattern.steps.iter().filter(|(_, step)| step.on).map(|(at, _)| *at).collect()
}

/// Closes the session and opens it again, as the next run of the program, from what `keep` leaves of the store.
fn reopen(lab: &mut Lab, me: PeerId, run: u32, keep: impl Fn(usize) -> bool) {
    let peer = lab.peers.remove(&me).unwrap();
    let stored = peer.stored.iter().enumerate().filter(|(at, _)| keep(*at));
    let stored: Vec<Vec<u8>> = stored.map(|(_, envelope)| envelope.clone()).collect();
    let roster = Roster::from_bytes(&peer.roster).unwrap();
    let (opened, restored) = SessionSync::restore(config(&peer.key, run), roster, stored.clone());
    lab.insert(peer.key, opened);
    let reopened = lab.peers.get_mut(&me).unwrap();
    (reopened.stored, reopened.roster) = (stored, peer.roster);
    assert_eq!(restored.admitted + restored.refused, reopened.stored.len());
}

fn undo(lab: &mut Lab, me: PeerId) -> Option<String> {
    let now = lab.time();
    let undone = lab.peers.get_mut(&me).unwrap().sync.undo(now).unwrap();
    lab.settle(me);
    undone
}

#[test]
fn the_next_run_undoes_what_this_device_did_and_nobody_elses() {
    let mut lab = Lab::new(1);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.edit(ada, step(1, true));
    lab.converge(5 * NANOS_PER_SECOND);
    lab.edit(bo, step(2, true));
    lab.converge(5 * NANOS_PER_SECOND);
    lab.cut(ada, bo);

    reopen(&mut lab, ada, 1, |_| true);
    assert!(undo(&mut lab, ada).unwrap().starts_with("step 2 of "));
    assert_eq!(sounding(&lab, ada), [2]);
    lab.edit(ada, step(3, true));

    // The undo of the run before is known as one: it is the new step that goes, then the track itself.
    reopen(&mut lab, ada, 2, |_| true);
    assert!(undo(&mut lab, ada).unwrap().starts_with("step 4 of "));
    assert_eq!(sounding(&lab, ada), [2]);
    assert!(undo(&mut lab, ada).unwrap().starts_with("track "));
    assert_eq!(undo(&mut lab, ada), None);

    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_store_that_lost_changes_can_still_be_undone() {
    let mut lab = Lab::new(2);
    let ada = lab.owner();
    lab.edit(ada, step(1, true));
    reopen(&mut lab, ada, 1, |_| true);
    lab.edit(ada, step(2, true));
    lab.edit(ada, step(3, true));
    let last = lab.peers[&ada].stored.len() - 1;
    // Without the one before the last, the last follows nothing.
    reopen(&mut lab, ada, 2, |at| at != last - 1);
    assert_eq!(sounding(&lab, ada), [1]);
    assert!(undo(&mut lab, ada).unwrap().starts_with("step 2 of "));
}

#[test]
fn what_a_session_begins_with_stays_in_every_run() {
    let mut lab = Lab::new(3);
    let ada = lab.owner();
    let now = lab.time();
    lab.peers.get_mut(&ada).unwrap().sync.begin_with(step(1, true), now).unwrap();
    lab.settle(ada);
    reopen(&mut lab, ada, 1, |_| true);
    // The lab's own track is an edit; the step is not.
    assert!(undo(&mut lab, ada).unwrap().starts_with("track "));
    assert_eq!(undo(&mut lab, ada), None);
}

#[test]
fn a_step_toggle_is_sent_in_at_most_400_bytes() {
    let mut lab = Lab::new(4);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.edit(ada, step(1, true));
    lab.converge(5 * NANOS_PER_SECOND);
    // Over another's value in another's track.
    let now = lab.time();
    let sync = &mut lab.peers.get_mut(&bo).unwrap().sync;
    sync.edit(step(1, false), now).unwrap();
    let stored = std::iter::from_fn(|| sync.poll_output()).find_map(|output| match output {
        SyncOutput::Store { envelope } => Some(envelope.len()),
        _ => None,
    });
    let bytes = stored.unwrap();
    println!("a step toggle: {bytes} bytes with its envelope");
    assert!(bytes <= 400, "{bytes} bytes");
}
