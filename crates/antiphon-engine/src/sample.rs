//! Decoded samples, shared by plans and voices.

use std::{collections::BTreeMap, sync::Arc};

use antiphon_model::SampleId;

/// Decoded sound at 48 kHz.
#[derive(Clone, PartialEq)]
pub struct SampleData {
    /// 1 or 2; other counts are silent.
    pub channels: u8,
    /// Interleaved frames, finite values.
    pub frames: Box<[f32]>,
}

/// The samples that are here, by id. A track whose sample is missing is silent until a plan has it.
pub type SamplePool = BTreeMap<SampleId, Arc<SampleData>>;

impl SampleData {
    /// Whole frames in the sample.
    pub fn len(&self) -> usize {
        match self.channels {
            1 | 2 => self.frames.len() / usize::from(self.channels),
            _ => 0,
        }
    }

    /// Is there nothing to play?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Debug for SampleData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SampleData").field("channels", &self.channels).field("frames", &self.len()).finish()
    }
}
