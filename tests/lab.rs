//! Measurements on real processes: each runs peers with bent clocks, compares what they did with the truth, and
//! fills a table of figures and bars.
//!
//! The clock of every peer is an exact function of the one clock of this machine ([`BentClock`]), and each peer
//! logs every session map. So session time of every peer at any true moment is known to the nanosecond
//! afterwards ([`Trace`]), without asking anybody anything while they play.
//!
//! `cargo xtask lab` runs the long forms; `tests/lan/` runs short ones with wide bars.

mod band;
mod bars;
mod comings;
mod heal;
mod hostile;
mod jam;
mod phase;
mod sound;
mod trace;
mod traffic;

pub use band::{Band, Link, clock_of};
pub use bars::Bars;
pub use comings::{ComingsPlan, measure as measure_comings};
pub use heal::{HealPlan, measure as measure_healing};
pub use hostile::{HostilePlan, measure as measure_hostile, measure_double_speed};
pub use jam::{JamPlan, measure as measure_jam};
pub use phase::{Apart, PhasePlan, measure as measure_phase};
pub use sound::{Server, SoundPlan, measure as measure_sound};
pub use trace::{BentClock, Trace};
pub use traffic::{Sent, Traffic};
