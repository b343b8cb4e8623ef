//! This device's metronome and its count-in, kept in the store; and the tempo that is tapped here.

use antiphon_engine::Metronome;
use antiphon_model::{Edit, Gain};
use antiphon_store::Store;
use antiphon_timeline::Tempo;
use serde::{Deserialize, Serialize};

use crate::{
    ask::Ask,
    error::NodeError,
    event::NodeEvent,
    handle::NodeHandle,
    node::Node,
    settings::{self, METRONOME},
};

/// Bars that are counted in at most: with more, nobody waits.
pub const COUNT_IN_BARS_MAX: u8 = 8;

/// How this device keeps time for its own person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counting {
    /// What clicks while the music plays.
    pub metronome: Metronome,
    /// Bars counted in when I press play; everybody hears them.
    pub count_in_bars: u8,
}

#[derive(Serialize, Deserialize)]
struct StoredCounting {
    on: bool,
    volume: i16,
    count_in_bars: u8,
}

impl Counting {
    /// As it is kept; what cannot be read is as good as nothing.
    pub(crate) fn stored(store: &Store) -> Self {
        let bytes = store.setting(METRONOME).ok().flatten();
        let stored: Option<StoredCounting> = bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok());
        stored.map_or_else(Self::default, |stored| Self {
            metronome: Metronome { on: stored.on, volume: Gain::clamped(stored.volume.into()) },
            count_in_bars: stored.count_in_bars.min(COUNT_IN_BARS_MAX),
        })
    }

    fn keep(self, store: &Store) {
        let Self { metronome: Metronome { on, volume }, count_in_bars } = self;
        let stored = StoredCounting { on, volume: volume.get(), count_in_bars };
        if let Ok(bytes) = postcard::to_stdvec(&stored) {
            settings::keep(store, METRONOME, &bytes);
        }
    }
}

impl NodeHandle {
    /// How this device keeps time.
    pub fn counting(&self) -> Counting {
        Counting::stored(&self.store)
    }

    /// Keeps time so from now on, also after a restart.
    pub async fn set_counting(&self, counting: Counting) -> Result<(), NodeError> {
        self.ask(|answer| Ask::SetCounting(counting, answer)).await
    }

    /// A tap on the beat. From the third on it sets the session's tempo, which is given back.
    pub async fn tap(&self) -> Result<Option<Tempo>, NodeError> {
        let tapped = self.ask(Ask::Tap).await?;
        if let Some(tempo) = tapped {
            match self.edit(Edit::SetTempo { tempo, ramp_ns: 0 }).await {
                Err(NodeError::Command(error)) if error.is_unchanged() => {}
                outcome => drop(outcome?),
            }
        }
        Ok(tapped)
    }
}

impl Node {
    pub(crate) fn set_counting(&mut self, counting: Counting) {
        counting.keep(&self.store);
        self.sound.set_metronome(counting.metronome);
        self.tell(NodeEvent::Metronome);
    }
}
