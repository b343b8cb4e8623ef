//! In a room where everybody is connected a change travels once to each, and wherever somebody is not, it is
//! passed on at once all the same.

mod lab;

use antiphon_identity::PeerId;
use antiphon_membership::Role;
use antiphon_sync::limits;
use antiphon_timeline::NANOS_PER_SECOND;
use lab::{Channel, Lab, MS, step};

const DELAY_MS: i64 = 10;

/// So many members, not connected yet, the owner first.
fn band(seed: u64, count: u8) -> (Lab, Vec<PeerId>) {
    let mut lab = Lab::new(seed).delay_ms(DELAY_MS as u64, DELAY_MS as u64);
    let mut peers = vec![lab.owner()];
    peers.extend((2..=count).map(|n| lab.member(n, Role::Editor)));
    (lab, peers)
}

/// A band in one room that has settled.
fn room(seed: u64, count: u8) -> (Lab, Vec<PeerId>) {
    let (mut lab, peers) = band(seed, count);
    lab.connect_all();
    settle(&mut lab);
    (lab, peers)
}

fn settle(lab: &mut Lab) {
    lab.converge(5 * NANOS_PER_SECOND);
    lab.run_for(5 * NANOS_PER_SECOND);
}

fn live_sent(lab: &Lab) -> u64 {
    lab.peers.values().map(|peer| peer.live_sent).sum()
}

#[test]
fn in_one_room_a_change_travels_once_to_each() {
    let (mut lab, peers) = room(1, 8);
    for (at, author) in peers.iter().enumerate() {
        let before = live_sent(&lab);
        lab.edit(*author, step(at as u16, true));
        lab.converge(DELAY_MS * MS);
        lab.run_for(NANOS_PER_SECOND);
        assert_eq!(live_sent(&lab) - before, 7);
    }
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn an_edit_costs_a_room_little_beside_what_the_quiet_room_sends() {
    let (mut lab, peers) = room(2, 8);
    // No whole number of comparisons: a comparison that meets a change on its way asks for it.
    const PAUSE: i64 = 3_137 * MS;
    let frames = |lab: &Lab| lab.peers.values().map(|peer| peer.frames_sent).sum::<u64>();
    let before = frames(&lab);
    lab.run_for(20 * PAUSE);
    let quiet = frames(&lab) - before;
    let before = frames(&lab);
    for at in 0..20 {
        lab.edit(peers[at as usize % 8], step(at % 16, at < 16));
        lab.run_for(PAUSE);
    }
    let edited = frames(&lab) - before;
    // To each of seven the change, and from each its acknowledgement; now and then a question too many.
    assert!(
        edited <= quiet + quiet / 10 + 20 * 14,
        "{quiet} frames in a quiet minute, {edited} with 20 edits"
    );
}

#[test]
fn a_change_passes_along_a_chain_and_around_a_ring_without_waiting() {
    for closes in [false, true] {
        let (mut lab, peers) = band(3, 6);
        for pair in peers.windows(2) {
            lab.connect(pair[0], pair[1]);
        }
        if closes {
            lab.connect(peers[5], peers[0]);
        }
        settle(&mut lab);
        lab.edit(peers[0], step(3, true));
        lab.converge(if closes { 3 } else { 5 } * DELAY_MS * MS);
        lab.assert_equal_songs();
    }
}

#[test]
fn two_rooms_joined_by_one_peer_hear_each_other_at_once() {
    let (mut lab, peers) = band(4, 7);
    for room in [[0, 1, 2, 3], [3, 4, 5, 6]] {
        for (at, a) in room.into_iter().enumerate() {
            for b in &room[at + 1..] {
                lab.connect(peers[a], peers[*b]);
            }
        }
    }
    settle(&mut lab);
    let before = live_sent(&lab);
    lab.edit(peers[0], step(3, true));
    lab.converge(2 * DELAY_MS * MS);
    assert_eq!(live_sent(&lab) - before, 6, "once to each");
}

#[test]
fn whoever_lost_the_author_gets_its_changes_from_the_others() {
    let (mut lab, peers) = room(5, 4);
    lab.cut(peers[0], peers[3]);
    // The others have not heard of it yet and leave it to the author.
    lab.edit(peers[0], step(3, true));
    lab.converge(NANOS_PER_SECOND / 2);
    // Now they have.
    lab.edit(peers[0], step(4, true));
    lab.converge(2 * DELAY_MS * MS);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_pulled_cable_that_nobody_noticed_costs_two_comparisons_at_most() {
    let (mut lab, peers) = room(6, 4);
    lab.pull(peers[0], peers[3]);
    for at in 0..10 {
        lab.edit(peers[0], step(at, true));
        lab.run_for(100 * MS);
    }
    lab.converge(4 * NANOS_PER_SECOND);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_peer_that_claims_to_reach_everybody_keeps_nothing_from_them() {
    let (mut lab, peers) = band(7, 4);
    let (author, liar, listens) = (peers[0], peers[1], peers[2]);
    // Only the liar is connected with the author, and says that it reaches everybody.
    lab.connect(author, liar);
    lab.connect(liar, listens);
    lab.connect(listens, peers[3]);
    settle(&mut lab);
    lab.inject(liar, listens, Channel::Sync, &company(&peers));
    lab.edit(author, step(3, true));
    lab.converge(3 * DELAY_MS * MS);
    lab.assert_no_faults();
}

#[test]
fn a_company_larger_than_connections_can_be_is_garbage() {
    let (mut lab, peers) = room(8, 2);
    let crowd: Vec<PeerId> = (0..=limits::LINKS_MAX).map(|n| PeerId([n as u8; 32])).collect();
    lab.inject(peers[1], peers[0], Channel::Sync, &company(&crowd));
    assert_eq!(lab.peers[&peers[0]].faults, [(peers[1], antiphon_sync::Fault::Garbage)]);
}

#[test]
fn a_company_that_changes_all_the_time_causes_no_flood() {
    let (mut lab, peers) = room(9, 3);
    let before = lab.peers[&peers[0]].frames_sent;
    for n in 0..1_000 {
        let said = company(if n % 2 == 0 { &[] } else { &peers[2..] });
        lab.inject(peers[1], peers[0], Channel::Sync, &said);
        lab.run_for(MS);
    }
    let sent = lab.peers[&peers[0]].frames_sent - before;
    assert!(sent <= 20, "{sent} frames in a second");
}

fn company(peers: &[PeerId]) -> Vec<u8> {
    let mut frame = vec![9, peers.len() as u8];
    frame.extend(peers.iter().flat_map(|peer| peer.0));
    frame
}
