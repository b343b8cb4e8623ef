//! The crystal of a peer in the clock lab, as the callbacks of its card read it.

use std::sync::{Arc, Mutex, PoisonError};

use antiphon_audio_io::RoomClock;
use antiphon_timeline::{HostClock, HostTime};

/// A host clock that runs by a crystal of the lab.
///
/// The lab lives through every step of time before the room does, so the room's callbacks find both ends of the
/// step known. In between the crystal is a straight line: its rate changes only at the ends of steps.
#[derive(Debug, Clone)]
pub struct CrystalClock {
    /// True time, as the room has it.
    truth: RoomClock,
    step: Arc<Mutex<Step>>,
}

/// A step of true time, and what the crystal read at its ends.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub true_ns: [i64; 2],
    pub host: [HostTime; 2],
}

impl Step {
    fn at(&self, true_ns: i64) -> HostTime {
        let [from, to] = self.true_ns;
        let gained = i128::from(true_ns - from) * i128::from(self.host[1] - self.host[0]);
        self.host[0] + (gained / i128::from(to - from)) as i64
    }
}

impl CrystalClock {
    /// `truth` is a clock of the room without an error.
    pub fn new(truth: RoomClock, step: Step) -> Self {
        Self { truth, step: Arc::new(Mutex::new(step)) }
    }

    /// The room is about to live through this step.
    pub fn enter(&self, step: Step) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }
}

impl HostClock for CrystalClock {
    fn now(&self) -> HostTime {
        let step = *self.step.lock().unwrap_or_else(PoisonError::into_inner);
        step.at(self.truth.now().0)
    }
}
