//! Five peers who turn every knob at once: every peer has every act in the end, and the same beat at every moment.
//!
//! Acts are made by clocks that are a little off and arrive after random delays, in random order, some twice. As long as
//! none takes longer than half the lead, nobody is ever anywhere else than the others, and no arrival moves what sounds.
//! `ANTIPHON_LONG=1` makes 100,000 acts; otherwise it is a few thousand.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_timeline::{
    Hlc, MOVES_MAX, Meter, OpKind, RAMP_MAX_NS, Run, SessionTime, TEMPOS_MAX, TICKS_PER_QUARTER, Tempo,
    Ticks, Timeline, TimelineOp, Transport,
};

const MS: i64 = 1_000_000;
const PEERS: usize = 5;
const LEAD_NS: i64 = 240 * MS;
const DELAY_MAX_NS: i64 = 110 * MS;
const SKEW_MAX_NS: i64 = MS / 2;

struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: i64) -> i64 {
        (self.next() % end.unsigned_abs()).cast_signed()
    }
}

struct Peer {
    timeline: Timeline,
    hlc: Hlc,
    skew_ns: i64,
    /// Acts on their way here, by arrival.
    inbox: BTreeMap<(SessionTime, usize), TimelineOp>,
}

/// What sounds: which run, where in it, in which bar.
type Beat = Option<(SessionTime, Ticks, i64)>;

impl Peer {
    fn run(&self, now: SessionTime) -> Option<Run> {
        match self.timeline.transport(now) {
            Transport::Playing(run) => Some(run),
            Transport::Stopped { .. } => None,
        }
    }

    fn beat(&self, now: SessionTime) -> Beat {
        let run = self.run(now).filter(|run| run.start() <= now && !run.is_over(now))?;
        let tick = run.tick_at(now);
        Some((run.start(), tick, run.bar_at(tick).number))
    }

    /// Some act of its user, placed as a peer places it.
    fn act(&mut self, rng: &mut Rng, author: usize, now: SessionTime) -> TimelineOp {
        let now = now + self.skew_ns;
        let run = self.run(now);
        let at = run.as_ref().map_or(Ticks::ZERO, |run| run.tick_at(now + LEAD_NS).max(run.first_tick()));
        let tempo = Tempo::from_bpm(20.0 + rng.below(97_900) as f64 / 100.0).unwrap();
        let to = Ticks(rng.below(1 << 40));
        let kind = match rng.below(40) {
            0..=1 => OpKind::Play {
                at: now + LEAD_NS,
                from: to,
                count_in: Ticks(rng.below(8) * TICKS_PER_QUARTER),
            },
            2 => OpKind::Stop { at, position: to },
            3 if run.is_none() => OpKind::Locate { to },
            3..=9 => {
                let unit = Meter::UNITS[rng.below(4) as usize].into();
                OpKind::Meter { at, meter: Meter::new(1 + rng.below(16), unit).unwrap() }
            }
            10..=24 => OpKind::Tempo { at, tempo, ramp_ns: 0 },
            25..=38 => OpKind::Tempo { at, tempo, ramp_ns: rng.below(8_000 * MS) },
            _ => OpKind::Tempo { at, tempo, ramp_ns: RAMP_MAX_NS },
        };
        let op = TimelineOp { stamp: self.hlc.next(now), author: [author as u8; 32], kind };
        self.timeline.insert(op);
        op
    }

    fn receive(&mut self, op: TimelineOp, now: SessionTime) {
        self.hlc.observe(op.stamp, now + self.skew_ns);
        // The bytes are what travels.
        self.timeline.insert(TimelineOp::decode(&op.encode()).unwrap());
    }
}

fn peers(rng: &mut Rng) -> Vec<Peer> {
    let peer = |_| Peer {
        timeline: Timeline::new(Tempo::DEFAULT),
        hlc: Hlc::new(),
        skew_ns: rng.below(2 * SKEW_MAX_NS) - SKEW_MAX_NS,
        inbox: BTreeMap::new(),
    };
    (0..PEERS).map(peer).collect()
}

fn acts(few: usize) -> usize {
    if std::env::var_os("ANTIPHON_LONG").is_some() { 100_000 } else { few }
}

/// Delivers what has arrived by `now`, in the order of arrival, each checked to move nothing that sounds.
fn deliver(peers: &mut [Peer], now: SessionTime, check: bool) {
    for peer in peers {
        while let Some(entry) = peer.inbox.first_entry().filter(|entry| entry.key().0 <= now) {
            let at = entry.key().0;
            let op = entry.remove();
            // Asking costs a fold of everything: not at each of a hundred thousand.
            let before = (check && op.stamp.time.0 % 8 == 0).then(|| peer.beat(at));
            peer.receive(op, at);
            if let Some(before) = before {
                assert_eq!(peer.beat(at), before, "{op:?} moved what sounded when it came");
            }
        }
    }
}

