//! Samples between store, peers and memory. Reading and decoding run beside the loop.

use std::sync::Arc;

use antiphon_engine::SampleData;
use antiphon_media::BlobError;
use antiphon_model::{SampleId, SessionId};
use antiphon_peer::Input;
use antiphon_store::FileError;
use tokio::task::spawn_blocking;

use crate::{ask::Ask, node::Node};

/// Why a stored sample cannot be played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SampleError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Decodes every stored sample of the open song that is not in memory yet, and asks peers for the others.
pub(crate) fn load_missing(node: &mut Node) {
    for sample in node.sound.missing_samples() {
        if !node.store.has_blob(sample) {
            node.input(Input::BlobMissing { sample });
        } else if node.decoding.insert(sample) {
            load(node, sample);
        }
    }
}

fn load(node: &Node, sample: SampleId) {
    let (store, asks) = (node.store.clone(), node.asks.clone());
    spawn_blocking(move || {
        let decoded = match store.blob(sample) {
            Ok(Some(bytes)) => decode(&bytes),
            Ok(None) => return,
            Err(error) => Err(error.into()),
        };
        match decoded {
            Ok(data) => drop(asks.blocking_send(Ask::Sample { sample, data })),
            Err(error) => tracing::error!(%sample, %error, "a stored sample cannot be played"),
        }
    });
}

/// The sound of a stored sample.
pub(crate) fn decode(blob: &[u8]) -> Result<Arc<SampleData>, SampleError> {
    let (channels, frames) = antiphon_media::decode_blob(blob)?;
    Ok(Arc::new(SampleData { channels, frames: frames.into() }))
}

/// A peer asks for a sample's bytes.
pub(crate) fn read_blob(node: &Node, session: SessionId, sample: SampleId) {
    let (store, asks) = (node.store.clone(), node.asks.clone());
    spawn_blocking(move || {
        let bytes = store.blob(sample).unwrap_or_else(|error| {
            tracing::error!(%sample, %error, "a stored sample cannot be read");
            None
        });
        let _ = asks.blocking_send(Ask::Blob { session, sample, bytes });
    });
}

/// A sample arrived from a peer: stores it, then plays it.
pub(crate) fn keep_blob(node: &mut Node, sample: SampleId, bytes: Vec<u8>) {
    if !node.decoding.insert(sample) {
        return;
    }
    let (store, asks) = (node.store.clone(), node.asks.clone());
    spawn_blocking(move || {
        if let Err(error) = store.put_blob(&bytes) {
            tracing::error!(%sample, %error, "a sample that arrived was not stored");
        }
        match decode(&bytes) {
            Ok(data) => drop(asks.blocking_send(Ask::Sample { sample, data })),
            Err(error) => tracing::warn!(%sample, %error, "a sample that arrived cannot be played"),
        }
    });
}
