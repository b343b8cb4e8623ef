//! The trim of the output that is open, set by what a handshake found.

use std::time::Duration;

use crate::{
    ask::{Answer, Ask},
    error::NodeError,
    handle::NodeHandle,
    node::Node,
    settings,
};

/// How long an output that is being opened is waited for.
const OPENING_PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An output whose trim was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trimmed {
    pub output: String,
    /// What it is now.
    pub trim_ns: i64,
}

impl NodeHandle {
    /// Adds to the trim of the open output, and keeps it.
    pub async fn adjust_trim(&self, add_ns: i64) -> Result<Trimmed, NodeError> {
        // It is about to be open, or it is not going to be.
        let settled = async {
            while self.snapshot().await?.audio.is_some_and(|audio| !audio.is_settled) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Ok::<_, NodeError>(())
        };
        tokio::time::timeout(OPENING_PATIENCE, settled).await.map_err(|_| NodeError::NoOutput)??;
        self.ask(|answer| Ask::AdjustTrim { add_ns, answer }).await?
    }
}

impl Node {
    /// Answers an [`Ask::AdjustTrim`].
    pub(crate) fn adjust_trim(&self, add_ns: i64, answer: Answer<Result<Trimmed, NodeError>>) {
        let status = self.sound.status();
        let trimmed = status.id.ok_or(NodeError::NoOutput).and_then(|id| {
            let trim_ns = settings::trim_ns(&self.store, &id).saturating_add(add_ns);
            self.sound.set_trim_ns(trim_ns)?;
            Ok(Trimmed { output: status.name, trim_ns })
        });
        let _ = answer.send(trimmed);
    }
}