/// Everybody has the newest of what was made, and nothing else.
fn check_nothing_lost(peers: &[Peer], made: &BTreeSet<TimelineOp>) {
    let kind = |op: &TimelineOp| std::mem::discriminant(&op.kind);
    let mut kept = BTreeSet::new();
    for kind_of in made.iter().map(kind).collect::<std::collections::HashSet<_>>() {
        let is_tempo = |op: &TimelineOp| matches!(op.kind, OpKind::Tempo { .. });
        let alike = made.iter().rev().filter(|op| kind(op) == kind_of);
        let bound = if made.iter().find(|op| kind(op) == kind_of).is_some_and(is_tempo) {
            TEMPOS_MAX
        } else {
            MOVES_MAX
        };
        kept.extend(alike.take(bound).copied());
    }
    for peer in peers {
        let ops: BTreeSet<TimelineOp> = peer.timeline.ops().copied().collect();
        assert_eq!(ops.symmetric_difference(&kept).count(), 0, "acts were lost");
    }
}

#[test]
fn everybody_is_at_the_same_beat_at_every_moment_and_nothing_is_lost() {
    let mut rng = Rng(4);
    let mut peers = peers(&mut rng);
    let (mut now, mut made) = (SessionTime(10_000 * MS), BTreeSet::new());
    let (mut sounding, mut last): (usize, (SessionTime, Beat)) = (0, (now, None));
    for number in 0..acts(2_500) {
        now = now + rng.below(60 * MS);
        deliver(&mut peers, now, true);
        let author = rng.below(PEERS as i64) as usize;
        let op = peers[author].act(&mut rng, author, now);
        made.insert(op);
        for (other, peer) in peers.iter_mut().enumerate().filter(|(other, _)| *other != author) {
            let copies = if rng.below(20) == 0 { 2 } else { 1 };
            for copy in 0..copies {
                let at = now + rng.below(DELAY_MAX_NS);
                peer.inbox.insert((at, number * 2 * PEERS + other * 2 + copy), op);
            }
        }
        if number % 4 == 0 {
            let beat = peers[0].beat(now);
            let beats: Vec<Beat> = peers.iter().map(|peer| peer.beat(now)).collect();
            assert!(beats.iter().all(|other| *other == beat), "at {now:?} peers are at {beats:?}");
            sounding += usize::from(beat.is_some());
            check_steady(last, (now, beat));
            last = (now, beat);
        }
    }
    deliver(&mut peers, now + DELAY_MAX_NS, true);
    check_nothing_lost(&peers, &made);
    assert!(sounding > acts(2_500) / 10, "hardly anything ever sounded");
    for after in [0, 1, 1_000, 20_000, 200_000] {
        let beat = peers[0].beat(now + after * MS);
        assert!(peers.iter().all(|peer| peer.beat(now + after * MS) == beat));
        assert!(peers.iter().all(|peer| peer.timeline.transport(now) == peers[0].timeline.transport(now)));
    }
}

/// Within a run the music goes forward, never slower than the slowest tempo and never faster than the fastest.
fn check_steady((then, was): (SessionTime, Beat), (now, is): (SessionTime, Beat)) {
    let (Some((run, was, _)), Some((same, is, _))) = (was, is) else { return };
    if run == same {
        let (least, most) = (Tempo::MIN.ticks_in(now - then), Tempo::MAX.ticks_in(now - then));
        // Each end is rounded to a nanosecond.
        assert!((least - 144..=most + 144).contains(&(is - was)), "{} ticks in {} ns", is - was, now - then);
    }
}

#[test]
fn acts_that_come_late_or_out_of_a_partition_leave_everybody_in_the_same_place() {
    let mut rng = Rng(9);
    let mut peers = peers(&mut rng);
    let (mut now, mut made) = (SessionTime(10_000 * MS), BTreeSet::new());
    for number in 0..acts(2_000) {
        now = now + rng.below(60 * MS);
        deliver(&mut peers, now, false);
        let author = rng.below(PEERS as i64) as usize;
        let op = peers[author].act(&mut rng, author, now);
        made.insert(op);
        for (other, peer) in peers.iter_mut().enumerate().filter(|(other, _)| *other != author) {
            // Half a minute and more for those on the other side.
            let late = if author % 2 == other % 2 { 2_000 * MS } else { 40_000 * MS };
            peer.inbox.insert((now + rng.below(late), number * PEERS + other), op);
        }
    }
    deliver(&mut peers, now + 40_000 * MS, false);
    check_nothing_lost(&peers, &made);
    for after in 0..200 {
        let at = now + (after - 100) * 500 * MS;
        let beat = peers[0].beat(at);
        assert!(peers.iter().all(|peer| peer.beat(at) == beat), "peers are at different beats {after}");
    }
}
