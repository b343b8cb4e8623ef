//! How long an edit takes to become a plan that the audio thread can swap in, here and at a friend's.
//!
//! `cargo run --release -p antiphon-node --example edit_to_plan`
//!
//! A session of sixteen tracks, four patterns of sixty-four steps each, between two peers in one process. *Here*: the
//! command is checked, written, signed and repaired, and the song compiled. *There*: the frame is verified, gated,
//! merged and repaired, and the song compiled. The network between them is left out.

use std::{sync::Arc, time::Duration};

use antiphon_engine::{Compiler, Ears, Plan, SamplePool};
use antiphon_identity::{DeviceKey, PeerId};
use antiphon_membership::{GrantId, Role};
use antiphon_model::{
    Colour, Edit, Name, NoteLength, OrderKey, Param, PatternId, PatternLength, Pitch, SessionId, Sound,
    StepPatch, TrackId, Velocity,
};
use antiphon_peer::{Command, Effect, Input, NewSession, Now, Peer, PeerConfig, Stream};
use antiphon_testkit::sound::quantile;
use antiphon_timeline::{HostTime, Tempo, TimebaseId};

const TRACKS: u8 = 16;
const PATTERNS: u8 = 4;
const STEPS: u16 = 64;
/// An evening's worth: what came before must not slow down what comes.
const WARM_UP: usize = 500;
const MEASURED: usize = 2_000;

fn main() {
    let mut studio = Studio::new();
    for number in 0..WARM_UP {
        studio.edit(number);
    }
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for number in WARM_UP..WARM_UP + MEASURED {
        let (local, remote) = studio.edit(number);
        here.push(local.as_secs_f64() * 1e3);
        there.push(remote.as_secs_f64() * 1e3);
    }
    for (what, times) in [("edit here -> plan", &mut here), ("edit of a friend -> plan", &mut there)] {
        let [p50, p99] = [0.5, 0.99].map(|part| quantile(times, part));
        println!("{what:<24}  p50 {p50:.3} ms  p99 {p99:.3} ms  ({TRACKS} tracks, {MEASURED} edits)");
    }
}

/// Two peers with one session, and the compiler of each.
struct Studio {
    peers: [Peer; 2],
    compilers: [Compiler; 2],
    now: Now,
}

impl Studio {
    fn new() -> Self {
        let peers = [1, 2].map(peer);
        let now = Now { host: HostTime(1_000_000_000), unix_ms: 1_795_219_200_000 };
        let mut studio = Self { peers, compilers: [Compiler::default(), Compiler::default()], now };
        studio.command(0, Command::Found(Box::new(session())));
        let ids = [0, 1].map(|at: usize| studio.peers[at].id());
        studio.input(0, Input::Connected { peer: ids[1] });
        studio.input(1, Input::Connected { peer: ids[0] });
        studio.settle();
        studio.command(1, Command::Join { peer: ids[0], actor_n: 2 });
        studio.settle();
        let answer = Command::AnswerJoin { peer: ids[1], role: Some(Role::Editor), grant: GrantId([2; 16]) };
        studio.command(0, answer);
        studio.settle();
        (0..TRACKS).for_each(|track| studio.fill(track));
        assert_eq!(studio.peers[0].song(), studio.peers[1].song(), "the friend has the session");
        studio
    }

    /// Gives a track its patterns, with chords and locks in them.
    fn fill(&mut self, track: u8) {
        let id = TrackId([track; 16]);
        for pattern in 0..PATTERNS {
            let pattern = PatternId([track * PATTERNS + pattern; 16]);
            let like = self.peers[0].song().and_then(|song| song.track(id)).map(|track| track.pattern());
            let like = Box::new(antiphon_model::Pattern::clone(like.expect("it was added")));
            let length = PatternLength::clamped(STEPS.into());
            let on =
                StepPatch { on: Some(true), velocity: Some(Velocity::clamped(90)), ..StepPatch::default() };
            let chord = |step| (step, Pitch::clamped(7), Some(NoteLength::DEFAULT));
            let track = id;
            // The first one came with the track.
            let edits = [
                Edit::AddPattern { track, pattern, like },
                Edit::SetPatternLength { track, pattern, length },
                Edit::SetSteps {
                    track,
                    pattern,
                    steps: (0..STEPS).step_by(3).map(|step| (step, on)).collect(),
                },
                Edit::SetChords { track, pattern, notes: (0..STEPS).step_by(9).map(chord).collect() },
                Edit::SetLocks { track, pattern, locks: vec![(3, Param::Cutoff, Some(-600))] },
            ];
            for edit in edits {
                // What is so already is refused, and needs no edit.
                let _ = self.peers[0].handle_command(Command::Edit(edit), self.now);
            }
        }
        self.settle();
    }

