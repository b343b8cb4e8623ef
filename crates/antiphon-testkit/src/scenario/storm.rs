//! Any fault after any other: random schedules, then calm.

use super::Trial;
use crate::{
    clock_lab::{ClockLab, PeerIndex},
    liar::Lie,
    network::Network,
    rng::SeededRng,
    room::Room,
};

/// How long faults come one after the other.
const STORM_S: f64 = 40.0;
/// How long the honest may then take to be right again: the longest memory of a link. A clock step of a
/// millisecond or two, on a network whose delays differ by more, cannot be told from them before.
const CALM_S: f64 = 60.0;
const MEASURED_S: f64 = 5.0;
/// Fewer honest peers than this are never left.
const HONEST_MIN: usize = 3;

/// A schedule of partitions, sleep, clock steps, newcomers, leavers, doubled, replayed and senseless packets,
/// with up to a third of the peers lying. Series `pair` are the errors of the honest once it has been
/// calm for a minute, `calm` is how long they took to be one island again.
pub fn storm(seed: u64, network: Network) -> Trial {
    let mut trial = Trial::default();
    let mut rng = SeededRng::of(seed, "storm", network as usize, 0);
    let room = Room { doubled: 0.05, ..network.into() };
    let peers = 3 + rng.below(6);
    let liars = rng.below((peers - 1) / 3 + 1);
    let mut storm =
        Storm { lab: ClockLab::new(seed, room), honest: Vec::new(), asleep: None, parted: false, rng };
    let all = storm.lab.add_peers(peers);
    storm.honest = all[liars..].to_vec();
    storm.lab.run_for_s(storm.rng.between(0.0, 20.0));
    let lies: Vec<Lie> = all[..liars].iter().map(|&liar| storm.lie(liar)).collect();
    let mut told = format!("{} peers, liars {lies:?}:", peers);
    while storm.lab.now_s() < 20.0 + STORM_S {
        told += &storm.strike();
        storm.lab.run_for_s(storm.rng.exponential(3.0));
    }
    storm.calm_down();
    let Storm { mut lab, honest, .. } = storm;
    let calm_s = lab.run_until(CALM_S, |lab| lab.are_one_island(&honest)).unwrap_or(CALM_S);
    trial.add("calm", super::nanos(calm_s));
    lab.run_for_s(CALM_S - calm_s);
    let errors = lab.measure_pairs_of(&honest, MEASURED_S);
    trial.extend("pair", &errors);
    trial.promise(lab.are_one_island(&honest), || format!("not one island; {told}"));
    trial.promise_told(&lab, &honest);
    trial.count(&lab);
    trial
}

struct Storm {
    lab: ClockLab,
    honest: Vec<PeerIndex>,
    asleep: Option<(PeerIndex, f64)>,
    parted: bool,
    rng: SeededRng,
}

impl Storm {
    fn lie(&mut self, liar: PeerIndex) -> Lie {
        let lie = *self.rng.pick(&Lie::ALL).unwrap_or(&Lie::FalseIsland);
        self.lab.lie(liar, lie);
        lie
    }

    /// One fault, and what it is.
    fn strike(&mut self) -> String {
        let at_s = self.lab.now_s();
        let what = match self.rng.below(8) {
            0 => self.part(),
            1 => self.sleep(),
            2 => self.wake(),
            3 => self.step_clock(),
            4 => self.join(),
            5 => self.leave(),
            6 => self.babble(),
            _ => self.replay(),
        };
        format!(" {at_s:.1} {what}")
    }

    fn anybody(&mut self) -> PeerIndex {
        let awake: Vec<PeerIndex> = self
            .honest
            .iter()
            .copied()
            .filter(|peer| self.asleep.is_none_or(|(asleep, _)| asleep != *peer))
            .collect();
        self.rng.pick(&awake).copied().unwrap_or(PeerIndex(0))
    }

    fn part(&mut self) -> String {
        self.parted = !self.parted;
        if !self.parted {
            self.lab.heal();
            return "heal".to_owned();
        }
        let all = self.lab.awake();
        let group: Vec<PeerIndex> = all.into_iter().filter(|_| self.rng.chance(0.5)).collect();
        self.lab.part(&group);
        format!("part {:?}", group.iter().map(|peer| peer.0).collect::<Vec<_>>())
    }

    fn sleep(&mut self) -> String {
        if self.asleep.is_some() {
            return self.wake();
        }
        let peer = self.anybody();
        self.lab.sleep(peer);
        self.asleep = Some((peer, self.lab.now_s()));
        format!("sleep {}", peer.0)
    }

    fn wake(&mut self) -> String {
        let Some((peer, since_s)) = self.asleep.take() else { return String::new() };
        let slept_ns = super::nanos(self.lab.now_s() - since_s);
        let known = self.rng.chance(0.5);
        self.lab.wake_knowing(peer, slept_ns, known.then_some(slept_ns));
        format!("wake {}{}", peer.0, if known { " knowing" } else { "" })
    }

    fn step_clock(&mut self) -> String {
        let peer = self.anybody();
        // Mostly of milliseconds, now and then of seconds.
        let ns = self.rng.pareto(1e6, 1e10) as i64;
        let ns = if self.rng.chance(0.5) { ns } else { -ns };
        self.lab.step_clock(peer, ns);
        format!("step {} by {ns}", peer.0)
    }

    fn join(&mut self) -> String {
        if self.honest.len() >= 10 {
            return String::new();
        }
        let joiner = self.lab.add_peer();
        self.lab.connect_all();
        self.honest.push(joiner);
        format!("join {}", joiner.0)
    }

    /// The honest stay the majority that they must be.
    fn leave(&mut self) -> String {
        let liars = self.lab.awake().len().saturating_sub(self.honest.len());
        if self.asleep.is_some() || self.honest.len() <= HONEST_MIN.max(2 * liars + 1) {
            return String::new();
        }
        let leaver = self.anybody();
        self.honest.retain(|peer| *peer != leaver);
        self.lab.leave(leaver);
        format!("leave {}", leaver.0)
    }

    /// Bytes that are no packets.
    fn babble(&mut self) -> String {
        let (from, to) = (self.anybody(), self.anybody());
        let key = self.lab.key(from);
        for _ in 0..50 {
            let bytes: Vec<u8> = (0..self.rng.below(130)).map(|_| self.rng.next_u64() as u8).collect();
            let now = self.lab.host_time(to);
            self.lab.clock(to).handle_packet(key, now, &bytes);
        }
        format!("babble to {}", to.0)
    }

    /// Packets that somebody kept come again, late.
    fn replay(&mut self) -> String {
        self.lab.replay(self.rng.between(0.0, 5.0));
        "replay".to_owned()
    }

    fn calm_down(&mut self) {
        self.wake();
        self.lab.heal();
        self.lab.connect_all();
    }
}
