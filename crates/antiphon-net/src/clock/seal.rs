//! Sealed datagrams: who they are for in the open, what they say under ChaCha20-Poly1305.
//!
//! ```text
//! u8 version = 1 | u8 kind | u32 mailbox | u64 counter | sealed content | 16 bytes of tag     little endian
//! kind  0 clock packet    1 probe, empty    2 answer to a probe, empty
//! ```
//! Each direction of each link has a key of its own: `BLAKE3-derive("antiphon clock datagrams v1", sender's
//! secret ‖ receiver's ‖ sender's id ‖ receiver's ‖ link number)`. Both sides bring fresh randomness, so neither
//! can make the other use a key twice. The counter is the nonce: it starts at 1 and only rises. The header and
//! both ids are bound in as associated data, so a datagram means something in its place only.

use antiphon_identity::PeerId;
use chacha20poly1305::{AeadInPlace, ChaCha20Poly1305, KeyInit, Nonce, Tag};

use super::{
    offer::{Mailbox, Secret},
    replay::ReplayWindow,
};
use crate::frame::LinkNumber;

const VERSION: u8 = 1;
const KEY_CONTEXT: &str = "antiphon clock datagrams v1";
pub(crate) const HEADER_BYTES: usize = 14;
pub(crate) const TAG_BYTES: usize = 16;

/// What a datagram carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A packet of the clock.
    Packet,
    /// "Does this way work?"
    Probe,
    /// "It does."
    Answer,
}

impl Kind {
    fn code(self) -> u8 {
        match self {
            Self::Packet => 0,
            Self::Probe => 1,
            Self::Answer => 2,
        }
    }

    fn of(code: u8) -> Option<Self> {
        [Self::Packet, Self::Probe, Self::Answer].into_iter().find(|kind| kind.code() == code)
    }
}

/// The part of a datagram that is not secret. It is believed only once the tag has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) mailbox: Mailbox,
    pub(crate) counter: u64,
}

impl Header {
    fn encode(&self) -> [u8; HEADER_BYTES] {
        let [a, b, c, d] = self.mailbox.0.to_le_bytes();
        let [s, t, u, v, w, x, y, z] = self.counter.to_le_bytes();
        [VERSION, self.kind.code(), a, b, c, d, s, t, u, v, w, x, y, z]
    }

    /// The header, and what is sealed. `None` for what can be no datagram of ours.
    pub(crate) fn split(datagram: &mut [u8]) -> Option<(Self, &mut [u8])> {
        let (header, sealed) = datagram.split_first_chunk_mut::<HEADER_BYTES>()?;
        let [version, kind, a, b, c, d, counter @ ..] = *header;
        let (kind, mailbox) = (Kind::of(kind)?, Mailbox(u32::from_le_bytes([a, b, c, d])));
        let counter = u64::from_le_bytes(counter);
        (version == VERSION && sealed.len() >= TAG_BYTES).then_some((Self { kind, mailbox, counter }, sealed))
    }
}

/// Who sends to whom on which link, with the secrets both brought.
pub(crate) struct Direction {
    pub(crate) sender: (PeerId, Secret),
    pub(crate) receiver: (PeerId, Secret),
    pub(crate) link: LinkNumber,
}

/// One direction's key with the ids it is bound to.
struct DirectionKey {
    cipher: ChaCha20Poly1305,
    sender: PeerId,
    receiver: PeerId,
}

impl DirectionKey {
    fn new(Direction { sender, receiver, link }: &Direction) -> Self {
        let number = link.0.to_le_bytes();
        let material: [&[u8]; 5] = [&sender.1.0, &receiver.1.0, &sender.0.0, &receiver.0.0, &number];
        let key = blake3::derive_key(KEY_CONTEXT, &material.concat());
        let cipher = ChaCha20Poly1305::new(&key.into());
        Self { cipher, sender: sender.0, receiver: receiver.0 }
    }

    fn bound_data(&self, header: &Header) -> [u8; HEADER_BYTES + 64] {
        let mut data = [0; HEADER_BYTES + 64];
        let parts = header.encode().into_iter().chain(self.sender.0).chain(self.receiver.0);
        data.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
        data
    }
}

fn nonce(counter: u64) -> Nonce {
    let [s, t, u, v, w, x, y, z] = counter.to_le_bytes();
    [0, 0, 0, 0, s, t, u, v, w, x, y, z].into()
}

/// Seals what we send on one link.
pub(crate) struct Sealer {
    key: DirectionKey,
    mailbox: Mailbox,
    counter: u64,
}

impl Sealer {
    /// `mailbox` is the receiver's.
    pub(crate) fn new(direction: &Direction, mailbox: Mailbox) -> Self {
        Self { key: DirectionKey::new(direction), mailbox, counter: 0 }
    }

    /// Writes the whole datagram into `out`, which keeps its memory from one to the next. False when it cannot
    /// be sealed: the counter is used up, which no link lives to see.
    pub(crate) fn seal(&mut self, kind: Kind, content: &[u8], out: &mut Vec<u8>) -> bool {
        let Some(counter) = self.counter.checked_add(1) else { return false };
        self.counter = counter;
        let header = Header { kind, mailbox: self.mailbox, counter };
        out.clear();
        out.extend(header.encode());
        out.extend(content);
        let Some((_, sealed)) = out.split_first_chunk_mut::<HEADER_BYTES>() else { return false };
        let data = self.key.bound_data(&header);
        let Ok(tag) = self.key.cipher.encrypt_in_place_detached(&nonce(counter), &data, sealed) else {
            return false;
        };
        out.extend(tag);
        true
    }
}

