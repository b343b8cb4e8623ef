//! Models of networks: how long a packet takes one way, or that it is lost.

use crate::rng::SeededRng;

/// Which network the peers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Ethernet: 0.12 ms and a little.
    Lan,
    /// A good wireless network: 0.8 ms and 2 more, now and then up to 300.
    GoodWifi,
    /// A bad one: 1 ms and 9 ± 15 more, twice as slow one way as the other, with bursts of loss.
    BadWifi,
    /// 30 ms, up to 10 % different per direction.
    Internet,
}

impl Network {
    /// All models.
    pub const ALL: [Self; 4] = [Self::Lan, Self::GoodWifi, Self::BadWifi, Self::Internet];
}

/// What happens to one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// It arrives after so many nanoseconds.
    After(i64),
    /// It is lost.
    Lost,
}

/// One direction of one link.
#[derive(Debug)]
pub struct Way {
    network: Network,
    rng: SeededRng,
    /// How much slower this direction is than the other: 1 is even.
    lean: f64,
    /// True time at which the present weather ends, and whether it is bad.
    weather: (i64, bool),
}

impl Way {
    /// Both directions of a link.
    pub fn pair(network: Network, rng: &mut SeededRng) -> (Self, Self) {
        let (there, back) = match network {
            Network::Lan | Network::GoodWifi => (1.0, 1.0),
            Network::BadWifi if rng.chance(0.5) => (4.0 / 3.0, 2.0 / 3.0),
            Network::BadWifi => (2.0 / 3.0, 4.0 / 3.0),
            Network::Internet => {
                let lean = rng.between(-0.1, 0.1);
                (1.0 + lean, 1.0 - lean)
            }
        };
        let mut way = |lean| Self { network, rng: rng.fork(), lean, weather: (0, true) };
        (way(there), way(back))
    }

    /// What happens to a packet sent at true time `now_ns`.
    pub fn send(&mut self, now_ns: i64) -> Delay {
        let rng = &mut self.rng;
        let (loss, millis) = match self.network {
            Network::Lan => (0.0, 0.12 + rng.gamma(0.08, 0.05)),
            Network::GoodWifi => {
                let spike = if rng.chance(0.01) { rng.pareto(10.0, 300.0) } else { 0.0 };
                (0.001, 0.8 + rng.log_normal(2.2, 2.0) + spike)
            }
            Network::BadWifi => {
                let burst = self.is_stormy(now_ns);
                let rng = &mut self.rng;
                let calm = (1.0 + rng.log_normal(9.0, 15.0)) * self.lean;
                if burst { (0.15, calm + rng.between(30.0, 200.0)) } else { (0.01, calm) }
            }
            Network::Internet => (0.005, 30.0 * self.lean + rng.exponential(10.0)),
        };
        if self.rng.chance(loss) {
            return Delay::Lost;
        }
        Delay::After(((millis + self.wake_up_ms()) * 1e6) as i64)
    }

    /// The receiver is a thread of a busy machine: it stamps a little after the packet is there.
    fn wake_up_ms(&mut self) -> f64 {
        let hiccup = if self.rng.chance(0.003) { self.rng.between(0.2, 4.0) } else { 0.0 };
        self.rng.exponential(0.025) + hiccup
    }

    /// Bursts of 0.6 s on average, about every 8 s.
    fn is_stormy(&mut self, now_ns: i64) -> bool {
        while now_ns >= self.weather.0 {
            let stormy = !self.weather.1;
            let length_s = self.rng.exponential(if stormy { 0.6 } else { 7.4 });
            self.weather = (self.weather.0 + (length_s * 1e9) as i64, stormy);
        }
        self.weather.1
    }
}
