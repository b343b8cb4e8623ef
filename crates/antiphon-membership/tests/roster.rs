//! Who is believed about rights in a session.

use antiphon_identity::{DeviceKey, PeerId, Signature};
use antiphon_membership::{
    Grant, GrantId, RecordError, Role, Roster, RosterError, SignedGenesis, SignedGrant, actor_id, limits,
};
use antiphon_model::SessionId;
use proptest::prelude::*;

const SESSION: SessionId = SessionId([1; 16]);

fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_seed(&[seed; 32])
}

fn id(n: u8) -> GrantId {
    GrantId([n; 16])
}

fn founded() -> Roster {
    Roster::found(&key(1), SESSION, 1_000, id(1))
}

fn grant(device: PeerId, role: Role, n: u8, issued_at_ms: u64) -> Grant {
    Grant { session: SESSION, id: id(n), device, role, issued_at_ms }
}

#[test]
fn the_founder_is_the_owner_and_may_edit() {
    let roster = founded();
    assert_eq!(roster.owner(), key(1).peer_id());
    assert_eq!(roster.role_of(key(1).peer_id()), Some(Role::Owner));
    assert_eq!(roster.grant_of(key(1).peer_id()), Some(id(1)));
    assert_eq!(roster.role_of(key(2).peer_id()), None);
}

#[test]
fn only_the_owner_grants() {
    let mut roster = founded();
    let refused = roster.grant(&key(2), key(3).peer_id(), Role::Editor, id(9), 2_000);
    assert_eq!(refused, Err(RosterError::NotOwner));
    let forged = SignedGrant::sign(&key(2), &grant(key(2).peer_id(), Role::Editor, 9, 2_000));
    assert!(matches!(roster.admit(forged), Err(RosterError::Record(RecordError::Signature(_)))));
    assert_eq!(roster, founded());
}

#[test]
fn a_grant_for_another_session_is_refused() {
    let mut roster = founded();
    let other = Grant { session: SessionId([2; 16]), ..grant(key(2).peer_id(), Role::Editor, 2, 2_000) };
    let refused = roster.admit(SignedGrant::sign(&key(1), &other));
    assert_eq!(refused, Err(RosterError::OtherSession { found: SessionId([2; 16]), expected: SESSION }));
}

#[test]
fn there_is_one_owner_for_good() {
    let mut roster = founded();
    let (owner, bo) = (key(1).peer_id(), key(2).peer_id());
    let second = roster.grant(&key(1), bo, Role::Owner, id(2), 2_000);
    let demoted = roster.grant(&key(1), owner, Role::Listener, id(3), 2_000);
    assert_eq!((second, demoted), (Err(RosterError::OwnerIsFixed), Err(RosterError::OwnerIsFixed)));
}

#[test]
fn a_later_grant_replaces_an_earlier_one_even_where_the_clock_went_back() {
    let mut roster = founded();
    let bo = key(2).peer_id();
    roster.grant(&key(1), bo, Role::Editor, id(9), 5_000).unwrap();
    roster.grant(&key(1), bo, Role::Listener, id(2), 10).unwrap();
    assert_eq!((roster.role_of(bo), roster.grant_of(bo)), (Some(Role::Listener), Some(id(2))));
    let earlier = roster.grant_by_id(id(9)).unwrap();
    assert_eq!(earlier.role, Role::Editor, "what it allowed stays known");
}

#[test]
fn every_bit_of_a_grant_is_signed() {
    let roster = founded();
    let signed = SignedGrant::sign(&key(1), &grant(key(2).peer_id(), Role::Editor, 2, 2_000));
    for bit in 0..signed.bytes.len() * 8 {
        let mut forged = signed.clone();
        forged.bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(roster.clone().admit(forged).is_err(), "bit {bit}");
    }
    for bit in 0..64 * 8 {
        let mut forged = signed.clone();
        forged.signature.0[bit / 8] ^= 1 << (bit % 8);
        assert!(roster.clone().admit(forged).is_err(), "signature bit {bit}");
    }
}

#[test]
fn every_bit_of_a_genesis_is_signed() {
    let (genesis, grants) = founded().parts();
    for bit in 0..genesis.bytes.len() * 8 {
        let mut forged = genesis.clone();
        forged.bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Roster::from_parts(forged, grants.clone()).is_err(), "bit {bit}");
    }
}

