//! Peers that edit, lose one another and meet again end with the same song.

mod lab;

use antiphon_membership::{GrantId, Role, Roster};
use antiphon_model::{Edit, Name};
use antiphon_sync::{EditRefused, SessionSync, SyncOutput, limits};
use antiphon_timeline::NANOS_PER_SECOND;
use lab::{
    Channel, Lab, MS, config,
    malice::{Malice, live, put},
    step,
};

/// `ANTIPHON_LONG=1` runs many more seeds.
fn long() -> bool {
    std::env::var_os("ANTIPHON_LONG").is_some()
}

#[test]
fn an_edit_reaches_the_other_peer() {
    let mut lab = Lab::new(1).delay_ms(1, 1);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.converge(NANOS_PER_SECOND);
    lab.edit(ada, step(3, true));
    lab.run_for(2 * MS);
    assert!(lab.is_converged(), "one delay is enough");
    lab.assert_equal_songs();
    lab.assert_no_faults();
    let told = &lab.peers[&bo].news;
    assert!(
        told.iter()
            .any(|news| matches!(news, SyncOutput::SongChanged { author: Some(who), .. } if *who == ada))
    );
}

#[test]
fn a_thousand_edits_on_each_side_of_a_partition_converge() {
    let seeds = if long() { 3..23 } else { 3..4 };
    for seed in seeds {
        let mut lab = Lab::new(seed);
        let (ada, bo, cy) = (lab.owner(), lab.member(2, Role::Editor), lab.member(3, Role::Editor));
        lab.connect(ada, bo);
        lab.connect(bo, cy);
        lab.converge(5 * NANOS_PER_SECOND);
        lab.cut(ada, bo);
        for _ in 0..1_000 {
            lab.edit_something(ada);
            let other = if lab.dice.below(2) == 0 { bo } else { cy };
            lab.edit_something(other);
            lab.run_for(30 * MS);
        }
        assert!(!lab.is_converged());
        lab.connect(ada, cy);
        lab.converge(20 * NANOS_PER_SECOND);
        lab.assert_equal_songs();
        lab.assert_no_faults();
        assert_eq!(lab.peers[&ada].sync.held(), 0, "nothing waits when all is here");
    }
}

