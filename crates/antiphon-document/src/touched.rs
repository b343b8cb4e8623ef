//! What a change touched, so that only that is repaired, compiled and drawn again.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_model::{NoteId, PatternId, TrackId};

/// The parts of a song that a change reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// A value of the session itself: name, tempo, swing, groove, seed, fill, mode, master gain.
    pub song: bool,
    /// The samples the session refers to, or which of them a track uses.
    pub samples: bool,
    /// Operations of the timeline.
    pub transport: bool,
    /// The scenes.
    pub scenes: bool,
    /// The links of the chain.
    pub chain: bool,
    /// Tracks of which more than steps and notes changed: also those that came, went or moved.
    pub tracks: BTreeSet<TrackId>,
    /// Of those, the tracks that came whole, or in another's place: nothing known of them holds.
    pub new_tracks: BTreeSet<TrackId>,
    /// Patterns of those tracks that came, went, or of which more than steps and notes changed.
    pub patterns: BTreeSet<(TrackId, PatternId)>,
    /// Steps that changed, or their chord notes or locks, by their pattern.
    pub steps: BTreeMap<(TrackId, PatternId), BTreeSet<u16>>,
    /// By how many ticks an edit missed the bar that it was to wait for, when one did: the most.
    pub late: Option<i64>,
    /// Free notes that changed, by their pattern.
    pub notes: BTreeMap<(TrackId, PatternId), BTreeSet<NoteId>>,
}

impl Touched {
    /// Did nothing change?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Did the song itself change (rather than only the transport)?
    pub fn reaches_song(&self) -> bool {
        let Self { song, samples, scenes, chain, .. } = *self;
        let in_a_track = !self.tracks.is_empty() || !self.steps.is_empty() || !self.notes.is_empty();
        song || samples || scenes || chain || in_a_track
    }

    /// Every track that changed in any way.
    pub fn all_tracks(&self) -> BTreeSet<TrackId> {
        let patterns = self.steps.keys().chain(self.notes.keys());
        self.tracks.iter().copied().chain(patterns.map(|(track, _)| *track)).collect()
    }

    /// Is the pattern to be read anew, whatever of it changed?
    pub(crate) fn whole_pattern(&self, track: TrackId, pattern: PatternId) -> bool {
        self.new_tracks.contains(&track) || self.patterns.contains(&(track, pattern))
    }

    /// What either touched.
    pub fn merge(&mut self, other: Self) {
        self.song |= other.song;
        self.samples |= other.samples;
        self.transport |= other.transport;
        self.late = self.late.max(other.late);
        self.scenes |= other.scenes;
        self.chain |= other.chain;
        self.tracks.extend(other.tracks);
        self.new_tracks.extend(other.new_tracks);
        self.patterns.extend(other.patterns);
        for (pattern, steps) in other.steps {
            self.steps.entry(pattern).or_default().extend(steps);
        }
        for (pattern, notes) in other.notes {
            self.notes.entry(pattern).or_default().extend(notes);
        }
    }
}
