//! What a change touched, so that only that is repaired, compiled and drawn again.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_model::{PatternId, TrackId};

/// The parts of a song that a change reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Name, tempo, swing or master gain of the session.
    pub song: bool,
    /// The samples the session refers to, or which of them a track uses.
    pub samples: bool,
    /// Operations of the timeline.
    pub transport: bool,
    /// Tracks of which more than steps changed: also those that came, went or moved.
    pub tracks: BTreeSet<TrackId>,
    /// Steps that changed, by their pattern.
    pub steps: BTreeMap<(TrackId, PatternId), BTreeSet<u16>>,
}

impl Touched {
    /// Did nothing change?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Did the song itself change (rather than only the transport)?
    pub fn reaches_song(&self) -> bool {
        self.song || self.samples || !self.tracks.is_empty() || !self.steps.is_empty()
    }

    /// Every track that changed in any way.
    pub fn all_tracks(&self) -> BTreeSet<TrackId> {
        self.tracks.iter().copied().chain(self.steps.keys().map(|(track, _)| *track)).collect()
    }

    /// What either touched.
    pub fn merge(&mut self, other: Self) {
        self.song |= other.song;
        self.samples |= other.samples;
        self.transport |= other.transport;
        self.tracks.extend(other.tracks);
        for (pattern, steps) in other.steps {
            self.steps.entry(pattern).or_default().extend(steps);
        }
    }
}
