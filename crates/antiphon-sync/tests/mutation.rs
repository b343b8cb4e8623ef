//! Mutants of honest changes: no panic, and never a document that cannot be loaded again.
//!
//! 5,000 by default, 250,000 with `ANTIPHON_LONG=1`. Three kinds in turn: any bytes of an envelope changed
//! (nearly all stop at the signature); the change's bytes changed, its checksum set right and the whole signed
//! by a member, as a malicious one would; its decoded form bent, encoded again and signed.

mod lab;

use std::{
    collections::BTreeMap,
    num::NonZeroU64,
    panic::{AssertUnwindSafe, catch_unwind},
};

use antiphon_identity::PeerId;
use antiphon_membership::{Role, Roster};
use antiphon_model::SessionId;
use antiphon_sync::{Envelope, Fault, Now, SessionSync, SyncOutput, Violation};
use antiphon_timeline::{HostTime, NANOS_PER_SECOND};
use automerge::{
    Automerge, Change, ExpandedChange, ObjType, ScalarValue,
    legacy::{Key, ObjectId, OpId, OpType},
};
use lab::{Dice, Lab, config, malice::live};
use sha2::{Digest, Sha256};

const MALLORY: u8 = 66;

/// A session's envelopes in order, of which Mallory made some, and the owner's roster.
struct Corpus {
    envelopes: Vec<Vec<u8>>,
    roster: Vec<u8>,
    owner: PeerId,
}

fn corpus() -> Corpus {
    let mut lab = Lab::new(77);
    let (ada, mallory) = (lab.owner(), lab.member(MALLORY, Role::Editor));
    lab.connect(ada, mallory);
    lab.converge(5 * NANOS_PER_SECOND);
    for _ in 0..40 {
        let who = if lab.dice.below(2) == 0 { ada } else { mallory };
        lab.edit_something(who);
        lab.run_for(lab::MS * 10);
    }
    lab.converge(5 * NANOS_PER_SECOND);
    let peer = &lab.peers[&ada];
    let envelopes = peer.sync.envelopes().map(<[u8]>::to_vec).collect();
    Corpus { envelopes, roster: peer.sync.roster().to_bytes(), owner: ada }
}

/// Ada, who has the first `taken` envelopes, with an open connection to Mallory.
fn victim(corpus: &Corpus, taken: usize) -> SessionSync {
    let roster = Roster::from_bytes(&corpus.roster).unwrap();
    let stored = corpus.envelopes[..taken].to_vec();
    let (mut sync, restored) = SessionSync::restore(config(&lab::key(1), 1), roster, stored);
    assert_eq!(restored.refused, 0);
    open_link(&mut sync, 0);
    sync
}

fn now(at: u64) -> Now {
    Now { host: HostTime(at as i64 * NANOS_PER_SECOND), unix_ms: at }
}

fn open_link(sync: &mut SessionSync, at: u64) {
    let mallory = lab::key(MALLORY).peer_id();
    sync.peer_up(mallory, now(at));
    let hello = [&[1, 1, 1], &sync.session().0[..], &[1]].concat();
    sync.handle_frame(mallory, &hello, now(at));
    assert_eq!(sync.open_links().count(), 1);
}

fn outcome(sync: &mut SessionSync) -> &'static str {
    let mut outcome = "ignored";
    while let Some(output) = sync.poll_output() {
        match output {
            SyncOutput::Store { .. } => outcome = "admitted",
            SyncOutput::Fault { reason: Fault::Change(Violation::Panicked), .. } => {
                outcome = "panicked inside"
            }
            SyncOutput::Fault { reason: Fault::Change(Violation::Signature), .. } => outcome = "signature",
            SyncOutput::Fault { .. } => outcome = "refused",
            SyncOutput::Forked { .. } => outcome = "forked",
            _ => {}
        }
    }
    outcome
}

