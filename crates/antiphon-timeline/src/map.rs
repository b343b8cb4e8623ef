//! Host time related to session time.

use crate::units::{HostTime, SessionTime, clamp_i64};

/// Names one session clock. Peers with different timebases cannot compare session times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TimebaseId(pub u64);

/// An affine map between this machine's clock and session time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionMap {
    /// Which session clock this maps to.
    pub timebase: TimebaseId,
    /// Host time of the anchor.
    pub host: HostTime,
    /// Session time of the anchor.
    pub session: SessionTime,
    /// How much faster session time runs than host time, in parts per billion.
    pub rate_ppb: i64,
}

impl SessionMap {
    /// The map of a peer that is alone: session time is host time.
    pub const fn identity(timebase: TimebaseId) -> Self {
        Self { timebase, host: HostTime(0), session: SessionTime(0), rate_ppb: 0 }
    }

    /// Session time at host time `host`, rounded down.
    pub fn to_session(&self, host: HostTime) -> SessionTime {
        let elapsed = i128::from(host.0) - i128::from(self.host.0);
        let gained = (elapsed * i128::from(self.rate_ppb)).div_euclid(1_000_000_000);
        SessionTime(clamp_i64(i128::from(self.session.0) + elapsed + gained))
    }

    /// Host time at session time `session`; the inverse of [`Self::to_session`] to within 1 ns.
    pub fn to_host(&self, session: SessionTime) -> HostTime {
        let elapsed = i128::from(session.0) - i128::from(self.session.0);
        let rate = 1_000_000_000 + i128::from(self.rate_ppb).max(-999_999_999);
        // Round up, because the way there rounded down.
        let host = -(-elapsed * 1_000_000_000).div_euclid(rate);
        HostTime(clamp_i64(i128::from(self.host.0) + host))
    }
}
