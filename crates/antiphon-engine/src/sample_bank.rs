//! The samples that the audio thread holds on to.
//!
//! A voice may outlive the plan that started it, so the audio thread keeps each sample here until neither the plan nor
//! a voice needs it; then it goes back to be dropped elsewhere. Voices hold slot numbers.

use std::sync::Arc;

use crate::{
    player::{Returned, Returns},
    sample::SampleData,
};

/// Samples held at once: those of a whole song, of the one before it, and previews.
const SLOTS: usize = 160;

/// Names a held sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SampleSlot(u8);

#[derive(Default)]
struct Held {
    data: Option<Arc<SampleData>>,
    in_plan: bool,
    voices: u32,
}

pub(crate) struct SampleBank {
    slots: Vec<Held>,
}

impl SampleBank {
    pub(crate) fn new() -> Self {
        Self { slots: std::iter::repeat_with(Held::default).take(SLOTS).collect() }
    }

    /// The held sample that is this very one.
    pub(crate) fn find(&self, data: &Arc<SampleData>) -> Option<SampleSlot> {
        let same = |held: &Held| held.data.as_ref().is_some_and(|held| Arc::ptr_eq(held, data));
        self.slots.iter().position(same).map(|at| SampleSlot(at as u8))
    }

    /// Holds a sample that is not held yet; gives it back where there is no room.
    pub(crate) fn hold(&mut self, data: Arc<SampleData>) -> Result<SampleSlot, Arc<SampleData>> {
        match self.slots.iter().position(|held| held.data.is_none()) {
            Some(at) => {
                self.slots[at] = Held { data: Some(data), in_plan: false, voices: 0 };
                Ok(SampleSlot(at as u8))
            }
            None => Err(data),
        }
    }

    /// Marks every sample as unused by the plan; those in the next plan are marked again.
    pub(crate) fn forget_plan(&mut self) {
        self.slots.iter_mut().for_each(|held| held.in_plan = false);
    }

    /// Holds a sample for as long as the plan lasts.
    pub(crate) fn hold_for_plan(&mut self, data: &Arc<SampleData>) {
        let slot = self.find(data).or_else(|| self.hold(data.clone()).ok());
        if let Some(slot) = slot {
            self.slots[usize::from(slot.0)].in_plan = true;
        }
    }

    pub(crate) fn voice_started(&mut self, slot: SampleSlot) {
        self.slots[usize::from(slot.0)].voices += 1;
    }

    pub(crate) fn voice_ended(&mut self, slot: SampleSlot) {
        let held = &mut self.slots[usize::from(slot.0)];
        held.voices = held.voices.saturating_sub(1);
    }

    pub(crate) fn data(&self, slot: SampleSlot) -> Option<&SampleData> {
        self.slots[usize::from(slot.0)].data.as_deref()
    }

    /// Gives back what nothing needs any more; what does not fit in the queue waits.
    pub(crate) fn give_back(&mut self, returns: &mut Returns) {
        for held in &mut self.slots {
            if held.in_plan || held.voices > 0 {
                continue;
            }
            if let Some(data) = held.data.take()
                && let Err(Returned::Sample(data)) = returns.send(Returned::Sample(data))
            {
                held.data = Some(data);
                return;
            }
        }
    }
}
