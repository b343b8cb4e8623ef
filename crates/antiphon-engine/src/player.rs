//! The two ends of the engine: [`Controller`] for the peer's thread, [`Player`] for the audio thread.
//!
//! Values cross in bounded lock-free queues. What the audio thread is done with (plans, runs, samples) comes back in
//! another and is dropped by [`Controller::collect`]. The latest plan, run and metronome always arrive: where a
//! queue is full they wait in the controller; notes are dropped instead, since a late note is worse than none.

use std::sync::Arc;

use antiphon_model::{Gain, Note, Pan, Sound, TrackId, Velocity};
use antiphon_timeline::{Frames, Run};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::{
    compile,
    limits::{COMMANDS_MAX, METERS_MAX, RETURNS_MAX},
    meters::{Meters, Snapshot},
    metronome::Metronome,
    mixer::Gesture,
    plan::{Instrument, Plan},
    processor::Processor,
    sample::{SampleData, SamplePool},
};

/// To the audio thread.
pub(crate) enum Command {
    Plan(Plans),
    Run(Option<Box<Run>>),
    /// On, and the gain of its clicks.
    Metronome(bool, f32),
    NoteOn {
        track: TrackId,
        note: u8,
        velocity: u8,
    },
    NoteOff {
        track: TrackId,
        note: u8,
    },
    AllNotesOff,
    Preview(Instrument),
    Gesture(Gesture),
}

/// A plan, and the one that follows it from a frame of the stream on.
pub(crate) struct Plans {
    pub plan: Box<Plan>,
    pub next: Option<(Frames, Box<Plan>)>,
}

/// Back from the audio thread, to be dropped elsewhere.
pub(crate) enum Returned {
    Plan { _plan: Box<Plan>, _next: Option<Box<Plan>> },
    Run { _run: Box<Run> },
    Sample(Arc<SampleData>),
}

/// The audio thread's way to give things back.
pub(crate) struct Returns(Producer<Returned>);

impl Returns {
    /// Thread: audio. Real-time safe: yes. Gives the value back to the caller when the queue is full.
    pub(crate) fn send(&mut self, value: Returned) -> Result<(), Returned> {
        self.0.push(value).map_err(|rtrb::PushError::Full(value)| value)
    }

    fn slots(&self) -> usize {
        self.0.slots()
    }
}

/// Makes the two ends. Builds the oscillators' tables on first use (some milliseconds).
pub fn player() -> (Controller, Player) {
    let (commands, inbox) = RingBuffer::new(COMMANDS_MAX);
    let (returns, returned) = RingBuffer::new(RETURNS_MAX);
    let (meters, snapshots) = RingBuffer::new(METERS_MAX);
    let controller = Controller {
        commands,
        returned,
        snapshots,
        waiting_plan: None,
        waiting_run: None,
        waiting_metronome: None,
    };
    let processor = Processor::new();
    (controller, Player { inbox, returns: Returns(returns), meters, processor })
}

/// The peer's end.
pub struct Controller {
    commands: Producer<Command>,
    returned: Consumer<Returned>,
    snapshots: Consumer<Snapshot>,
    waiting_plan: Option<Plans>,
    waiting_run: Option<Option<Box<Run>>>,
    waiting_metronome: Option<Metronome>,
}

impl Controller {
    /// Plays `plan` from the next block on. Sounding notes go on; gains move smoothly.
    pub fn set_plan(&mut self, plan: Plan) {
        self.set_plans(plan, None);
    }

    /// The same, with a plan that takes over at a frame of the stream, wherever in a block that is. Every player that has
    /// it by then changes on that very frame; one that gets it later changes with the next block. Whatever was to take
    /// over before does not.
    pub fn set_plans(&mut self, plan: Plan, next: Option<(Frames, Plan)>) {
        let next = next.map(|(at, next)| (at, Box::new(next)));
        self.waiting_plan = Some(Plans { plan: Box::new(plan), next });
        self.flush();
    }

    /// Lays the music on the stream, or stops it (a fade of 4 ms).
    ///
    /// A run that starts as the present one does (same start, same first tick) continues it: a tempo change ahead
    /// or an end moves nothing that sounds already.
    pub fn set_run(&mut self, run: Option<Run>) {
        self.waiting_run = Some(run.map(Box::new));
        self.flush();
    }

