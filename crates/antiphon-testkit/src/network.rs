//! Models of networks: how long a packet takes one way, or that it is lost.

use crate::rng::SeededRng;

/// Which network the peers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// What tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lan => "LAN",
            Self::GoodWifi => "good Wi-Fi",
            Self::BadWifi => "bad Wi-Fi",
            Self::Internet => "Internet",
        }
    }
}

/// What happens to one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// It arrives after so many nanoseconds.
    After(i64),
    /// It is lost.
    Lost,
}

/// Bursts of trouble on the air, of 0.6 s on average, about every 8 s. Clones of it are in step, so that
/// several ways can share one.
#[derive(Debug, Clone)]
pub struct Weather {
    rng: SeededRng,
    until_ns: i64,
    stormy: bool,
}

impl Weather {
    /// Weather of its own.
    pub fn new(rng: SeededRng) -> Self {
        Self { rng, until_ns: 0, stormy: true }
    }

    /// Whether there is a burst at true time `now_ns`, which never goes back by more than a burst.
    fn is_stormy(&mut self, now_ns: i64) -> bool {
        while now_ns >= self.until_ns {
            self.stormy = !self.stormy;
            let length_s = self.rng.exponential(if self.stormy { 0.6 } else { 7.4 });
            self.until_ns += (length_s * 1e9) as i64;
        }
        self.stormy
    }
}

/// One direction of one link.
#[derive(Debug)]
pub struct Way {
    network: Network,
    rng: SeededRng,
    /// How much slower this direction is than the other: 1 is even.
    lean: f64,
    weather: Weather,
}

impl Way {
    /// Both directions of a link, with weather of its own.
    pub fn pair(network: Network, rng: &mut SeededRng) -> (Self, Self) {
        let weather = Weather::new(rng.fork());
        Self::pair_in(network, rng, &weather)
    }

    /// Both directions of a link, in this weather.
    pub fn pair_in(network: Network, rng: &mut SeededRng, weather: &Weather) -> (Self, Self) {
        let (there, back) = match network {
            Network::Lan | Network::GoodWifi => (1.0, 1.0),
            Network::BadWifi if rng.chance(0.5) => (4.0 / 3.0, 2.0 / 3.0),
            Network::BadWifi => (2.0 / 3.0, 4.0 / 3.0),
            Network::Internet => {
                let lean = rng.between(-0.1, 0.1);
                (1.0 + lean, 1.0 - lean)
            }
        };
        let mut way = |lean| Self { network, rng: rng.fork(), lean, weather: weather.clone() };
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
                let calm = (1.0 + rng.log_normal(9.0, 15.0)) * self.lean;
                let burst = self.weather.is_stormy(now_ns);
                if burst { (0.15, calm + rng.between(30.0, 200.0)) } else { (0.01, calm) }
            }
            Network::Internet => (0.005, 30.0 * self.lean + rng.exponential(10.0)),
        };
        if self.rng.chance(loss) {
            return Delay::Lost;
        }
        // The receiver is a thread of a busy machine: it stamps a little after the packet is there.
        Delay::After(((millis + wake_up_ms(&mut self.rng)) * 1e6) as i64)
    }
}

/// How late a thread of a busy machine gets to run.
pub(crate) fn wake_up_ms(rng: &mut SeededRng) -> f64 {
    let hiccup = if rng.chance(0.003) { rng.between(0.2, 4.0) } else { 0.0 };
    rng.exponential(0.025) + hiccup
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share lost, and the least and the mean delay of the others in milliseconds.
    fn passage(network: Network, seed: u64) -> [(f64, f64, f64); 2] {
        let (there, back) = Way::pair(network, &mut SeededRng::new(seed));
        [there, back].map(|mut way| {
            let (mut lost, mut least, mut sum) = (0, f64::INFINITY, 0.0);
            let count = 100_000;
            for n in 0..count {
                match way.send(n * 10_000_000) {
                    Delay::Lost => lost += 1,
                    Delay::After(ns) => {
                        least = least.min(ns as f64 / 1e6);
                        sum += ns as f64 / 1e6;
                    }
                }
            }
            (f64::from(lost) / count as f64, least, sum / (count - i64::from(lost)) as f64)
        })
    }

    #[test]
    fn the_models_have_the_loss_and_delays_they_describe() {
        let near = |value: f64, expected: f64| (value / expected - 1.0).abs() < 0.1;
        for (loss, least, mean) in passage(Network::Lan, 1) {
            assert!(loss == 0.0 && least >= 0.12 && near(mean, 0.231), "{loss} {least} {mean}");
        }
        for (loss, least, mean) in passage(Network::GoodWifi, 1) {
            assert!(near(loss, 0.001) || (loss - 0.001).abs() < 3e-4, "{loss}");
            // 1 % of spikes of 35 ms on average.
            assert!(least >= 0.8 && near(mean, 3.38), "{least} {mean}");
        }
        for (loss, least, mean) in passage(Network::Internet, 1) {
            assert!(
                (loss - 0.005).abs() < 1e-3 && least >= 27.0 && (37.0..43.1).contains(&mean),
                "{loss} {mean}"
            );
        }
    }

    #[test]
    fn bad_wifi_is_twice_as_slow_one_way_and_has_bursts() {
        let [there, back] = passage(Network::BadWifi, 5);
        let ratio = (there.1 / back.1).max(back.1 / there.1);
        assert!((1.7..2.3).contains(&ratio), "the fastest take {} and {} ms", there.1, back.1);
        for (loss, ..) in [there, back] {
            // 7.5 % of the time 15 %, else 1 %.
            assert!((0.015..0.027).contains(&loss), "{loss}");
        }
    }

    #[test]
    fn clones_of_weather_are_in_step() {
        let mut one = Weather::new(SeededRng::new(4));
        let mut two = one.clone();
        let mut stormy = 0;
        for n in 0..100_000_i64 {
            let now_ns = n * 10_000_000;
            let storm = one.is_stormy(now_ns);
            stormy += u32::from(storm);
            assert!(n % 7 != 0 || two.is_stormy(now_ns) == storm);
        }
        assert!((5_000..10_000).contains(&stormy), "stormy {stormy} times of 100000");
    }
}
