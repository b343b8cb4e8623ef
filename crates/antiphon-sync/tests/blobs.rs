//! Samples reach every member, whole and right, whoever goes away or lies meanwhile.

mod lab;

use antiphon_identity::PeerId;
use antiphon_membership::Role;
use antiphon_model::SampleId;
use antiphon_sync::Fault;
use antiphon_timeline::NANOS_PER_SECOND;
use lab::{Channel, Dice, Lab, MS};

fn blob(bytes: usize, seed: u64) -> (SampleId, Vec<u8>) {
    let mut dice = Dice(seed);
    let bytes: Vec<u8> = (0..bytes.div_ceil(8)).flat_map(|_| dice.next().to_le_bytes()).take(bytes).collect();
    (SampleId(*blake3::hash(&bytes).as_bytes()), bytes)
}

fn give(lab: &mut Lab, peer: PeerId, sample: SampleId, bytes: &[u8]) {
    let peer = lab.peers.get_mut(&peer).unwrap();
    peer.blobs.insert(sample, bytes.to_vec());
    peer.sync.have_blob(sample);
}

fn need(lab: &mut Lab, peer: PeerId, sample: SampleId) {
    let now = lab.time();
    assert!(lab.peers.get_mut(&peer).unwrap().sync.need_blob(sample, now));
    lab.settle(peer);
}

fn has(lab: &Lab, peer: PeerId, sample: SampleId) -> bool {
    lab.peers[&peer].received.contains_key(&sample)
}

fn three(seed: u64) -> (Lab, PeerId, PeerId, PeerId) {
    let mut lab = Lab::new(seed);
    let (ada, bo, cy) = (lab.owner(), lab.member(2, Role::Editor), lab.member(3, Role::Listener));
    for (a, b) in [(ada, bo), (bo, cy), (ada, cy)] {
        lab.connect(a, b);
    }
    lab.converge(5 * NANOS_PER_SECOND);
    (lab, ada, bo, cy)
}

#[test]
fn a_sample_of_any_size_reaches_a_member_that_needs_it() {
    let (mut lab, ada, bo, _) = three(1);
    for (at, bytes) in [1, 1_000, 65_536, 65_537, 131_072, 1_500_000].into_iter().enumerate() {
        let (sample, bytes) = blob(bytes, at as u64);
        give(&mut lab, ada, sample, &bytes);
        need(&mut lab, bo, sample);
        lab.run_until(2 * NANOS_PER_SECOND, "the sample is there", |lab| has(lab, bo, sample));
        assert_eq!(lab.peers[&bo].received[&sample], bytes);
    }
    lab.assert_no_faults();
}

#[test]
fn whoever_asked_too_early_is_told_when_it_comes() {
    let (mut lab, ada, bo, cy) = three(2);
    let (sample, bytes) = blob(200_000, 5);
    need(&mut lab, bo, sample);
    need(&mut lab, cy, sample);
    lab.run_for(NANOS_PER_SECOND);
    give(&mut lab, ada, sample, &bytes);
    lab.settle(ada);
    lab.run_until(2 * NANOS_PER_SECOND, "both have it", |lab| has(lab, bo, sample) && has(lab, cy, sample));
    lab.assert_no_faults();
}

#[test]
fn a_fetch_goes_on_with_another_peer_when_the_serving_one_goes() {
    let (mut lab, ada, bo, cy) = three(3);
    let (sample, bytes) = blob(4_000_000, 6);
    give(&mut lab, ada, sample, &bytes);
    need(&mut lab, bo, sample);
    lab.run_for(200 * MS);
    assert!(!has(&lab, bo, sample), "under way");
    give(&mut lab, cy, sample, &bytes);
    lab.settle(cy);
    lab.cut(ada, bo);
    let before = lab.peers[&cy].bytes_sent;
    lab.run_until(2 * NANOS_PER_SECOND, "the sample is there", |lab| has(lab, bo, sample));
    let from_cy = lab.peers[&cy].bytes_sent - before;
    assert!(from_cy < 3_900_000, "only the rest was fetched, {from_cy} bytes");
    lab.assert_no_faults();
}

#[test]
fn wrong_bytes_are_refetched_elsewhere_and_blamed_on_their_sender() {
    let (mut lab, ada, bo, cy) = three(4);
    let (sample, bytes) = blob(300_000, 7);
    give(&mut lab, ada, sample, &bytes);
    give(&mut lab, cy, sample, &bytes);
    need(&mut lab, bo, sample);
    // As soon as Cy is asked for a chunk, wrong bytes come in its name.
    let mut wrong = vec![6];
    wrong.extend_from_slice(&sample.0);
    wrong.push(1);
    wrong.extend_from_slice(&[0x80, 0x80, 0x04]);
    wrong.extend(vec![0xee; 65_536]);
    for _ in 0..200 {
        lab.run_for(MS);
        lab.inject(cy, bo, Channel::Blob, &wrong);
        if !lab.peers[&bo].faults.is_empty() {
            break;
        }
    }
    assert_eq!(lab.peers[&bo].faults, [(cy, Fault::WrongBlob)]);
    lab.run_until(10 * NANOS_PER_SECOND, "the sample is there", |lab| has(lab, bo, sample));
    assert_eq!(lab.peers[&bo].received[&sample], bytes);
}

#[test]
fn a_sample_that_the_store_lost_is_fetched_from_another() {
    let (mut lab, ada, bo, cy) = three(5);
    let (sample, bytes) = blob(100_000, 8);
    // Ada's store has other bytes under the name.
    give(&mut lab, ada, sample, &[1, 2, 3]);
    need(&mut lab, bo, sample);
    lab.run_for(NANOS_PER_SECOND);
    assert!(!has(&lab, bo, sample));
    give(&mut lab, cy, sample, &bytes);
    lab.settle(cy);
    lab.run_until(10 * NANOS_PER_SECOND, "the sample is there", |lab| has(lab, bo, sample));
    lab.assert_no_faults();
}

#[test]
fn strangers_get_no_samples() {
    let mut lab = Lab::new(6);
    let (ada, stranger) = (lab.owner(), lab::key(98).peer_id());
    let (sample, bytes) = blob(1_000, 9);
    give(&mut lab, ada, sample, &bytes);
    let now = lab.time();
    let host = lab.peers.get_mut(&ada).unwrap();
    host.sync.peer_up(stranger, now);
    host.sync.handle_blob_frame(stranger, &[&[1], &sample.0[..]].concat(), now);
    assert_eq!(host.sync.poll_output(), None);
}