fn assert_reloads(sync: &SessionSync, corpus: &Corpus, seed: u64) {
    let loaded = Automerge::load(&sync.document().save()).unwrap_or_else(|e| panic!("mutant {seed}: {e}"));
    let mut heads: Vec<[u8; 32]> = loaded.get_heads().iter().map(|hash| hash.0).collect();
    heads.sort_unstable();
    let mut expected: Vec<[u8; 32]> = sync.document().heads().iter().map(|hash| hash.0).collect();
    expected.sort_unstable();
    assert_eq!(heads, expected, "mutant {seed}");
    let roster = Roster::from_bytes(&corpus.roster).unwrap();
    let stored = sync.envelopes().map(<[u8]>::to_vec);
    let (again, restored) = SessionSync::restore(config(&lab::key(1), 2), roster, stored);
    assert_eq!(restored.refused, 0, "mutant {seed}");
    assert_eq!(again.song(), sync.song(), "mutant {seed}");
}

#[test]
fn no_mutant_panics_or_leaves_a_document_that_cannot_be_loaded() {
    let long = std::env::var_os("ANTIPHON_LONG").is_some();
    let mutants: u64 = if long { 250_000 } else { 5_000 };
    let corpus = corpus();
    let mallory = lab::key(MALLORY);
    let own: Vec<usize> =
        (0..corpus.envelopes.len()).filter(|at| is_by(&corpus, *at, mallory.peer_id())).collect();
    assert!(own.len() > 5, "there is something to bend");
    let mut victims: BTreeMap<usize, SessionSync> = BTreeMap::new();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..mutants {
        let mut dice = Dice(seed);
        let at = own[dice.below(own.len() as u64) as usize];
        let honest = Envelope::decode(&corpus.envelopes[at]).unwrap();
        let frame = match seed % 3 {
            0 => [&[5], &mangled(&corpus.envelopes[at], &mut dice)[..]].concat(),
            1 => live(&resealed(&honest, with_checksum(mangled(&honest.change, &mut dice)))),
            _ => match bent(&honest.change, &mut dice) {
                Some(change) => live(&resealed(&honest, change)),
                None => continue,
            },
        };
        let sync = victims.entry(at).or_insert_with(|| victim(&corpus, at));
        let (before, held) = (sync.document().heads(), sync.held());
        sync.handle_frame(mallory.peer_id(), &frame, now(seed));
        let outcome = match outcome(sync) {
            "ignored" if sync.held() > held => "held",
            other => other,
        };
        *counts.entry(outcome).or_default() += 1;
        match outcome {
            "admitted" => {
                assert_reloads(sync, &corpus, seed);
                victims.remove(&at);
            }
            "ignored" | "held" => assert_eq!(sync.document().heads(), before),
            // From a fork on, its author's changes are ignored: a fresh victim looks at the next ones.
            "forked" => drop(victims.remove(&at)),
            _ => {
                assert_eq!(sync.document().heads(), before, "mutant {seed}");
                open_link(sync, seed);
                while sync.poll_output().is_some() {}
            }
        }
    }
    println!("{mutants} mutants: {counts:?}; owner {}", corpus.owner.short());
    assert_eq!(
        counts.get("panicked inside"),
        None,
        "the gate's own steps leave Automerge nothing to panic at"
    );
    assert!(counts.get("refused").is_some_and(|refused| *refused > mutants / 4), "{counts:?}");
    assert!(counts.get("admitted").is_some_and(|admitted| *admitted > 0), "some mutants are honest enough");
}

fn is_by(corpus: &Corpus, at: usize, device: PeerId) -> bool {
    Envelope::decode(&corpus.envelopes[at]).is_ok_and(|envelope| envelope.device == device)
}

fn resealed(honest: &Envelope, change: Vec<u8>) -> Envelope {
    Envelope::seal(&lab::key(MALLORY), SessionId([1; 16]), honest.grant, honest.actor_n, change)
}

