//! The transport of the open session: acts of its user become timeline operations, and the operations of
//! all peers fold into what plays.
//!
//! An act takes effect a little later than it was made, so that every peer hears of it in time; alone the
//! wait is one buffer. Every run starts from an explicit tempo operation, so that the tempo in the document
//! (which a reopened session starts with) can change without moving the past of a run.

use antiphon_identity::PeerId;
use antiphon_model::Song;
use antiphon_timeline::{
    COUNT_IN_MAX, Hlc, Meter, OpKind, Run, SessionTime, Tempo, Ticks, Timeline, TimelineOp, Transport,
};

use crate::limits::{LEAD_ALONE_NS, LEAD_MAX_NS, LEAD_MIN_NS};

/// The fold of one session's operations in the present timebase.
#[derive(Debug)]
pub(crate) struct SharedTransport {
    timeline: Timeline,
    hlc: Hlc,
    author: [u8; 32],
}

impl SharedTransport {
    pub(crate) fn new(author: [u8; 32], base: Feel, ops: Vec<TimelineOp>, now: SessionTime) -> Self {
        let mut transport = Self { timeline: Timeline::new(base.tempo), hlc: Hlc::new(), author };
        transport.timeline.set_base_meter(base.meter);
        transport.take_in(ops, now);
        transport
    }

    /// Adds operations that may be known already; those that were new.
    pub(crate) fn take_in(&mut self, mut ops: Vec<TimelineOp>, now: SessionTime) -> Vec<TimelineOp> {
        ops.retain(|op| {
            self.hlc.observe(op.stamp, now);
            self.timeline.insert(*op)
        });
        ops
    }

    pub(crate) fn at(&self, now: SessionTime) -> Transport {
        self.timeline.transport(now)
    }

    /// The run that is about to take over from the one that plays.
    pub(crate) fn upcoming(&self, now: SessionTime) -> Option<Run> {
        self.timeline.upcoming(now)
    }

    pub(crate) fn next_change(&self, now: SessionTime) -> Option<SessionTime> {
        self.timeline.next_change(now)
    }

    /// The tempo that plays, or would.
    pub(crate) fn tempo(&self, now: SessionTime) -> Tempo {
        match self.at(now) {
            Transport::Stopped { tempo, .. } => tempo,
            Transport::Playing(run) => run.tempo_at(run.tick_at(now)),
        }
    }

    /// Play from where it rests, in the document's tempo and meter, after so many bars of counting in. Nothing where it
    /// plays already.
    pub(crate) fn play(
        &mut self,
        now: SessionTime,
        lead_ns: i64,
        document: Feel,
        count_in_bars: u8,
    ) -> Vec<TimelineOp> {
        let Transport::Stopped { position, tempo, meter } = self.at(now) else { return Vec::new() };
        let has = |is: fn(&OpKind) -> bool| self.timeline.ops().any(|op| is(&op.kind));
        let mut kinds = Vec::new();
        if tempo != document.tempo || !has(|kind| matches!(kind, OpKind::Tempo { .. })) {
            kinds.push(OpKind::Tempo { at: position, tempo: document.tempo, ramp_ns: 0 });
        }
        if meter != document.meter || !has(|kind| matches!(kind, OpKind::Meter { .. })) {
            kinds.push(OpKind::Meter { at: position, meter: document.meter });
        }
        let bar = document.meter.bar().0;
        let count_in = i64::from(count_in_bars).min(COUNT_IN_MAX.0 / bar) * bar;
        let at = now + lead_ns + document.tempo.nanos_of(count_in);
        kinds.push(OpKind::Play { at, from: position, count_in: Ticks(count_in) });
        self.make(now, kinds)
    }

    /// Who played, stopped or went elsewhere last.
    pub(crate) fn moved_by(&self) -> Option<PeerId> {
        let is_move = |kind: &OpKind| !matches!(kind, OpKind::Tempo { .. } | OpKind::Meter { .. });
        let moves = self.timeline.ops().filter(|op| is_move(&op.kind));
        moves.last().map(|op| PeerId(op.author))
    }