#[test]
fn truncated_extended_and_newer_records_are_refused() {
    let owner = key(1);
    let signed = SignedGrant::sign(&owner, &grant(key(2).peer_id(), Role::Editor, 2, 2_000));
    let resigned = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = signed.bytes.clone();
        change(&mut bytes);
        let signature = owner.sign(antiphon_identity::Domain::Grant, &bytes);
        founded().admit(SignedGrant { bytes, signature })
    };
    let malformed = Err(RosterError::Record(RecordError::Malformed));
    assert_eq!(resigned(&|bytes| bytes.truncate(bytes.len() - 1)), malformed);
    assert_eq!(resigned(&|bytes| bytes.push(0)), malformed);
    assert_eq!(resigned(&|bytes| bytes.clear()), malformed);
    assert_eq!(resigned(&|bytes| bytes[0] = 2), Err(RosterError::TooNew { version: 2 }));
    let large = limits::RECORD_BYTES_MAX + 1;
    let too_large = Err(RosterError::Record(RecordError::TooLarge { bytes: large }));
    assert_eq!(resigned(&|bytes| bytes.resize(large, 0)), too_large);
}

#[test]
fn a_genesis_signature_is_no_grant_and_the_other_way_round() {
    let genesis = SignedGenesis::sign(&key(1), SESSION, 1_000);
    let as_grant = SignedGrant { bytes: genesis.bytes.clone(), signature: genesis.signature };
    assert!(as_grant.open(key(1).peer_id()).is_err());
    let signed = SignedGrant::sign(&key(1), &grant(key(1).peer_id(), Role::Owner, 1, 1_000));
    assert!(SignedGenesis { bytes: signed.bytes, signature: signed.signature }.open().is_err());
}

#[test]
fn a_roster_is_bounded() {
    let owner = key(1);
    let mut roster = founded();
    for n in 1..limits::GRANTS_MAX as u64 {
        let mut bytes = [0xff; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        roster.grant(&owner, key(2).peer_id(), Role::Editor, GrantId(bytes), n).unwrap();
    }
    let one_more = roster.grant(&owner, key(3).peer_id(), Role::Editor, id(0xee), 0);
    assert_eq!(one_more, Err(RosterError::Full));
    assert!(roster.to_bytes().len() <= limits::ROSTER_BYTES_MAX);
    assert_eq!(Roster::from_bytes(&roster.to_bytes()), Ok(roster));
}

#[test]
fn an_actor_belongs_to_one_device_one_grant_and_one_run() {
    let actor = actor_id(key(1).peer_id(), id(1), 0);
    assert_eq!(actor, actor_id(key(1).peer_id(), id(1), 0));
    let others = [
        actor_id(key(2).peer_id(), id(1), 0),
        actor_id(key(1).peer_id(), id(2), 0),
        actor_id(key(1).peer_id(), id(1), 1),
    ];
    assert!(others.iter().all(|other| *other != actor));
}

fn some_grants() -> impl Strategy<Value = Vec<SignedGrant>> {
    let one = (2u8..6, any::<bool>(), 2u8..12, 0u64..5);
    prop::collection::vec(one, 0..12).prop_map(|grants| {
        let signed = grants.into_iter().map(|(device, edits, n, at)| {
            let role = if edits { Role::Editor } else { Role::Listener };
            SignedGrant::sign(&key(1), &grant(key(device).peer_id(), role, n, at))
        });
        signed.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_order_of_arrival_does_not_matter(grants in some_grants(), shuffled in any::<prop::sample::Index>()) {
        let mut forward = founded();
        for grant in &grants {
            forward.admit(grant.clone()).unwrap();
        }
        let mut turned = grants.clone();
        turned.reverse();
        if !turned.is_empty() {
            let middle = shuffled.index(turned.len());
            turned.rotate_left(middle);
        }
        let mut backward = founded();
        for grant in turned.iter().chain(&grants) {
            backward.admit(grant.clone()).unwrap();
        }
        prop_assert_eq!(&forward, &backward);
        prop_assert_eq!(forward.digest(), backward.digest());
        prop_assert_eq!(Roster::from_bytes(&forward.to_bytes()), Ok(forward));
    }

    #[test]
    fn any_bytes_are_a_roster_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Roster::from_bytes(&bytes).is_err());
        let junk = SignedGrant { bytes, signature: Signature([3; 64]) };
        prop_assert!(founded().admit(junk).is_err());
    }
}
