//! Personal monitoring: what one person hears, outside the mix that is shared.
//!
//! Shared and personal settings meet in one rule, [`Ears::hears`]:
//!
//! - what I mute is silent for me;
//! - what is muted for all is silent for me as well;
//! - while I solo anything, I hear exactly what I solo, and nobody's shared solo matters to me;
//! - otherwise, while anything is soloed for all, I hear what is soloed for all.
//!
//! Gains multiply. My volume comes after the master and its limiter where it attenuates and before the
//! limiter where it amplifies, so that turning up cannot overload my output.

use std::collections::BTreeMap;

use antiphon_model::{Gain, Song, Strip, TrackId};

/// One person's monitoring. The default changes nothing: it is the canonical mix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ears {
    /// My volume.
    pub volume: Gain,
    /// My settings for single tracks; tracks that are not listed have the defaults.
    pub tracks: BTreeMap<TrackId, TrackEars>,
}

/// One person's settings for one track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrackEars {
    /// Silent for me.
    pub mute: bool,
    /// While any of my solos is set, I hear only those.
    pub solo: bool,
    /// On top of the shared gain.
    pub gain: Gain,
}

/// Which solos are in force for one song and one person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Solos {
    mine: bool,
    shared: bool,
}

impl Ears {
    pub(crate) fn solos(&self, song: &Song) -> Solos {
        Solos {
            // A solo of a track that is gone must not silence the rest.
            mine: song.tracks.iter().any(|track| self.track(track.id).solo),
            shared: song.tracks.iter().any(|track| track.strip.solo),
        }
    }

    pub(crate) fn track(&self, id: TrackId) -> TrackEars {
        self.tracks.get(&id).copied().unwrap_or_default()
    }

    pub(crate) fn hears(&self, solos: Solos, id: TrackId, strip: Strip) -> bool {
        let mine = self.track(id);
        if mine.mute || strip.mute {
            false
        } else if solos.mine {
            mine.solo
        } else {
            !solos.shared || strip.solo
        }
    }
}