/// One to four bytes flipped, set, removed, inserted, or a stretch copied over another.
fn mangled(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + dice.below(4) {
        let at = dice.below(bytes.len() as u64) as usize;
        match dice.below(6) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][dice.below(5) as usize],
            2 => bytes[at] = bytes[at].wrapping_add(1),
            3 => {
                bytes.remove(at);
            }
            4 => bytes.insert(at, dice.next() as u8),
            _ => {
                let from = dice.below(bytes.len() as u64) as usize;
                let length = (dice.below(8) as usize).min(bytes.len() - at).min(bytes.len() - from);
                let copy = bytes[from..from + length].to_vec();
                bytes[at..at + length].copy_from_slice(&copy);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

/// Sets the length and the checksum of a change chunk right, so that it is not refused for those.
fn with_checksum(mut chunk: Vec<u8>) -> Vec<u8> {
    if chunk.len() < 12 {
        return chunk;
    }
    let body = if chunk[9] & 0x80 == 0 { 10 } else { 11 };
    let data = chunk.split_off(body);
    let mut length = Vec::new();
    let mut rest = data.len();
    while rest >= 0x80 {
        length.push((rest as u8 & 0x7f) | 0x80);
        rest >>= 7;
    }
    length.push(rest as u8);
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(&length);
    hasher.update(&data);
    let sum = hasher.finalize();
    [&[0x85, 0x6f, 0x4a, 0x83], &sum[..4], &[1], &length[..], &data[..]].concat()
}

/// The change with one or two facts in it replaced; `None` where Automerge cannot encode that.
fn bent(change: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut expanded = Change::from_bytes(change.to_vec()).unwrap().decode();
    for _ in 0..1 + dice.below(2) {
        bend(&mut expanded, dice);
    }
    catch_unwind(AssertUnwindSafe(|| Change::from(expanded).raw_bytes().to_vec())).ok()
}

fn bend(change: &mut ExpandedChange, dice: &mut Dice) {
    let actor = change.actor_id.clone();
    let start = change.start_op.get();
    let count = change.operations.len() as u64;
    let some_op = |dice: &mut Dice| OpId(dice.below(start + count + 2).max(1), actor.clone());
    let at = dice.below(count.max(1)) as usize;
    match dice.below(12) {
        0 => {
            change.start_op =
                NonZeroU64::new(start.saturating_add(dice.below(3)).saturating_sub(1).max(1)).unwrap()
        }
        1 => change.start_op = NonZeroU64::new(u64::from(u32::MAX) - dice.below(8)).unwrap(),
        2 => change.seq = dice.below(change.seq + 3),
        3 => change.deps.clear(),
        4 => change.deps.push(automerge::ChangeHash([dice.next() as u8; 32])),
        5 => change.message = Some("x".repeat(dice.below(600) as usize)),
        6 => change.time = dice.next() as i64,
        7 => {
            let copy = change.operations.get(at).cloned();
            change.operations.extend(copy);
        }
        8 => change.extra_bytes = vec![dice.next() as u8; dice.below(4) as usize],
        _ => {
            let Some(op) = change.operations.get_mut(at) else { return };
            match dice.below(9) {
                0 => op.action = OpType::Delete,
                1 => {
                    op.action =
                        OpType::Make([ObjType::Map, ObjType::List, ObjType::Text][dice.below(3) as usize])
                }
                2 => op.action = OpType::Put(some_value(dice)),
                3 => op.action = OpType::Increment(dice.next() as i64),
                4 => {
                    op.key = Key::Map(
                        ["", "name", "tempo", "tracks", "0o", "\u{0}"][dice.below(6) as usize].into(),
                    )
                }
                5 => op.key = Key::head(),
                6 => op.obj = if dice.below(3) == 0 { ObjectId::Root } else { ObjectId::Id(some_op(dice)) },
                7 => op.pred = (0..dice.below(4)).map(|_| some_op(dice)).collect::<Vec<_>>().into(),
                _ => op.insert = !op.insert,
            }
        }
    }
}

fn some_value(dice: &mut Dice) -> ScalarValue {
    match dice.below(9) {
        0 => ScalarValue::Null,
        1 => ScalarValue::F64(f64::from_bits(dice.next())),
        2 => ScalarValue::Int(dice.next() as i64),
        3 => ScalarValue::Uint(dice.next()),
        4 => ScalarValue::Str("y".repeat(dice.below(2_000) as usize).into()),
        5 => ScalarValue::Bytes(vec![0xff; dice.below(2_000) as usize]),
        6 => ScalarValue::counter(dice.next() as i64),
        7 => ScalarValue::Timestamp(dice.next() as i64),
        _ => ScalarValue::Boolean(true),
    }
}
