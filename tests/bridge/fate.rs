//! What becomes of a frame: when it arrives, how often, or that it does not.

use std::collections::VecDeque;

use antiphon_testkit::{Delay, Network, SeededRng, Way};

use super::frame::Udp;

/// Datagrams that are remembered for replays.
const CAPTURED_MAX: usize = 256;
const MILLISECOND: i64 = 1_000_000;

/// How frames cross.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The model of every way; `None` carries at once.
    pub network: Option<Network>,
    /// Of the model's randomness.
    pub seed: u64,
}

/// What is done to frames beside the model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mischief {
    /// The share that arrives twice, the second up to 30 ms later.
    pub doubled: f64,
    /// The share that arrives again long after, between 1 and 10 s.
    pub replayed: f64,
    /// The share that is held back 1 to 500 ms, so that later ones overtake it.
    pub held_back: f64,
}

/// What became of the frames so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub carried: u64,
    pub lost: u64,
    pub doubled: u64,
    pub replayed: u64,
    pub held_back: u64,
}

/// Every way between the ports, with its own randomness.
pub(super) struct Fates {
    ports: usize,
    ways: Vec<Option<Way>>,
    mischief: Mischief,
    rng: SeededRng,
    captured: VecDeque<Udp>,
    counts: Counts,
}

impl Fates {
    pub(super) fn new(ports: usize, crossing: Crossing) -> Self {
        let mut rng = SeededRng::new(crossing.seed);
        let mut ways: Vec<Option<Way>> = (0..ports * ports).map(|_| None).collect();
        if let Some(network) = crossing.network {
            for (one, other) in (0..ports).flat_map(|one| (0..one).map(move |other| (one, other))) {
                let (there, back) = Way::pair(network, &mut rng);
                ways[one * ports + other] = Some(there);
                ways[other * ports + one] = Some(back);
            }
        }
        let captured = VecDeque::new();
        Self { ports, ways, mischief: Mischief::default(), rng, captured, counts: Counts::default() }
    }

    pub(super) fn set_mischief(&mut self, mischief: Mischief) {
        self.mischief = mischief;
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn captured(&self) -> Vec<Udp> {
        self.captured.iter().cloned().collect()
    }

    /// The times at which a frame that is sent now arrives.
    pub(super) fn of(&mut self, from: usize, to: usize, now_ns: i64, frame: &[u8]) -> Vec<i64> {
        self.capture(frame);
        let way = self.ways.get_mut(from * self.ports + to).and_then(Option::as_mut);
        let mut due_ns = match way.map(|way| way.send(now_ns)) {
            None => now_ns,
            Some(Delay::After(nanos)) => now_ns + nanos,
            Some(Delay::Lost) => {
                self.counts.lost += 1;
                return Vec::new();
            }
        };
        self.counts.carried += 1;
        if self.happens(self.mischief.held_back) {
            self.counts.held_back += 1;
            due_ns += self.between_ms(1, 500);
        }
        let mut due = vec![due_ns];
        if self.happens(self.mischief.doubled) {
            self.counts.doubled += 1;
            due.push(due_ns + self.between_ms(0, 30));
        }
        if self.happens(self.mischief.replayed) {
            self.counts.replayed += 1;
            due.push(due_ns + self.between_ms(1_000, 10_000));
        }
        due
    }

    fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && self.rng.chance(share)
    }

    fn between_ms(&mut self, low: i64, high: i64) -> i64 {
        self.rng.between((low * MILLISECOND) as f64, (high * MILLISECOND) as f64) as i64
    }

    fn capture(&mut self, frame: &[u8]) {
        if let Some(datagram) = Udp::of(frame) {
            if self.captured.len() == CAPTURED_MAX {
                self.captured.pop_front();
            }
            self.captured.push_back(datagram);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays_ms(network: Network, from: usize, to: usize) -> (Vec<f64>, Counts) {
        let mut fates = Fates::new(2, Crossing { network: Some(network), seed: 1 });
        let due: Vec<_> = (0..20_000)
            .flat_map(|n| fates.of(from, to, n * MILLISECOND, &[]).first().map(|due| due - n * MILLISECOND))
            .collect();
        (due.iter().map(|nanos| *nanos as f64 / 1e6).collect(), fates.counts())
    }

    fn median(mut values: Vec<f64>) -> f64 {
        antiphon_testkit::sound::quantile(&mut values, 0.5)
    }

    #[test]
    fn bad_wifi_is_slower_one_way_and_loses_packets() {
        let ((there, counts), (back, _)) =
            (delays_ms(Network::BadWifi, 0, 1), delays_ms(Network::BadWifi, 1, 0));
        let ratio = median(there) / median(back);
        assert!(!(0.7..1.4).contains(&ratio), "{ratio}");
        assert!(counts.lost > 150, "{counts:?}");
    }

    #[test]
    fn without_a_model_everything_crosses_at_once() {
        let mut fates = Fates::new(3, Crossing { network: None, seed: 1 });
        assert_eq!(fates.of(0, 2, 5, &[]), [5]);
    }

    #[test]
    fn mischief_copies_replays_and_holds_back_what_it_is_asked_to() {
        let mut fates = Fates::new(2, Crossing { network: None, seed: 1 });
        fates.set_mischief(Mischief { doubled: 0.5, replayed: 0.25, held_back: 0.1 });
        let arrivals: usize = (0..1_000).map(|n| fates.of(0, 1, n, &[]).len()).sum();
        let counts = fates.counts();
        assert!((450..550).contains(&counts.doubled) && (200..300).contains(&counts.replayed), "{counts:?}");
        assert!((60..140).contains(&counts.held_back), "{counts:?}");
        assert_eq!(arrivals as u64, 1_000 + counts.doubled + counts.replayed);
    }
}
