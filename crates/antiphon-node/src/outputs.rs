//! The audio outputs that can be chosen, and the trim of each.

use std::sync::Arc;

use antiphon_audio_io::{OutputInfo, TrimOutOfRange, Trims};
use antiphon_store::Store;
use tokio::task::spawn_blocking;

use crate::{ask::Answer, error::NodeError, event::NodeEvent, handle::NodeHandle, node::Node, settings};

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
            let choice = |output: OutputInfo| OutputChoice {
                chosen: chosen.as_ref().map_or(output.is_default, |chosen| *chosen == output.id),
                trim_ns: settings::trim_ns(&store, &output.id),
                id: output.id,
                name: output.name,
            };
            antiphon_audio_io::outputs().into_iter().map(choice).collect()
        };
        spawn_blocking(list).await.map_err(|_| NodeError::TaskEnded)
    }
}

/// Trims among the settings of this device.
pub(crate) struct StoredTrims(pub(crate) Arc<Store>);

impl Trims for StoredTrims {
    fn trim_ns(&self, output_id: &str) -> i64 {
        settings::trim_ns(&self.0, output_id)
    }

    fn keep(&self, output_id: &str, trim_ns: i64) {
        settings::keep_trim_ns(&self.0, output_id, trim_ns);
    }
}

/// What the loop remembers of its output between two ticks.
#[derive(Default)]
pub(crate) struct OutputWatch {
    lost: Option<String>,
    id: Option<String>,
    /// Who waits for an output to be open.
    waiting: Vec<Answer<Result<(), NodeError>>>,
}

impl Node {
    /// Chooses an output, and sets its trim. Whoever asked is answered once it is open, or cannot be.
    pub(crate) fn set_output(
        &mut self,
        output: Option<String>,
        trim_ns: Option<i64>,
        answer: Answer<Result<(), NodeError>>,
    ) {
        if output != settings::output(&self.store) {
            settings::keep_output(&self.store, output.as_deref());
            self.sound.choose_output(output);
        }
        let trimmed: Result<(), TrimOutOfRange> =
            trim_ns.map_or(Ok(()), |trim_ns| self.sound.set_trim_ns(trim_ns));
        match trimmed {
            Ok(()) => self.output.waiting.push(answer),
            Err(error) => drop(answer.send(Err(error.into()))),
        }
    }

    /// Another output, or none, is told of once; the music goes on in silence until there is one again.
    pub(crate) fn watch_output(&mut self) {
        let status = self.sound.status();
        if status.is_settled {
            let waiting = std::mem::take(&mut self.output.waiting);
            for answer in waiting {
                let _ = answer.send(Ok(()));
                self.tell(NodeEvent::Audio);
            }
        }
        if (&status.lost, &status.id) != (&self.output.lost, &self.output.id) {
            (self.output.lost, self.output.id) = (status.lost, status.id);
            self.tell(NodeEvent::Audio);
        }
    }
}
