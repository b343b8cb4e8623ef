//! Peers that lie: honest clocks whose packets are forged before they leave.

use antiphon_clock::wire::Packet;
use antiphon_timeline::{HostTime, TimebaseId};

use crate::{
    clock_lab::{ClockLab, PeerIndex},
    rng::SeededRng,
};

/// A way to lie about session time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    /// It is always this much later.
    Constant {
        /// How much.
        ns: i64,
    },
    /// It is this much later to every other one, and this much earlier to the rest.
    TwoFaced {
        /// How much.
        ns: i64,
    },
    /// It runs too fast.
    Ramp {
        /// How much.
        ppm: i64,
    },
    /// It is another time in every packet, up to this much off.
    Random {
        /// How much.
        ns: i64,
    },
    /// The time is right, its lasting rate is not: too fast to every other one, too slow to the rest.
    FalseRate {
        /// How much.
        ppm: i64,
    },
    /// The liar's own crystal runs twice as fast, and it does not know.
    DoubleSpeed,
    /// A session of its own that is the largest and the oldest there ever was.
    FalseIsland,
}

impl Lie {
    /// Every kind, with the figures of the gates.
    pub const ALL: [Self; 11] = [
        Self::Constant { ns: 30_000_000 },
        Self::Constant { ns: 500_000 },
        Self::Constant { ns: 5_000_000_000 },
        Self::TwoFaced { ns: 500_000 },
        Self::TwoFaced { ns: 2_000_000 },
        Self::TwoFaced { ns: 30_000_000 },
        Self::Ramp { ppm: 200 },
        Self::Random { ns: 100_000_000 },
        Self::FalseRate { ppm: 200 },
        Self::DoubleSpeed,
        Self::FalseIsland,
    ];

    /// What tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant { ns: 500_000 } => "constant 0.5 ms",
            Self::Constant { ns: 30_000_000 } => "constant 30 ms",
            Self::Constant { .. } => "constant 5 s",
            Self::TwoFaced { ns: 500_000 } => "two-faced ±0.5 ms",
            Self::TwoFaced { ns: 2_000_000 } => "two-faced ±2 ms",
            Self::TwoFaced { .. } => "two-faced ±30 ms",
            Self::Ramp { .. } => "ramp +200 ppm",
            Self::Random { .. } => "random ±100 ms",
            Self::FalseRate { .. } => "false rate ±200 ppm",
            Self::DoubleSpeed => "double speed",
            Self::FalseIsland => "false island",
        }
    }
}

impl ClockLab {
    /// From now on `peer` tells this lie.
    pub fn lie(&mut self, peer: PeerIndex, lie: Lie) {
        if lie == Lie::DoubleSpeed {
            // A crystal may bend only where it is read, so that it never jumps.
            self.host_time(peer);
            return self.crystal(peer).set_error_ppm(1e6);
        }
        let mut liar =
            Liar { lie, since: self.host_time(peer), rng: SeededRng::of(peer.0 as u64, "liar", 0, 0) };
        self.tamper(peer, move |bytes, to| liar.forge(bytes, to));
    }
}

struct Liar {
    lie: Lie,
    since: HostTime,
    rng: SeededRng,
}

impl Liar {
    fn forge(&mut self, bytes: &mut [u8], to: PeerIndex) {
        let Some(mut packet) = Packet::decode(bytes) else { return };
        self.change(&mut packet, if to.0.is_multiple_of(2) { 1 } else { -1 });
        bytes.copy_from_slice(&packet.encode());
    }

    fn change(&mut self, packet: &mut Packet, face: i64) {
        let announcement = &mut packet.announcement;
        let map = &mut announcement.map;
        match self.lie {
            Lie::Constant { ns } => map.session = map.session + ns,
            Lie::TwoFaced { ns } => map.session = map.session + face * ns,
            Lie::Ramp { ppm } => {
                map.session = map.session + (packet.sent - self.since) * ppm / 1_000_000;
                map.rate_ppb += ppm * 1000;
                announcement.base_ppb += ppm as i32 * 1000;
            }
            Lie::Random { ns } => {
                map.session = map.session + (self.rng.between(-1.0, 1.0) * ns as f64) as i64
            }
            Lie::FalseRate { ppm } => announcement.base_ppb += (face * ppm) as i32 * 1000,
            Lie::DoubleSpeed => {}
            Lie::FalseIsland => {
                map.timebase = TimebaseId(1);
                // Ten years old.
                map.session = map.session + 315_360_000_000_000_000;
                (announcement.locked, announcement.settled) = (true, true);
                announcement.members = u16::MAX;
            }
        }
    }
}