/// Why a datagram was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Its tag is wrong: nobody with the key made it for this place.
    Forged,
    /// It has been here before, or is too old to know.
    Replayed,
}

/// A datagram that the peer made for us, for the first time here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened<'a> {
    pub(crate) kind: Kind,
    pub(crate) content: &'a [u8],
    /// Whether no newer one has come before it.
    pub(crate) newest: bool,
}

/// Opens what comes on one link.
pub(crate) struct Opener {
    key: DirectionKey,
    window: ReplayWindow,
}

impl Opener {
    pub(crate) fn new(direction: &Direction) -> Self {
        Self { key: DirectionKey::new(direction), window: ReplayWindow::default() }
    }

    /// Checks, decrypts in place and notes the counter. A datagram that is refused changes nothing.
    pub(crate) fn open<'a>(&mut self, header: &Header, sealed: &'a mut [u8]) -> Result<Opened<'a>, Refused> {
        if !self.window.is_fresh(header.counter) {
            return Err(Refused::Replayed);
        }
        let (content, tag) = sealed.split_last_chunk_mut::<TAG_BYTES>().ok_or(Refused::Forged)?;
        let (tag, data) = (Tag::from(*tag), self.key.bound_data(header));
        self.key
            .cipher
            .decrypt_in_place_detached(&nonce(header.counter), &data, content, &tag)
            .map_err(|_| Refused::Forged)?;
        let newest = self.window.take(header.counter);
        Ok(Opened { kind: header.kind, content, newest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADA: PeerId = PeerId([1; 32]);
    const BO: PeerId = PeerId([2; 32]);

    fn direction() -> Direction {
        Direction { sender: (ADA, Secret([3; 32])), receiver: (BO, Secret([4; 32])), link: LinkNumber(5) }
    }

    fn pair() -> (Sealer, Opener) {
        (Sealer::new(&direction(), Mailbox(77)), Opener::new(&direction()))
    }

    fn sealed(sealer: &mut Sealer, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        assert!(sealer.seal(Kind::Packet, content, &mut out));
        out
    }

    fn open(opener: &mut Opener, datagram: &[u8]) -> Option<Result<Vec<u8>, Refused>> {
        let mut datagram = datagram.to_vec();
        let (header, sealed) = Header::split(&mut datagram)?;
        Some(opener.open(&header, sealed).map(|opened| opened.content.to_vec()))
    }

    #[test]
    fn what_is_sealed_opens_once() {
        let (mut sealer, mut opener) = pair();
        let datagram = sealed(&mut sealer, b"time");
        assert_eq!(datagram.len(), HEADER_BYTES + 4 + TAG_BYTES);
        assert!(!datagram.windows(4).any(|bytes| bytes == b"time"));
        assert_eq!(open(&mut opener, &datagram), Some(Ok(b"time".to_vec())));
        assert_eq!(open(&mut opener, &datagram), Some(Err(Refused::Replayed)));
    }

    #[test]
    fn a_datagram_opens_on_its_own_link_and_in_its_own_direction_only() {
        let elsewhere = [
            Direction { link: LinkNumber(6), ..direction() },
            Direction { sender: (ADA, Secret([9; 32])), ..direction() },
            Direction { receiver: (BO, Secret([9; 32])), ..direction() },
            Direction { sender: (PeerId([9; 32]), Secret([3; 32])), ..direction() },
            Direction { sender: direction().receiver, receiver: direction().sender, ..direction() },
        ];
        for direction in &elsewhere {
            let datagram = sealed(&mut pair().0, b"time");
            assert_eq!(open(&mut Opener::new(direction), &datagram), Some(Err(Refused::Forged)));
        }
    }

    #[test]
    fn a_forgery_does_not_use_up_the_counter_of_the_true_one() {
        let (mut sealer, mut opener) = pair();
        let datagram = sealed(&mut sealer, b"time");
        let mut forged = datagram.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(open(&mut opener, &forged), Some(Err(Refused::Forged)));
        assert_eq!(open(&mut opener, &datagram), Some(Ok(b"time".to_vec())));
    }

    #[test]
    fn the_format_of_version_1_stays() {
        // The first datagram of a link, byte for byte: a change here is a new version.
        let datagram = sealed(&mut pair().0, b"time");
        assert_eq!(datagram[..HEADER_BYTES], [1, 0, 77, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        let hex: String = datagram[HEADER_BYTES..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "4699465a11b00de127924e91f4a71f5a18649ee0");
    }

    proptest! {
        #[test]
        fn no_changed_byte_gets_through(content: [u8; 20], index in 0_usize..50, flip in 1_u8..) {
            let (mut sealer, mut opener) = pair();
            let mut datagram = sealed(&mut sealer, &content);
            datagram[index] ^= flip;
            // A changed counter may look too old; everything else is malformed or forged.
            prop_assert!(!matches!(open(&mut opener, &datagram), Some(Ok(_))));
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!matches!(open(&mut pair().1, &bytes), Some(Ok(_))));
        }
    }
}
