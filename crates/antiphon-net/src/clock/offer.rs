//! What one side of a link offers for datagrams: its port and its half of the keys.
//!
//! ```text
//! u8 version = 1 | u8 0 | u16 port | u32 mailbox | 32 bytes of secret        little endian
//! ```
//! It is the first frame on the clock's stream, which is authenticated and encrypted. A side without a socket
//! sends none, and the stream carries the clock.

use std::fmt;

const VERSION: u8 = 1;
/// Bytes of an offer.
pub(crate) const OFFER_BYTES: usize = 40;

/// Fresh random bytes of one side of one link; a direction's key is made of both sides'.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) [u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The number by which a receiver finds a datagram's link, whatever address it comes from. The receiver draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mailbox(pub(crate) u32);

/// One side's offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Where its socket listens, at the address that the link itself goes to. Never 0.
    pub(crate) port: u16,
    pub(crate) mailbox: Mailbox,
    pub(crate) secret: Secret,
}

impl Offer {
    pub(crate) fn encode(&self) -> [u8; OFFER_BYTES] {
        let mut bytes = [0; OFFER_BYTES];
        let parts = [&[VERSION, 0][..], &self.port.to_le_bytes(), &self.mailbox.0.to_le_bytes()];
        let places = bytes.iter_mut().zip(parts.concat().into_iter().chain(self.secret.0));
        places.for_each(|(place, byte)| *place = byte);
        bytes
    }

    /// Reads what [`Self::encode`] writes and nothing else.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<2>()?;
        let (port, rest) = rest.split_first_chunk()?;
        let (mailbox, rest) = rest.split_first_chunk()?;
        let secret = Secret(rest.try_into().ok()?);
        let port = u16::from_le_bytes(*port);
        let mailbox = Mailbox(u32::from_le_bytes(*mailbox));
        (*head == [VERSION, 0] && port != 0).then_some(Self { port, mailbox, secret })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn anything_but_an_offer_of_this_version_is_refused() {
        let good = Offer { port: 4002, mailbox: Mailbox(7), secret: Secret([9; 32]) }.encode();
        assert!(Offer::decode(&good).is_some());
        let with = |index: usize, value: u8| {
            let mut bytes = good;
            bytes[index] = value;
            Offer::decode(&bytes)
        };
        assert_eq!(with(0, 2), None, "another version");
        assert_eq!(with(1, 1), None, "a filled reserve");
        assert_eq!(Offer::decode(&[&good[..2], &[0, 0], &good[4..]].concat()), None, "no port");
        assert_eq!(Offer::decode(&good[..39]), None);
        assert_eq!(Offer::decode(&[&good[..], &[0]].concat()), None);
    }

    #[test]
    fn a_secret_is_not_written_to_logs() {
        let offer = Offer { port: 1, mailbox: Mailbox(2), secret: Secret([0xab; 32]) };
        assert!(!format!("{offer:?}").contains("171"));
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(port in 1_u16.., mailbox: u32, secret: [u8; 32]) {
            let offer = Offer { port, mailbox: Mailbox(mailbox), secret: Secret(secret) };
            prop_assert_eq!(Offer::decode(&offer.encode()), Some(offer));
        }

        #[test]
        fn decoding_any_bytes_is_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(offer) = Offer::decode(&bytes) {
                prop_assert_eq!(offer.encode().to_vec(), bytes);
            }
        }

        #[test]
        fn decoding_an_offer_with_one_byte_changed_is_exact(index in 0_usize..OFFER_BYTES, value: u8) {
            let mut bytes = Offer { port: 9, mailbox: Mailbox(1), secret: Secret([3; 32]) }.encode();
            bytes[index] = value;
            if let Some(offer) = Offer::decode(&bytes) {
                prop_assert_eq!(offer.encode(), bytes);
            }
        }
    }
}