    /// Has nobody acted in this timebase yet?
    pub(crate) fn is_untouched(&self) -> bool {
        self.timeline.ops().next().is_none()
    }

    /// Goes on with what plays in `last`, whose clock shows `then` while ours shows `now`.
    pub(crate) fn carry_over(
        &mut self,
        last: &Self,
        then: SessionTime,
        now: SessionTime,
        lead_ns: i64,
    ) -> Vec<TimelineOp> {
        let Transport::Playing(run) = last.at(then) else { return Vec::new() };
        let from = run.tick_at(then + lead_ns).max(run.first_tick());
        let mut meters = run.meters().map(|(at, meter)| OpKind::Meter { at, meter });
        let mut kinds: Vec<OpKind> = meters.next().into_iter().collect();
        kinds.push(OpKind::Tempo { at: from, tempo: run.tempo_at(from), ramp_ns: 0 });
        kinds.push(OpKind::Play { at: now + lead_ns, from, count_in: Ticks::ZERO });
        kinds.extend(meters);
        // The rest of a ramp goes on as one.
        let ramp_ns = (run.last_change() - (then + lead_ns)).max(0);
        if run.last_tempo() != run.tempo_at(from) {
            kinds.push(OpKind::Tempo { at: from, tempo: run.last_tempo(), ramp_ns });
        }
        self.make(now, kinds)
    }

    /// Stop where the music is, or rewind to the start. Stopping twice rewinds.
    pub(crate) fn stop(&mut self, now: SessionTime, lead_ns: i64, rewind: bool) -> Vec<TimelineOp> {
        let kind = match self.at(now) {
            Transport::Playing(run) => {
                let at = run.tick_at(now + lead_ns).max(run.first_tick());
                OpKind::Stop { at, position: if rewind { Ticks::ZERO } else { at } }
            }
            Transport::Stopped { position, .. } if rewind && position != Ticks::ZERO => {
                OpKind::Locate { to: Ticks::ZERO }
            }
            Transport::Stopped { .. } => return Vec::new(),
        };
        self.make(now, vec![kind])
    }

    /// Go to a place; while playing the music goes on from there.
    pub(crate) fn locate(&mut self, now: SessionTime, lead_ns: i64, to: Ticks) -> Vec<TimelineOp> {
        let kind = match self.at(now) {
            Transport::Playing(_) => OpKind::Play { at: now + lead_ns, from: to, count_in: Ticks::ZERO },
            Transport::Stopped { .. } => OpKind::Locate { to },
        };
        self.make(now, vec![kind])
    }

    /// Brings the transport to the document's tempo, over `ramp_ns` where it plays, and to its meter. Nothing where it
    /// has them already.
    pub(crate) fn follow(
        &mut self,
        now: SessionTime,
        lead_ns: i64,
        document: Feel,
        ramp_ns: i64,
    ) -> Vec<TimelineOp> {
        let (tempo, meter, at) = match self.at(now) {
            Transport::Playing(run) => {
                (run.last_tempo(), run.last_meter(), run.tick_at(now + lead_ns).max(run.first_tick()))
            }
            Transport::Stopped { tempo, meter, position } => (tempo, meter, position),
        };
        let tempo = (tempo != document.tempo).then_some(OpKind::Tempo { at, tempo: document.tempo, ramp_ns });
        let meter = (meter != document.meter).then_some(OpKind::Meter { at, meter: document.meter });
        self.make(now, tempo.into_iter().chain(meter).collect())
    }

    fn make(&mut self, now: SessionTime, kinds: Vec<OpKind>) -> Vec<TimelineOp> {
        let author = self.author;
        let ops: Vec<_> =
            kinds.into_iter().map(|kind| TimelineOp { stamp: self.hlc.next(now), author, kind }).collect();
        for op in &ops {
            self.timeline.insert(*op);
        }
        ops
    }
}

/// What of the song the transport follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feel {
    pub(crate) tempo: Tempo,
    pub(crate) meter: Meter,
}

impl Feel {
    pub(crate) fn of(song: &Song) -> Self {
        Self { tempo: song.tempo, meter: song.meter }
    }
}

