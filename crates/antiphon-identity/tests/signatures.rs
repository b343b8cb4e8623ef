//! What a signature proves, and what it does not.

use antiphon_identity::{DeviceKey, Domain, PeerId, Signature, VerifyError};
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use ed25519_dalek::{Signer, SigningKey, Verifier};
use proptest::prelude::*;
use sha2::{Digest, Sha512};

const DOMAINS: [Domain; 5] = [Domain::Genesis, Domain::Grant, Domain::Change, Domain::Beat, Domain::Invite];

fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_seed(&[seed; 32])
}

#[test]
fn a_signature_for_one_purpose_means_nothing_for_another() {
    let key = key(1);
    for made in DOMAINS {
        let signature = key.sign(made, b"the same bytes");
        for checked in DOMAINS {
            let verdict = key.peer_id().verify(checked, b"the same bytes", &signature);
            assert_eq!(verdict.is_ok(), made == checked, "{made:?} as {checked:?}");
        }
    }
}

#[test]
fn a_domain_cannot_be_moved_into_the_bytes() {
    // A plain signature over what a domain's prefix and bytes spell together is the same thing; one whose
    // bytes merely begin with another domain's prefix is not.
    let plain = SigningKey::from_bytes(&[1; 32]);
    let spelled = plain.sign(b"antiphon/change/v1\0bytes").to_bytes();
    assert!(key(1).peer_id().verify(Domain::Change, b"bytes", &Signature(spelled)).is_ok());
    let nested = key(1).sign(Domain::Grant, b"antiphon/change/v1\0bytes");
    assert!(key(1).peer_id().verify(Domain::Change, b"bytes", &nested).is_err());
}

#[test]
fn another_key_did_not_sign() {
    let signature = key(1).sign(Domain::Change, b"bytes");
    assert_eq!(key(2).peer_id().verify(Domain::Change, b"bytes", &signature), Err(VerifyError::BadSignature));
}

#[test]
fn weak_keys_are_refused_whatever_they_signed() {
    // The eight points of small order, in every encoding that decodes: under the identity, plain
    // verification takes the signature (identity, 0) for any message at all.
    let mut identity = [0; 32];
    identity[0] = 1;
    let order_two = [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ];
    let order_four = [0; 32];
    let order_eight = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    let mut universal = [0; 64];
    universal[0] = 1;
    for weak in [identity, order_two, order_four, order_eight] {
        let verdict = PeerId(weak).verify(Domain::Change, b"anything", &Signature(universal));
        assert_eq!(verdict, Err(VerifyError::BadKey), "{weak:02x?}");
    }
    // That this is not idle: the library's plain verification takes it.
    let plain = ed25519_dalek::VerifyingKey::from_bytes(&identity).unwrap();
    assert!(plain.verify(b"anything", &ed25519_dalek::Signature::from_bytes(&universal)).is_ok());
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
    let signature = key(1).sign(Domain::Change, b"bytes");
    let not_a_point = PeerId([2; 32]);
    let no_keys = [not_a_point, PeerId([0xff; 32])];
    for peer in no_keys {
        assert!(peer.verify(Domain::Change, b"bytes", &signature).is_err());
    }
}

#[test]
fn a_signature_has_one_form() {
    // s + L is the same number modulo the group order; strict verification takes only the least.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut signature = key(1).sign(Domain::Change, b"bytes");
    let mut carry = 0;
    for (byte, order) in signature.0[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(key(1).peer_id().verify(Domain::Change, b"bytes", &signature), Err(VerifyError::BadSignature));
}

#[test]
fn a_signature_with_a_commitment_of_small_order_is_refused() {
    // Whoever holds the key can make one that plain verification takes: with R the identity, s = H(R, A, M)·a.
    // Such signatures are not bound to a nonce, and batch and single verification may disagree on them.
    let seed = [1; 32];
    let secret = Sha512::digest(seed);
    let scalar = Scalar::from_bytes_mod_order(clamp_integer(secret[..32].try_into().unwrap()));
    let peer = DeviceKey::from_seed(&seed).peer_id();
    let message = b"antiphon/change/v1\0bytes";
    let mut signature = [0; 64];
    signature[0] = 1;
    let hash =
        Sha512::new().chain_update(&signature[..32]).chain_update(peer.0).chain_update(message).finalize();
    let s = Scalar::from_bytes_mod_order_wide(&hash.into()) * scalar;
    signature[32..].copy_from_slice(s.as_bytes());
    let plain = ed25519_dalek::VerifyingKey::from_bytes(&peer.0).unwrap();
    assert!(plain.verify(message, &ed25519_dalek::Signature::from_bytes(&signature)).is_ok());
    assert_eq!(peer.verify(Domain::Change, b"bytes", &Signature(signature)), Err(VerifyError::BadSignature));
}

#[test]
fn a_secret_is_not_printed() {
    let text = format!("{:?}", key(7));
    assert!(!text.contains("0707") && !text.contains("[7"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_signed_verifies_and_nothing_else_does(
        seed in any::<[u8; 32]>(),
        bytes in prop::collection::vec(any::<u8>(), 1..200),
        flip in any::<prop::sample::Index>(),
    ) {
        let key = DeviceKey::from_seed(&seed);
        let signature = key.sign(Domain::Change, &bytes);
        prop_assert!(key.peer_id().verify(Domain::Change, &bytes, &signature).is_ok());
        let mut other = bytes.clone();
        other[flip.index(bytes.len())] ^= 1;
        prop_assert!(key.peer_id().verify(Domain::Change, &other, &signature).is_err());
        let mut wrong = signature;
        wrong.0[flip.index(64)] ^= 1;
        prop_assert!(key.peer_id().verify(Domain::Change, &bytes, &wrong).is_err());
    }

    #[test]
    fn the_text_of_a_peer_id_leads_back_to_it(bytes in any::<[u8; 32]>()) {
        let peer = PeerId(bytes);
        prop_assert_eq!(peer.to_string().parse::<PeerId>(), Ok(peer));
    }

    #[test]
    fn other_text_is_no_peer_id(text in "\\PC{0,80}") {
        prop_assume!(!(text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())));
        prop_assert!(text.parse::<PeerId>().is_err());
    }
}
