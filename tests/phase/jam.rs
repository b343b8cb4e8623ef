//! The jam: one true time for the clock lab, in which peers agree on session time, and for the room of cards.

use antiphon_audio_io::{CardSpec, VirtualRoom};
use antiphon_model::Song;
use antiphon_testkit::{ClockLab, Network};
use antiphon_timeline::{HostTime, SessionTime, Tempo, TimebaseId, TimelineOp};

use crate::{
    comparison::{Comparison, SessionTrace},
    crystal_clock::Step,
    member::Member,
};

pub const SECOND: i64 = 1_000_000_000;
/// How far the lab lives ahead of the room. A new map and a new act reach outputs and peers up to this much later,
/// which is more than a thread and a LAN take.
pub const STEP: i64 = 10_000_000;
/// How often an output measures its card's clock, as its own thread does otherwise.
const MAINTAIN_EVERY: i64 = 100_000_000;
/// How often recordings are searched, so that they do not pile up.
const LISTEN_EVERY: i64 = 10 * SECOND;

pub struct Jam {
    lab: ClockLab,
    room: VirtualRoom,
    members: Vec<Member>,
    /// The acts, as the document shares them: each belongs to a timebase.
    acts: Vec<(TimebaseId, TimelineOp)>,
    /// Session time as the first member has it.
    trace: SessionTrace,
}

impl Jam {
    pub fn new(seed: u64, network: Network) -> Self {
        Self {
            lab: ClockLab::new(seed, network),
            room: VirtualRoom::new(),
            members: Vec::new(),
            acts: Vec::new(),
            trace: SessionTrace::default(),
        }
    }

    pub fn now_ns(&self) -> i64 {
        self.room.now_ns()
    }

    /// A peer starts, connects to everybody and opens its card; its number.
    pub fn join(&mut self, card: CardSpec) -> usize {
        let index = self.lab.add_peer();
        self.lab.connect_all();
        let (now_ns, host) = (self.now_ns(), self.lab.host_time(index));
        let step = Step { true_ns: [now_ns, now_ns + STEP], host: [host, host + STEP] };
        let map = self.lab.clock(index).map();
        self.members.push(Member::start(index, &mut self.room, card, step, map));
        self.members.len() - 1
    }

    /// A member presses play.
    pub fn play(&mut self, member: usize) {
        self.act(member, |member, now| member.play(now));
    }

    /// A member changes the tempo of what plays.
    pub fn set_tempo(&mut self, member: usize, bpm: f64) {
        let tempo = Tempo::from_bpm(bpm).expect("a tempo");
        self.act(member, |member, now| member.set_tempo(now, tempo));
    }

    /// A member changes the song, again and again while time passes.
    pub fn run_editing(&mut self, member: usize, nanos: i64, mut change: impl FnMut(&mut Song)) {
        let end = self.now_ns() + nanos;
        while self.now_ns() < end {
            self.members[member].edit(&mut change);
            self.step();
        }
    }

    fn act(&mut self, member: usize, make: impl FnOnce(&mut Member, SessionTime) -> TimelineOp) {
        let member = &mut self.members[member];
        let now = self.lab.session(member.index);
        self.acts.push((self.lab.timebase(member.index), make(member, now)));
    }

    /// A member's output makes up for a card that is heard this much later than it claims.
    pub fn trim(&self, member: usize, trim_ns: i64) {
        self.members[member].output.set_trim_ns(trim_ns).expect("it is in range");
    }

    /// Lets time pass for everybody.
    pub fn run_for(&mut self, nanos: i64) {
        let end = self.now_ns() + nanos;
        while self.now_ns() < end {
            self.step();
        }
    }

    fn step(&mut self) {
        let from_ns = self.now_ns();
        let before = self.host_times();
        self.lab.run_for_s(STEP as f64 / SECOND as f64);
        assert_eq!(self.lab.now_s(), (from_ns + STEP) as f64 / SECOND as f64, "lab and room share one time");
        let after = self.host_times();
        for ((member, from), to) in self.members.iter().zip(before).zip(after) {
            member.clock.enter(Step { true_ns: [from_ns, from_ns + STEP], host: [from, to] });
        }
        self.room.run_for(STEP);
        self.follow();
        self.trace.push(self.lab.session(self.members[0].index));
    }

    fn host_times(&mut self) -> Vec<HostTime> {
        self.members.iter().map(|member| self.lab.host_time(member.index)).collect()
    }

    /// What the clock and the document tell reaches outputs and engines.
    fn follow(&mut self) {
        let now_ns = self.room.now_ns();
        for member in &mut self.members {
            let map = self.lab.clock(member.index).map();
            member.output.set_session_map(map);
            let acts = self.acts.iter().filter(|(timebase, _)| *timebase == map.timebase);
            member.fold(acts.map(|(_, op)| *op), self.lab.session(member.index));
            if now_ns % MAINTAIN_EVERY == 0 {
                member.output.maintain();
            }
            if now_ns % LISTEN_EVERY == 0 {
                member.onsets.listen();
            }
        }
    }

    /// What two members let be heard from true time `from_ns` until now.
    pub fn compare(&mut self, one: usize, other: usize, from_ns: i64) -> Comparison {
        self.members.iter_mut().for_each(|member| member.onsets.listen());
        let [one, other] = [one, other].map(|member| &self.members[member]);
        assert_eq!(one.run(), other.run(), "the same acts come to different runs");
        for member in [one, other] {
            let status = member.output.status();
            assert_eq!((status.lost, status.xruns), (None, 0), "an output failed");
        }
        let heard = [one, other].map(|member| &*member.onsets.heard_ns);
        Comparison::of(one.run(), &self.trace, heard, [from_ns, self.now_ns()])
    }
}
