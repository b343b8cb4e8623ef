//! libp2p's errors in words that help a person.

use std::{error::Error, io};

use libp2p::{core::transport::TransportError, swarm::DialError};

use crate::event::DialFailure;

impl From<&DialError> for DialFailure {
    fn from(error: &DialError) -> Self {
        match error {
            // The swarm takes our own listening addresses out of every dial; nothing else is.
            DialError::LocalPeerId { .. } | DialError::NoAddresses => Self::Myself,
            DialError::WrongPeerId { .. } => Self::OtherPeer,
            DialError::Denied { .. } | DialError::Aborted => Self::TooMany,
            DialError::Transport(errors) => match errors.last() {
                Some((_, TransportError::Other(error))) => Self::of_transport(error),
                Some((_, error)) => Self::Other(error.to_string()),
                None => Self::NoAnswer,
            },
            other => Self::Other(other.to_string()),
        }
    }
}

impl DialFailure {
    fn of_transport(error: &io::Error) -> Self {
        // libp2p wraps the system's error several times; the innermost known kind says the most.
        let known =
            causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).find_map(|io| {
                match io.kind() {
                    io::ErrorKind::ConnectionRefused => Some(Self::Refused),
                    io::ErrorKind::TimedOut => Some(Self::NoAnswer),
                    io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                        Some(Self::Unreachable)
                    }
                    io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::InvalidData
                    | io::ErrorKind::ConnectionReset => Some(Self::NotAntiphon),
                    _ => None,
                }
            });
        known.unwrap_or_else(|| Self::of_words(error))
    }

    /// Some layers keep only the words of the error below.
    fn of_words(error: &io::Error) -> Self {
        let words = causes(error).map(|cause| cause.to_string()).collect::<Vec<_>>().join(": ");
        let lower = words.to_lowercase();
        if lower.contains("timeout") || lower.contains("timed out") {
            Self::NoAnswer
        } else if lower.contains("refused") {
            Self::Refused
        } else if lower.contains("handshake") || lower.contains("negotiation") {
            Self::NotAntiphon
        } else {
            Self::Other(words)
        }
    }
}

/// An error and what caused it. An `io::Error` that wraps another hides it from `source`, so ask both ways.
fn causes<'a>(error: &'a io::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}
