//! Acts of others that came after their moment.
//!
//! Every act names the moment at which it takes effect, far enough ahead for everybody to hear of it. One that comes
//! later than that still leads to the same song and the same place in it, but here it was heard late or not at all.
//! That is told, never hidden: it is what a slow link or a short lead sounds like.
//!
//! Only moments since this peer has had the session open, by the clock that counts now, can be late: what was before is
//! history that a joiner catches up with. A stamp is its author's word, so a forged one can claim to be late; each
//! author is told of at most once a second, and the count of others goes with it.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_document::Touched;
use antiphon_identity::PeerId;
use antiphon_model::{Moment, Song, TrackId};
use antiphon_sync::Now;
use antiphon_timeline::{NANOS_PER_SECOND, OpKind, SessionTime, TimelineOp};

use crate::{effect::Change, jam::Jam, limits::LATE_AUTHORS_MAX, peer::Peer};

/// What came late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateAct {
    /// A play, a stop, or a change of tempo or meter.
    Transport,
    /// A launch, fill or mode.
    Launch,
    /// An edit that was to wait for a bar.
    Edit,
}

/// What came late, by author.
#[derive(Debug, Default)]
pub(crate) struct LateActs {
    authors: BTreeMap<PeerId, OfAuthor>,
}

#[derive(Debug, Default)]
struct OfAuthor {
    total: u64,
    untold: u64,
    worst_ns: i64,
    told_at: Option<SessionTime>,
}

const TOLD_EVERY_NS: i64 = NANOS_PER_SECOND;

impl LateActs {
    /// Notes one; what is to be told of it now.
    fn note(&mut self, author: PeerId, by_ns: i64, what: LateAct, now: SessionTime) -> Option<Change> {
        if !self.authors.contains_key(&author) && self.authors.len() >= LATE_AUTHORS_MAX {
            self.authors.pop_first();
        }
        let of = self.authors.entry(author).or_default();
        of.total += 1;
        of.untold += 1;
        of.worst_ns = of.worst_ns.max(by_ns);
        if of.told_at.is_some_and(|told| (0..TOLD_EVERY_NS).contains(&(now - told))) {
            return None;
        }
        of.told_at = Some(now);
        let (count, by_ns) = (std::mem::take(&mut of.untold), std::mem::take(&mut of.worst_ns));
        Some(Change::Late { author, by_ns, what, count })
    }

    fn total(&self, author: PeerId) -> u64 {
        self.authors.get(&author).map_or(0, |of| of.total)
    }
}

impl Peer {
    /// How many acts of a peer came after their moment since it was met in this session.
    pub fn late_acts(&self, author: PeerId) -> u64 {
        self.jam.as_ref().map_or(0, |jam| jam.late.total(author))
    }

    /// Notes an act of another whose moment was `by_ns` ago, when that is after the session was opened here.
    pub(crate) fn note_late(
        &mut self,
        jam: &mut Jam,
        author: PeerId,
        by_ns: i64,
        what: LateAct,
        now: SessionTime,
    ) {
        if author == self.id() || by_ns <= 0 || by_ns > now - jam.since {
            return;
        }
        if let Some(late) = jam.late.note(author, by_ns, what, now) {
            tracing::debug!(peer = %author.short(), by_ns, ?what, "an act came after its moment");
            self.tell(late);
        }
    }
}

impl Peer {
    /// What of a change of another came late: launches, and edits that were to wait for a bar.
    pub(crate) fn note_late_changes(&mut self, jam: &mut Jam, author: PeerId, touched: &Touched, now: Now) {
        let at = self.map.to_session(now.host);
        let song = jam.song().clone();
        let before = std::mem::replace(&mut jam.song_before, song);
        let Some(run) = jam.sounding(at) else { return };
        let tick = run.tick_at(at);
        let launched = launches(&before, jam.song(), &touched.tracks);
        let missed = launched.filter(|launch| launch.run == run.start() && launch.tick <= tick);
        if let Some(first) = missed.map(|launch| launch.tick).min() {
            self.note_late(jam, author, at - run.time_at(first), LateAct::Launch, at);
        }
        if let Some(late) = touched.late {
            let by_ns = at - run.time_at(tick + -late);
            self.note_late(jam, author, by_ns, LateAct::Edit, at);
        }
    }
}

/// The moments of switches that are in `after` and not in `before`.
fn launches<'a>(
    before: &'a Song,
    after: &'a Song,
    tracks: &'a BTreeSet<TrackId>,
) -> impl Iterator<Item = Moment> + 'a {
    let fill = (before.fill != after.fill).then_some(after.fill.change.map(|change| change.at));
    let mode = (before.mode != after.mode).then_some(after.mode.change.map(|change| change.at));
    let tracks = tracks.iter().filter_map(|id| {
        let (was, is) = (before.track(*id).map(|track| track.current), after.track(*id)?.current);
        (was != Some(is)).then_some(is.change.map(|change| change.at))
    });
    fill.into_iter().chain(mode).chain(tracks).flatten()
}

impl Jam {
    /// How long ago the moment of a timeline operation was, when it is past. `None` also for what takes effect at once.
    pub(crate) fn missed(&self, op: &TimelineOp, now: SessionTime) -> Option<i64> {
        let run = || self.sounding(now);
        let at = match op.kind {
            OpKind::Play { at, .. } => at,
            OpKind::Stop { at, .. } | OpKind::Tempo { at, .. } | OpKind::Meter { at, .. } => {
                let run = run().filter(|run| run.start() <= op.stamp.time)?;
                // What was asked for in the past took effect when it was made.
                run.time_at(at).max(op.stamp.time)
            }
            OpKind::Locate { .. } => return None,
        };
        Some(now - at).filter(|by_ns| *by_ns > 0)
    }
}