    /// How the metronome clicks from the next beat on.
    pub fn set_metronome(&mut self, metronome: Metronome) {
        self.waiting_metronome = Some(metronome);
        self.flush();
    }

    /// Plays a note on a track's instrument, also while stopped. For drums and samples 60 is the recorded pitch.
    /// False: the queue is full, the note is dropped.
    pub fn note_on(&mut self, track: TrackId, note: Note, velocity: Velocity) -> bool {
        self.send(Command::NoteOn { track, note: note.get(), velocity: velocity.get() })
    }

    /// Lets the note go.
    pub fn note_off(&mut self, track: TrackId, note: Note) -> bool {
        self.send(Command::NoteOff { track, note: note.get() })
    }

    /// Ends everything that sounds within 4 ms: steps, live notes, the preview. What comes next still sounds.
    pub fn all_notes_off(&mut self) -> bool {
        self.send(Command::AllNotesOff)
    }

    /// Plays one note of `sound`, past the tracks; ends the last preview.
    pub fn preview(&mut self, sound: &Sound, samples: &SamplePool) -> bool {
        self.send(Command::Preview(Instrument::new(sound, samples)))
    }

    /// A fader being turned: `None` for the track is the master (which has no pan).
    ///
    /// Holds until a plan brings another shared value for that strip, or until both values are `None`.
    pub fn set_strip_gesture(
        &mut self,
        track: Option<TrackId>,
        gain: Option<Gain>,
        pan: Option<Pan>,
    ) -> bool {
        let gesture = Gesture { track, gain: gain.map(compile::gain), pan: pan.map(compile::pan) };
        self.send(Command::Gesture(gesture))
    }

    /// Levels since the last call; `None` when nothing was played since.
    pub fn telemetry(&mut self) -> Option<Meters> {
        let mut sum = self.snapshots.pop().ok()?;
        while let Ok(later) = self.snapshots.pop() {
            sum.merge(&later);
        }
        Some(sum.read())
    }

    /// Drops what the audio thread gave back, and sends what did not fit before. Call it a few times a second.
    pub fn collect(&mut self) {
        while self.returned.pop().is_ok() {}
        self.flush();
    }

    fn flush(&mut self) {
        if let Some(plan) = self.waiting_plan.take()
            && let Err(rtrb::PushError::Full(Command::Plan(plan))) = self.commands.push(Command::Plan(plan))
        {
            self.waiting_plan = Some(plan);
        }
        if let Some(run) = self.waiting_run.take()
            && let Err(rtrb::PushError::Full(Command::Run(run))) = self.commands.push(Command::Run(run))
        {
            self.waiting_run = Some(run);
        }
        if let Some(Metronome { on, volume }) = self.waiting_metronome {
            let sent = self.commands.push(Command::Metronome(on, compile::gain(volume)));
            self.waiting_metronome = self.waiting_metronome.filter(|_| sent.is_err());
        }
    }

    fn send(&mut self, command: Command) -> bool {
        self.flush();
        self.commands.push(command).is_ok()
    }
}

/// The audio thread's end.
pub struct Player {
    inbox: Consumer<Command>,
    returns: Returns,
    meters: Producer<Snapshot>,
    processor: Processor,
}

impl Player {
    /// Lets notes ring on when the run reaches its end, as a render wants it; otherwise they stop there.
    pub(crate) fn let_the_end_ring(&mut self) {
        self.processor.let_the_end_ring();
    }

    /// Renders the stream from frame `first` on into `out`, interleaved stereo.
    ///
    /// Thread: audio. Real-time safe: yes (no allocation, lock, log or system call).
    /// `first` is normally where the last call ended; a jump drops what sounded with a fade of 2 ms. The
    /// limiter's latency is made up for: a step at frame F is in `out` at frame F. Live notes sound
    /// [`antiphon_dsp::Limiter::LATENCY`] frames (2 ms) after the block that takes them in begins.
    pub fn process(&mut self, first: Frames, out: &mut [f32]) {
        // Every command returns at most one value at once, so none is taken that could not be given back.
        while self.returns.slots() > 0 {
            let Ok(command) = self.inbox.pop() else { break };
            self.processor.handle(command, &mut self.returns);
        }
        self.processor.process(first, out, &mut self.returns);
        if self.meters.slots() > 0
            && let Some(snapshot) = self.processor.take_snapshot()
        {
            // There is room: the only one who fills this queue is this thread.
            let _ = self.meters.push(snapshot);
        }
    }
}