/// How far ahead an act is placed: far enough for the slowest peer to hear of it in time.
pub(crate) fn lead_ns(in_company: bool, worst_round_trip_ns: i64) -> i64 {
    if !in_company {
        return LEAD_ALONE_NS;
    }
    worst_round_trip_ns.saturating_mul(2).saturating_add(LEAD_MIN_NS / 2).clamp(LEAD_MIN_NS, LEAD_MAX_NS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;
    const FEEL: Feel = Feel { tempo: Tempo::DEFAULT, meter: Meter::DEFAULT };

    fn transport() -> SharedTransport {
        SharedTransport::new([1; 32], FEEL, Vec::new(), SessionTime(0))
    }

    fn run(transport: &SharedTransport, now: SessionTime) -> Run {
        match transport.at(now) {
            Transport::Playing(run) => run,
            stopped => panic!("{stopped:?}"),
        }
    }

    #[test]
    fn play_starts_after_the_lead_and_twice_changes_nothing() {
        let mut transport = transport();
        let now = SessionTime(5_000 * MS);
        assert_eq!(transport.play(now, 80 * MS, FEEL, 0).len(), 3);
        assert_eq!(run(&transport, now).start(), now + 80 * MS);
        assert!(transport.play(now + MS, 80 * MS, FEEL, 0).is_empty());
    }

    #[test]
    fn play_after_pause_goes_on_at_the_same_tick() {
        let mut transport = transport();
        transport.play(SessionTime(0), 0, FEEL, 0);
        transport.stop(SessionTime(1_000 * MS), 0, false);
        let later = SessionTime(3_000 * MS);
        transport.play(later, 0, FEEL, 0);
        assert_eq!(run(&transport, later).first_tick(), Ticks::from_steps(8));
    }

    #[test]
    fn stopping_twice_rewinds() {
        let mut transport = transport();
        transport.play(SessionTime(0), 0, FEEL, 0);
        transport.stop(SessionTime(1_000 * MS), 0, false);
        transport.stop(SessionTime(2_000 * MS), 0, true);
        let at = transport.at(SessionTime(3_000 * MS));
        assert_eq!(
            at,
            Transport::Stopped { position: Ticks::ZERO, tempo: Tempo::DEFAULT, meter: Meter::DEFAULT }
        );
    }

    #[test]
    fn a_tempo_change_does_not_move_what_was_played() {
        let mut transport = transport();
        transport.play(SessionTime(0), 0, FEEL, 0);
        let faster = Tempo::from_bpm(150.0).unwrap();
        let now = SessionTime(1_000 * MS);
        let before = run(&transport, now).tick_at(now);
        assert_eq!(transport.follow(now, 100 * MS, Feel { tempo: faster, ..FEEL }, 0).len(), 1);
        assert_eq!(run(&transport, now).tick_at(now), before);
        assert_eq!(transport.tempo(now + 200 * MS), faster);
        assert!(transport.follow(now + 300 * MS, 100 * MS, Feel { tempo: faster, ..FEEL }, 0).is_empty());
    }

    #[test]
    fn music_goes_on_at_the_same_tick_in_another_timebase() {
        let mut first = transport();
        first.play(SessionTime(0), 0, FEEL, 0);
        let mut second = transport();
        let (then, now) = (SessionTime(1_000 * MS), SessionTime(77 * MS));
        assert_eq!(second.carry_over(&first, then, now, 80 * MS).len(), 3);
        let later = 500 * MS;
        let ticks = |run: Run, at| run.tick_at(at);
        let (a, b) = (run(&first, then + later), run(&second, now + later));
        // Rounding down once more moves it by a tick of 2⁻³² quarters at most.
        assert!((ticks(a, then + later) - ticks(b, now + later)).abs() <= 1);
    }

    #[test]
    fn the_lead_covers_the_slowest_peer_within_bounds() {
        assert_eq!(lead_ns(false, 0), LEAD_ALONE_NS);
        assert_eq!(lead_ns(true, 0), LEAD_MIN_NS);
        assert_eq!(lead_ns(true, 100 * MS), 240 * MS);
        assert_eq!(lead_ns(true, i64::MAX), LEAD_MAX_NS);
    }
}
