//! The jam: peers on a stage who share the acts of a session, and what is heard of them.

use antiphon_audio_io::CardSpec;
use antiphon_model::Song;
use antiphon_testkit::Room;
use antiphon_timeline::{SessionTime, Tempo, TimebaseId, TimelineOp};

use crate::{
    comparison::{Comparison, SessionTrace},
    member::Member,
    stage::Stage,
};

pub use crate::stage::{SECOND, STEP};

/// How often recordings are searched, so that they do not pile up.
const LISTEN_EVERY: i64 = 10 * SECOND;

pub struct Jam {
    stage: Stage,
    members: Vec<Member>,
    /// The acts, as the document shares them: each belongs to a timebase.
    acts: Vec<(TimebaseId, TimelineOp)>,
    /// Session time as the first member has it.
    trace: SessionTrace,
}

impl Jam {
    pub fn new(seed: u64, room: impl Into<Room>) -> Self {
        Self {
            stage: Stage::new(seed, room),
            members: Vec::new(),
            acts: Vec::new(),
            trace: SessionTrace::default(),
        }
    }

    pub fn now_ns(&self) -> i64 {
        self.stage.now_ns()
    }

    /// A peer starts, connects to everybody and opens its card; its number.
    pub fn join(&mut self, card: CardSpec) -> usize {
        self.members.push(Member::start(&mut self.stage, card));
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
        let now = self.stage.session(member);
        let timebase = self.stage.lab.timebase(self.stage.places[member].index);
        self.acts.push((timebase, make(&mut self.members[member], now)));
    }

    /// A member's output makes up for a card that is heard this much later than it claims.
    pub fn trim(&self, member: usize, trim_ns: i64) {
        self.stage.places[member].output.set_trim_ns(trim_ns).expect("it is in range");
    }

    /// Lets time pass for everybody.
    pub fn run_for(&mut self, nanos: i64) {
        let end = self.now_ns() + nanos;
        while self.now_ns() < end {
            self.step();
        }
    }

    fn step(&mut self) {
        self.stage.step();
        self.follow();
        self.trace.push(self.stage.session(0));
    }

    /// What the document tells reaches engines.
    fn follow(&mut self) {
        let now_ns = self.stage.now_ns();
        for (place, member) in self.members.iter_mut().enumerate() {
            let index = self.stage.places[place].index;
            let timebase = self.stage.lab.timebase(index);
            let acts = self.acts.iter().filter(|(of, _)| *of == timebase);
            member.fold(acts.map(|(_, op)| *op), self.stage.lab.session(index));
            if now_ns % LISTEN_EVERY == 0 {
                member.onsets.listen();
            }
        }
    }

    /// What these members let be heard from true time `from_ns` until now.
    pub fn compare(&mut self, members: &[usize], from_ns: i64) -> Comparison {
        self.members.iter_mut().for_each(|member| member.onsets.listen());
        for place in members {
            assert_eq!(
                self.members[*place].run(),
                self.members[0].run(),
                "the same acts come to different runs"
            );
            let status = self.stage.places[*place].output.status();
            assert_eq!((status.lost, status.xruns), (None, 0), "an output failed");
        }
        let heard: Vec<&[f64]> =
            members.iter().map(|member| &*self.members[*member].onsets.heard_ns).collect();
        Comparison::of(self.members[0].run(), &self.trace, &heard, [from_ns, self.now_ns()])
    }
}
