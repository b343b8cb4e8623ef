//! Our peer id is the public key itself; libp2p's wraps the same key in a multihash. Both ways are exact.

use antiphon_identity::PeerId;

/// Identity multihash of 36 bytes: a protobuf `PublicKey` of type Ed25519 with 32 bytes of key.
const PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// The peer that libp2p means, unless its key is of another kind than ours.
pub(crate) fn from_libp2p(peer: &libp2p::PeerId) -> Option<PeerId> {
    let bytes = peer.to_bytes();
    let key = bytes.strip_prefix(&PREFIX)?;
    Some(PeerId(key.try_into().ok()?))
}

/// libp2p's name of a peer.
pub(crate) fn to_libp2p(peer: PeerId) -> libp2p::PeerId {
    let bytes: Vec<u8> = PREFIX.iter().chain(&peer.0).copied().collect();
    libp2p::PeerId::from_bytes(&bytes).expect("the prefix makes a well-formed identity multihash")
}

/// The transport's key pair of a device seed.
pub(crate) fn keypair(mut seed: [u8; 32]) -> libp2p::identity::Keypair {
    // The constructor clears the array that it is given.
    libp2p::identity::Keypair::ed25519_from_bytes(&mut seed).expect("any 32 bytes are an ed25519 seed")
}

#[cfg(test)]
mod tests {
    use antiphon_identity::DeviceKey;

    use super::*;

    #[test]
    fn both_names_of_a_key_convert_exactly() {
        for n in 0..32 {
            let seed = [n; 32];
            let ours = DeviceKey::from_seed(&seed).peer_id();
            let theirs = keypair(seed).public().to_peer_id();
            assert_eq!(to_libp2p(ours), theirs);
            assert_eq!(from_libp2p(&theirs), Some(ours));
        }
    }

    #[test]
    fn a_hashed_peer_id_is_not_one_of_ours() {
        let hashed: libp2p::PeerId = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N".parse().unwrap();
        assert_eq!(from_libp2p(&hashed), None);
    }
}
