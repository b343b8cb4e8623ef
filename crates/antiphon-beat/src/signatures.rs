//! Who signed a beat's manifest.

use antiphon_identity::{Domain, PeerId, Signature};
use serde::{Deserialize, Serialize};

use crate::{canonical, error::OpenBeatError, manifest::Author};

const ENTRY: &str = "signatures";
const FORMAT: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Wire {
    /// Key and both halves of its signature, in ascending order of the keys.
    signatures: Vec<([u8; 32], [u8; 32], [u8; 32])>,
}

pub(crate) fn to_bytes(signatures: &[(PeerId, Signature)]) -> Vec<u8> {
    let wire = |(peer, signature): &(PeerId, Signature)| {
        let (mut low, mut high) = ([0; 32], [0; 32]);
        low.copy_from_slice(&signature.0[..32]);
        high.copy_from_slice(&signature.0[32..]);
        (peer.0, low, high)
    };
    canonical::encode(FORMAT, &Wire { signatures: signatures.iter().map(wire).collect() })
}

/// The signatures of these bytes: each holds over `manifest`, and exactly the authors have signed.
pub(crate) fn verify(
    bytes: &[u8],
    manifest: &[u8],
    authors: &[Author],
) -> Result<Vec<(PeerId, Signature)>, OpenBeatError> {
    let wire: Wire = canonical::decode(ENTRY, FORMAT, bytes)?;
    let mut named: Vec<PeerId> = authors.iter().map(|author| author.peer).collect();
    named.sort_unstable();
    let signers = wire.signatures.iter().map(|(peer, ..)| PeerId(*peer));
    // Equal lists in ascending order without doubles: nobody is missing, added or there twice.
    if named.windows(2).any(|pair| pair[0] == pair[1]) || !signers.eq(named.iter().copied()) {
        return Err(OpenBeatError::WrongSigners { authors: named.len(), signers: wire.signatures.len() });
    }
    wire.signatures
        .into_iter()
        .map(|(peer, low, high)| {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&low);
            signature[32..].copy_from_slice(&high);
            let (peer, signature) = (PeerId(peer), Signature(signature));
            peer.verify(Domain::Beat, manifest, &signature)
                .map_err(|source| OpenBeatError::BadSignature { peer, source })?;
            Ok((peer, signature))
        })
        .collect()
}