#[test]
fn edits_pass_through_a_third_peer() {
    let mut lab = Lab::new(5);
    let (ada, bo, cy) = (lab.owner(), lab.member(2, Role::Editor), lab.member(3, Role::Editor));
    lab.connect(ada, bo);
    lab.connect(bo, cy);
    lab.converge(5 * NANOS_PER_SECOND);
    for _ in 0..20 {
        lab.edit_something(ada);
        lab.edit_something(cy);
    }
    lab.converge(NANOS_PER_SECOND);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn connections_that_come_and_go_lose_nothing() {
    let seeds = if long() { 10..210 } else { 10..14 };
    for seed in seeds {
        println!("seed {seed}");
        let mut lab = Lab::new(seed);
        let peers = [lab.owner(), lab.member(2, Role::Editor), lab.member(3, Role::Editor)];
        lab.connect(peers[0], peers[1]);
        lab.connect(peers[0], peers[2]);
        lab.converge(5 * NANOS_PER_SECOND);
        for _ in 0..120 {
            let (a, b) = (lab.dice.below(3) as usize, lab.dice.below(3) as usize);
            match lab.dice.below(6) {
                0 if a != b && lab.is_connected(peers[a], peers[b]) => lab.cut(peers[a], peers[b]),
                1 if a != b && !lab.is_connected(peers[a], peers[b]) => lab.connect(peers[a], peers[b]),
                _ => lab.edit_something(peers[a]),
            }
            let pause = lab.dice.below(60) as i64;
            lab.run_for(pause * MS);
        }
        for (a, b) in [(0, 1), (1, 2)] {
            if !lab.is_connected(peers[a], peers[b]) {
                lab.connect(peers[a], peers[b]);
            }
        }
        lab.converge(20 * NANOS_PER_SECOND);
        lab.assert_equal_songs();
        lab.assert_no_faults();
    }
}

#[test]
fn a_late_joiner_receives_the_whole_song_from_any_member() {
    let mut lab = Lab::new(6);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    for _ in 0..300 {
        lab.edit_something(ada);
        lab.run_for(10 * MS);
    }
    let cy = lab.member(3, Role::Editor);
    lab.run_for(NANOS_PER_SECOND);
    // The owner is away; the other member lets the joiner in by the owner's word.
    lab.cut(ada, bo);
    lab.connect(bo, cy);
    lab.run_until(5 * NANOS_PER_SECOND, "the joiner is up to date", |lab| {
        lab.peers[&cy].sync.document().heads() == lab.peers[&ada].sync.document().heads()
    });
    lab.edit_something(cy);
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_stored_session_opens_again_as_it_was() {
    let mut lab = Lab::new(7);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    for _ in 0..50 {
        lab.edit_something(ada);
        lab.edit_something(bo);
        lab.run_for(10 * MS);
    }
    lab.converge(5 * NANOS_PER_SECOND);
    for me in [ada, bo] {
        let peer = &lab.peers[&me];
        let roster = Roster::from_bytes(&peer.roster).unwrap();
        let (opened, restored) = SessionSync::restore(config(&peer.key, 1), roster, peer.stored.clone());
        assert_eq!((restored.admitted, restored.refused), (peer.stored.len(), 0));
        assert_eq!(opened.document().heads(), peer.sync.document().heads());
        assert_eq!(opened.song(), peer.sync.song());
    }
}

#[test]
fn a_reopened_session_goes_on_under_a_fresh_actor() {
    let mut lab = Lab::new(8);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    for at in 0..10 {
        lab.edit(bo, step(at, true));
    }
    lab.converge(5 * NANOS_PER_SECOND);
    // Killed before its last five changes were stored; the others have them.
    lab.cut(ada, bo);
    let peer = lab.peers.remove(&bo).unwrap();
    let kept = peer.stored[..peer.stored.len() - 5].to_vec();
    let roster = Roster::from_bytes(&peer.roster).unwrap();
    let (opened, _) = SessionSync::restore(config(&peer.key, 1), roster, kept);
    lab.insert(peer.key, opened);
    lab.edit(bo, step(12, true));
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_listener_hears_everything_and_cannot_edit() {
    let mut lab = Lab::new(9);
    let (ada, lis) = (lab.owner(), lab.member(4, Role::Listener));
    lab.connect(ada, lis);
    lab.edit(ada, step(1, true));
    lab.converge(5 * NANOS_PER_SECOND);
    let now = lab.time();
    let refused = lab.peers.get_mut(&lis).unwrap().sync.edit(step(2, true), now);
    assert!(matches!(refused, Err(EditRefused::Listener)));
    // The owner changes its mind: from now on the listener edits.
    let owner = lab.peers.get_mut(&ada).unwrap();
    owner.sync.grant(lis, Role::Editor, GrantId([44; 16]), now).unwrap();
    lab.settle(ada);
    lab.converge(5 * NANOS_PER_SECOND);
    lab.edit(lis, step(2, true));
    lab.converge(5 * NANOS_PER_SECOND);
    lab.assert_no_faults();
}

#[test]
fn members_that_were_let_in_apart_meet_by_a_shown_grant() {
    let mut lab = Lab::new(20);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    lab.cut(ada, bo);
    // Bo was away when Cy was let in, so Bo does not know Cy; Cy knows Bo.
    let cy = lab.member(3, Role::Editor);
    lab.connect(bo, cy);
    lab.run_for(3 * NANOS_PER_SECOND);
    assert_eq!(lab.peers[&bo].sync.roster().role_of(cy), None, "nothing came of the connection alone");
    let (_, grants) = lab.peers[&cy].sync.roster().parts();
    let now = lab.time();
    for grant in grants {
        lab.peers.get_mut(&bo).unwrap().sync.add_grant(grant, now).unwrap();
    }
    lab.settle(bo);
    lab.run_until(5 * NANOS_PER_SECOND, "cy has the song", |lab| lab.peers[&cy].sync.has_begun());
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    lab.assert_no_faults();
}

#[test]
fn a_stranger_is_sent_nothing() {
    let mut lab = Lab::new(21);
    let ada = lab.owner();
    let stranger = {
        let key = lab::key(99);
        let roster = Roster::found(&key, antiphon_model::SessionId([1; 16]), 0, GrantId([99; 16]));
        lab.insert(std::sync::Arc::clone(&key), SessionSync::join(config(&key, 0), roster))
    };
    lab.connect(ada, stranger);
    lab.edit(ada, step(1, true));
    lab.run_for(10 * NANOS_PER_SECOND);
    assert_eq!(lab.peers[&ada].bytes_sent, 0);
}

#[test]
fn equal_peers_are_quiet() {
    let mut lab = Lab::new(22);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    for _ in 0..100 {
        lab.edit_something(ada);
        lab.run_for(10 * MS);
    }
    lab.converge(5 * NANOS_PER_SECOND);
    lab.run_for(5 * NANOS_PER_SECOND);
    let before = lab.peers[&ada].bytes_sent;
    lab.run_for(60 * NANOS_PER_SECOND);
    let sent = lab.peers[&ada].bytes_sent - before;
    assert!(sent <= 31 * 65, "{sent} bytes in a quiet minute");
}

#[test]
fn a_burst_faster_than_the_pace_arrives_all_the_same() {
    let mut lab = Lab::new(23);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    lab.connect(ada, bo);
    lab.converge(5 * NANOS_PER_SECOND);
    for at in 0..1_500u16 {
        lab.edit(ada, step(at % 16, at % 3 == 0));
    }
    lab.converge(10 * NANOS_PER_SECOND);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_slow_peer_is_never_owed_more_than_a_window() {
    let mut lab = Lab::new(25).delay_ms(400, 400);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    for at in 0..2_800u16 {
        lab.edit(ada, step(at % 16, at / 16 % 2 == 0));
    }
    assert!(lab.peers[&ada].sync.envelopes().map(<[u8]>::len).sum::<usize>() > 600_000);
    lab.connect(ada, bo);
    lab.run_until(60 * NANOS_PER_SECOND, "the joiner has begun", |lab| lab.peers[&bo].sync.has_begun());
    // Live edits go on meanwhile.
    for at in 0..2_400u16 {
        lab.edit(ada, step(at % 16, at / 16 % 2 == 1));
    }
    lab.converge(60 * NANOS_PER_SECOND);
    let window = limits::WINDOW_BYTES as usize + limits::BATCH_BYTES + limits::ENVELOPE_BYTES_MAX;
    assert!(lab.most_under_way <= window, "{} bytes", lab.most_under_way);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_change_that_did_not_fit_the_window_is_found_by_comparing() {
    let mut lab = Lab::new(26).delay_ms(100, 100);
    let (ada, bo, cy) = (lab.owner(), lab.member(2, Role::Editor), lab.member(3, Role::Editor));
    lab.connect(ada, bo);
    lab.connect(ada, cy);
    lab.converge(5 * NANOS_PER_SECOND);
    // Large changes, too few to exceed an author's pace. Ada passes them on to Bo, the last ones not at once.
    let mut author = Malice::beside(lab::key(3), &lab.peers[&ada].sync);
    let meta = author.object(&["meta"]);
    let sent = lab.peers[&ada].bytes_sent;
    let mut made = 0;
    for n in 0..24 {
        let change = author.change(|tx| {
            for at in 0..30 {
                put(tx, &meta, &format!("pad {at}"), format!("{n:01000}").as_str());
            }
        });
        let frame = live(&author.seal(change.raw_bytes().to_vec()));
        made += frame.len() as u64;
        lab.inject(cy, ada, Channel::Sync, &frame);
    }
    assert!(made > limits::WINDOW_BYTES + limits::WINDOW_BYTES / 4, "{made} bytes made");
    assert!(lab.peers[&ada].bytes_sent - sent <= limits::WINDOW_BYTES, "the window is full");
    lab.converge(10 * NANOS_PER_SECOND);
    lab.assert_equal_songs();
    lab.assert_no_faults();
}

#[test]
fn a_session_that_the_peer_left_is_told_and_nothing_flows() {
    let mut lab = Lab::new(24);
    let (ada, bo) = (lab.owner(), lab.member(2, Role::Editor));
    let bo_key = std::sync::Arc::clone(&lab.peers[&bo].key);
    // Bo opens a session of its own, of which Ada is a member too.
    let now = lab.time();
    let name = Name::new("Other").unwrap();
    let other = antiphon_model::SessionId([2; 16]);
    let mut sync =
        SessionSync::create(config(&bo_key, 0), other, GrantId([50; 16]), name, Default::default(), 0);
    sync.grant(ada, Role::Editor, GrantId([51; 16]), now).unwrap();
    lab.insert(bo_key, sync);
    lab.connect(ada, bo);
    lab.edit(bo, Edit::RenameSession { name: Name::new("Private").unwrap() });
    lab.edit(ada, step(1, true));
    lab.run_for(5 * NANOS_PER_SECOND);
    assert!(lab.peers[&ada].news.contains(&SyncOutput::Elsewhere { peer: bo, session: other }));
    assert_eq!(lab.peers[&ada].sync.open_links().count(), 0);
    lab.assert_no_faults();
}
