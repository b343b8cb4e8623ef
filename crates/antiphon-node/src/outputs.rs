//! The audio outputs that can be chosen, each with its own trim.

use tokio::task::spawn_blocking;

use crate::{error::NodeError, handle::NodeHandle, settings};

/// An output that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputChoice {
    pub id: String,
    pub name: String,
    pub chosen: bool,
    pub trim_ns: i64,
}

impl NodeHandle {
    /// The outputs of this machine. Asking the sound server may take a moment.
    pub async fn outputs(&self) -> Result<Vec<OutputChoice>, NodeError> {
        let store = self.store.clone();
        let list = move || {
            let chosen = settings::output(&store);
            let choice = |output: antiphon_audio_io::OutputInfo| OutputChoice {
                chosen: chosen.as_ref().map_or(output.is_default, |chosen| *chosen == output.id),
                // The trim of the default output is kept under no name: it is whatever the system plays through.
                trim_ns: settings::trim_ns(&store, chosen.is_some().then_some(output.id.as_str())),
                id: output.id,
                name: output.name,
            };
            antiphon_audio_io::outputs().into_iter().map(choice).collect()
        };
        spawn_blocking(list).await.map_err(|_| NodeError::TaskEnded)
    }
}