    /// One step of one track, changed here and heard of there; how long each side took to its plan.
    fn edit(&mut self, number: usize) -> (Duration, Duration) {
        self.now.host = self.now.host + 50_000_000;
        let track = (number % usize::from(TRACKS)) as u8;
        let velocity = Some(Velocity::clamped(1 + (number % 89) as i64));
        let patch = StepPatch { on: Some(!number.is_multiple_of(3)), velocity, ..StepPatch::default() };
        let edit = Edit::SetSteps {
            track: TrackId([track; 16]),
            pattern: PatternId([track * PATTERNS; 16]),
            steps: vec![((number / usize::from(TRACKS)) as u16 % STEPS, patch)],
        };
        let (local, ()) = timed(|| {
            self.peers[0].handle_command(Command::Edit(edit), self.now).expect("it fits");
            self.plan(0);
        });
        let (_, frames) = self.sent(0);
        let (remote, ()) = timed(|| {
            for (stream, bytes) in frames {
                let peer = self.peers[0].id();
                self.peers[1].handle_input(Input::Frame { peer, stream, bytes }, self.now);
            }
            self.plan(1);
        });
        assert_eq!(self.peers[0].song(), self.peers[1].song(), "the friend has heard of it");
        self.settle();
        (local, remote)
    }

    fn plan(&mut self, at: usize) -> Plan {
        let song = self.peers[at].song().expect("a session is open").clone();
        std::hint::black_box(self.compilers[at].compile(&song, &SamplePool::new(), &Ears::default()))
    }

    fn command(&mut self, at: usize, command: Command) {
        self.peers[at].handle_command(command, self.now).expect("it fits");
    }

    fn input(&mut self, at: usize, input: Input) {
        self.peers[at].handle_input(input, self.now);
    }

    /// What a peer has to say to the other.
    fn sent(&mut self, at: usize) -> (PeerId, Vec<(Stream, Vec<u8>)>) {
        let mut frames = Vec::new();
        while let Some(effect) = self.peers[at].poll_effect() {
            match effect {
                Effect::Send { stream, frame, .. } => frames.push((stream, frame)),
                Effect::Close { reason, .. } => panic!("{reason}"),
                _ => {}
            }
        }
        (self.peers[at].id(), frames)
    }

    fn settle(&mut self) {
        loop {
            let heard = [self.sent(0), self.sent(1)];
            if heard.iter().all(|(_, frames)| frames.is_empty()) {
                return;
            }
            for (to, (peer, frames)) in [1, 0].into_iter().zip(heard) {
                frames
                    .into_iter()
                    .for_each(|(stream, bytes)| self.input(to, Input::Frame { peer, stream, bytes }));
            }
        }
    }
}

fn peer(seed: u8) -> Peer {
    let name = Name::repaired("Friend", "Friend");
    let config = PeerConfig { name, version: "0".into(), engine: 1, timebase: TimebaseId(seed.into()) };
    Peer::new(Arc::new(DeviceKey::from_seed(&[seed; 32])), config)
}

fn session() -> NewSession {
    let mut order = None;
    let track = |number: u8| {
        let next = OrderKey::between(order.as_ref(), None);
        order = Some(next.clone());
        Edit::AddTrack {
            track: TrackId([number; 16]),
            pattern: PatternId([number * PATTERNS; 16]),
            name: Name::repaired(&format!("Track {number}"), "Track"),
            colour: Colour::DEFAULT,
            sound: if number.is_multiple_of(2) { "drum:kick" } else { "synth:bass" }
                .parse::<Sound>()
                .expect("a sound"),
            order: next,
            content: None,
        }
    };
    NewSession {
        session: SessionId([9; 16]),
        grant: GrantId([1; 16]),
        actor_n: 1,
        name: Name::repaired("Sixteen", "Sixteen"),
        tempo: Tempo::DEFAULT,
        parent: None,
        edits: (0..TRACKS).map(track).collect(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the stopwatch of a measurement")]
fn timed<T>(act: impl FnOnce() -> T) -> (Duration, T) {
    let start = std::time::Instant::now();
    let done = act();
    (start.elapsed(), done)
}
