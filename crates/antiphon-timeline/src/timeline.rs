//! The transport as a pure fold of everybody's operations.

use std::collections::BTreeSet;

use crate::{
    fold::Fold,
    limits::{MOVES_MAX, STAMP_AHEAD_MAX_NS, TEMPOS_MAX},
    meter::Meter,
    op::{OpKind, TimelineOp},
    run::Run,
    tempo::Tempo,
    units::{SessionTime, Ticks},
};

/// What the transport does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Nothing plays.
    Stopped {
        /// Where the playhead rests.
        position: Ticks,
        /// The tempo of the next run.
        tempo: Tempo,
        /// The meter of the next run.
        meter: Meter,
    },
    /// A run plays, or counts in, or plays out to its end.
    Playing(Run),
}

impl Default for Transport {
    fn default() -> Self {
        Self::Stopped { position: Ticks::ZERO, tempo: Tempo::DEFAULT, meter: Meter::DEFAULT }
    }
}

/// All operations known of one timebase, and the transport they come to.
///
/// Two timelines with the same base tempo that hold the same operations agree on the transport at every
/// moment, in whichever order the operations came. Later stamps win over earlier ones, the greater author
/// over the lesser between equal stamps, with these rules:
///
/// - No operation edits what was past at its stamp: a change of tempo begins at the later of its tick
///   and the tick of its stamp, so the phase never jumps. It replaces changes that lay after it.
/// - A ramp replaces what lay after its beginning, a change within a ramp begins at the tempo reached there.
/// - A change of meter takes effect at the first bar line at or after its tick.
/// - A play while a run plays moves there: the old run sounds until the new one starts
///   ([`Self::upcoming`]). The tempo goes on across the move, also in the middle of a ramp.
/// - What an operation asks for in ticks is a time: that of the tick in what sounded when it was made. What was to
///   happen before that time still does, so whoever hears of it by then is never moved.
/// - An operation stamped ahead of session time waits until its time has come, so one forged with an
///   absurd time never decides anything.
///
/// Of each kind only the newest are kept ([`MOVES_MAX`], [`TEMPOS_MAX`]), the same ones on every peer.
///
/// ```
/// use antiphon_timeline::*;
/// let mut timeline = Timeline::new(Tempo::DEFAULT);
/// let mut hlc = Hlc::new();
/// let now = SessionTime(1_000_000_000);
/// let play = OpKind::Play { at: now, from: Ticks::ZERO, count_in: Ticks::ZERO };
/// timeline.insert(TimelineOp { stamp: hlc.next(now), author: [1; 32], kind: play });
/// let Transport::Playing(run) = timeline.transport(now) else { panic!() };
/// assert_eq!(run.tick_at(now + 500_000_000), Ticks(TICKS_PER_QUARTER));
/// ```
#[derive(Debug, Clone)]
pub struct Timeline {
    base_tempo: Tempo,
    base_meter: Meter,
    ops: BTreeSet<TimelineOp>,
    /// How many of each kind are kept.
    kept: [usize; 5],
}

impl Timeline {
    /// A stopped transport at tick 0 and `base_tempo`, in 4/4.
    pub const fn new(base_tempo: Tempo) -> Self {
        Self { base_tempo, base_meter: Meter::DEFAULT, ops: BTreeSet::new(), kept: [0; 5] }
    }

    /// The meter in force before the first meter operation.
    pub const fn set_base_meter(&mut self, meter: Meter) {
        self.base_meter = meter;
    }

    /// The tempo in force before the first tempo operation.
    pub const fn set_base_tempo(&mut self, tempo: Tempo) {
        self.base_tempo = tempo;
    }

    /// Adds an operation; whether it was new and is kept.
    ///
    /// At the bound of its kind the oldest goes, which can be this one.
    pub fn insert(&mut self, op: TimelineOp) -> bool {
        if !self.ops.insert(op) {
            return false;
        }
        let (kind, bound) = kept_of(&op.kind);
        self.kept[kind] += 1;
        if self.kept[kind] <= bound {
            return true;
        }
        let oldest = self.ops.iter().find(|other| kept_of(&other.kind).0 == kind).copied();
        let Some(oldest) = oldest else { return true };
        self.ops.remove(&oldest);
        self.kept[kind] -= 1;
        oldest != op
    }

    /// The transport at `now`.
    ///
    /// A run that ends stays [`Transport::Playing`] until `now` reaches its end. A run that starts later
    /// is already here, unless another one still plays until then: see [`Self::upcoming`].
    pub fn transport(&self, now: SessionTime) -> Transport {
        self.fold(now).transport()
    }

    /// The run that takes over from the one playing at `now`, when one does.
    pub fn upcoming(&self, now: SessionTime) -> Option<Run> {
        self.fold(now).upcoming()
    }

    /// When the transport next changes by itself, without a new operation: a run takes over, a run ends
    /// or a waiting operation's time has come.
    pub fn next_change(&self, now: SessionTime) -> Option<SessionTime> {
        let waiting = self.ops.range(..).find(|op| op.stamp.is_ahead_of(now));
        let waiting = waiting.map(|op| op.stamp.time + -STAMP_AHEAD_MAX_NS);
        [self.fold(now).next_change(), waiting].into_iter().flatten().min()
    }

    /// The operations kept, in the order they fold.
    pub fn ops(&self) -> impl Iterator<Item = &TimelineOp> {
        self.ops.iter()
    }

    fn fold(&self, now: SessionTime) -> Fold {
        let mut fold = Fold::new(self.base_tempo, self.base_meter);
        for op in self.ops.iter().take_while(|op| !op.stamp.is_ahead_of(now)) {
            fold.apply(op, now);
        }
        fold.settle(now);
        fold
    }
}

/// Where a kind is counted, and how many of it are kept.
const fn kept_of(kind: &OpKind) -> (usize, usize) {
    match kind {
        OpKind::Play { .. } => (0, MOVES_MAX),
        OpKind::Stop { .. } => (1, MOVES_MAX),
        OpKind::Locate { .. } => (2, MOVES_MAX),
        OpKind::Tempo { .. } => (3, TEMPOS_MAX),
        OpKind::Meter { .. } => (4, MOVES_MAX),
    }
}
