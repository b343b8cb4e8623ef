//! Edits that wait for a bar: what plays until then.
//!
//! The document always holds every change, and its song is what everybody sees. A change may carry a [`Moment`] though:
//! the bar of the run that plays at which it is to be heard. Until then a *hold* plays: the same document without the
//! changes that wait for its moment or a later one. So what plays at a tick is a function of the set of changes and
//! their moments alone, and peers who have all of them by then switch on that very tick.
//!
//! Rules: a change waits at least as long as what it follows. A moment of another run, or one that is past, waits for
//! nothing; if it is past in the run that plays, the change was late, and its [`Touched`](crate::Touched) says by how
//! much. A moment too far ahead to be honest waits for nothing either. When another run plays, or none, all has happened.
//! Launches, fill and mode have a moment in their own value, so a hold plays them as the document has them.
//!
//! A hold costs a copy of the document, made when the first edit for a bar comes and dropped at that bar; in between it
//! follows changes by patches like the document itself.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use antiphon_model::{Moment, SessionId, Song, Switch};
use antiphon_timeline::{SessionTime, Ticks};
use automerge::{Automerge, Change, PatchLog};

use crate::{
    ids::ChangeHash,
    limits::{HOLDS_MAX, MOMENTS_MAX},
    moment,
    raw::RawMap,
    repair::Repaired,
    touched::Touched,
};

/// Where the music is, as far as edits are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Playing {
    /// When the run started; names it.
    pub run: SessionTime,
    /// What sounds now. What waits for it has waited long enough.
    pub now: Ticks,
    /// The latest tick that an honest edit may wait for.
    pub latest: Ticks,
    /// What local edits wait for, where they do.
    pub edits_at: Option<Ticks>,
}

/// The document as far as it may be heard until a moment.
#[derive(Debug)]
struct Hold {
    until: Ticks,
    stage: Stage,
}

/// A document that is only read: Automerge, its mirror and its song.
#[derive(Debug)]
pub(crate) struct Stage {
    automerge: Automerge,
    raw: RawMap,
    repaired: Repaired,
    song: Arc<Song>,
}

/// A change that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    until: Ticks,
    /// Has it a moment of its own? Then it is an edit, and counted.
    is_edit: bool,
}

/// The holds of a document, the first to end first.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    playing: Option<Playing>,
    holds: Vec<Hold>,
    waiting: HashMap<ChangeHash, Waiting>,
    /// The moments that changes carry, newest last: a run may turn out to play after its edits have come.
    moments: BTreeMap<Moment, Vec<ChangeHash>>,
}

/// What becomes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The tick at which it is heard; `None`: at once.
    until: Option<Ticks>,
    /// By how many ticks it missed its moment.
    pub(crate) late: Option<i64>,
    is_edit: bool,
}

impl Holds {
    /// The moment that a local edit waits for.
    pub(crate) fn local_moment(&self) -> Option<Moment> {
        let playing = self.playing?;
        Some(Moment { run: playing.run, tick: playing.edits_at? })
    }

    /// Must what is played be told again from what is shown?
    pub(crate) fn is_active(&self) -> bool {
        !self.holds.is_empty()
    }

    /// Could a change that is known here have to wait, if the right run plays?
    pub(crate) fn knows_moments(&self) -> bool {
        !self.moments.is_empty()
    }

    /// Notes the moment of a change.
    pub(crate) fn note(&mut self, hash: ChangeHash, at: Option<Moment>) {
        let Some(at) = at else { return };
        self.moments.entry(at).or_default().push(hash);
        while self.moments.len() > MOMENTS_MAX {
            self.moments.pop_first();
        }
    }

    /// Where a change with this moment belongs that follows `dependencies`.
    pub(crate) fn place(&self, at: Option<Moment>, dependencies: impl Iterator<Item = ChangeHash>) -> Place {
        let before =
            dependencies.filter_map(|hash| self.waiting.get(&hash)).map(|waiting| waiting.until).max();
        let own = self.playing.zip(at).filter(|(playing, at)| playing.run == at.run);
        let late = own.and_then(|(playing, at)| (at.tick <= playing.now).then(|| playing.now - at.tick));
        let own = own.filter(|(playing, at)| playing.now < at.tick && at.tick <= playing.latest);
        let until = own.map(|(_, at)| at.tick).max(before);
        // With too many holds it waits with others, for the next or the last of them.
        let until = until.map(|until| match self.holds.as_slice() {
            full @ [.., last] if full.len() >= HOLDS_MAX => {
                full.iter().find(|hold| hold.until >= until).unwrap_or(last).until
            }
            _ => until,
        });
        Place { until, late, is_edit: own.is_some() }
    }

    /// Makes the hold that a change of this place needs, before the document has it. `copy` is the document.
    pub(crate) fn open(&mut self, place: Place, copy: impl FnOnce() -> Stage) {
        let Some(until) = place.until else { return };
        let at = self.holds.partition_point(|hold| hold.until < until);
        match self.holds.get(at) {
            Some(hold) if hold.until == until => {}
            Some(later) => {
                let stage = later.stage.copy();
                self.holds.insert(at, Hold { until, stage });
            }
            None => self.holds.push(Hold { until, stage: copy() }),
        }
    }

    /// A change was made or taken in: gives it to the holds that may sound it.
    pub(crate) fn take(&mut self, change: &Change, place: Place) {
        if let Some(until) = place.until {
            self.waiting.insert(change.hash().into(), Waiting { until, is_edit: place.is_edit });
        }
        for hold in &mut self.holds {
            if place.until.is_none_or(|until| until < hold.until) {
                hold.stage.take(change);
            }
        }
    }

    /// Lets go of holds that nothing waits for: the change that they were made for was not made.
    pub(crate) fn close_unused(&mut self) {
        let waiting = &self.waiting;
        self.holds.retain(|hold| waiting.values().any(|waiting| waiting.until == hold.until));
    }

    /// Says what plays. `true` where what is to be heard is another song now than before. `changes` is the whole
    /// document, each change after those it follows.
    pub(crate) fn set_playing(
        &mut self,
        playing: Option<Playing>,
        session: SessionId,
        changes: impl FnOnce() -> Vec<Change>,
    ) -> bool {
        let before = std::mem::replace(&mut self.playing, playing);
        let Some(playing) = playing else { return self.forget() };
        if before.is_none_or(|before| before.run != playing.run) {
            let had = self.forget();
            return self.hold_again(playing, session, changes) || had;
        }
        let over = self.holds.partition_point(|hold| hold.until <= playing.now);
        self.holds.drain(..over);
        self.waiting.retain(|_, waiting| waiting.until > playing.now);
        over > 0
    }

    fn forget(&mut self) -> bool {
        self.waiting.clear();
        !std::mem::take(&mut self.holds).is_empty()
    }

    /// A run turned out to play: what was known of it already may still have to wait.
    fn hold_again(
        &mut self,
        playing: Playing,
        session: SessionId,
        changes: impl FnOnce() -> Vec<Change>,
    ) -> bool {
        let from = Moment { run: playing.run, tick: playing.now + 1 };
        let to = Moment { run: playing.run, tick: playing.latest };
        if from > to || self.moments.range(from..=to).next().is_none() {
            return false;
        }
        let changes = changes();
        let mut all = Stage::of_changes(session, Vec::new());
        for change in &changes {
            let place = self.place_of(change);
            self.open(place, || all.copy());
            self.take(change, place);
            all.take(change);
        }
        !self.holds.is_empty()
    }

    /// Where a change belongs.
    pub(crate) fn place_of(&self, change: &Change) -> Place {
        let at = change.message().and_then(|message| moment::split(message).1);
        self.place(at, change.deps().iter().map(|hash| ChangeHash::from(*hash)))
    }

    /// The song that plays until the first hold ends.
    pub(crate) fn playing_song(&self, whole: &Arc<Song>) -> Arc<Song> {
        self.heard(0, whole)
    }

    /// The song that plays from the end of the first hold on, and that tick.
    pub(crate) fn next_song(&self, whole: &Arc<Song>) -> Option<(Arc<Song>, Moment)> {
        let until = self.holds.first()?.until;
        Some((self.heard(1, whole), Moment { run: self.playing?.run, tick: until }))
    }

    /// How many edits wait for the next moment.
    pub(crate) fn edits_waiting(&self) -> usize {
        let next = self.holds.first().map(|hold| hold.until);
        self.waiting.values().filter(|waiting| waiting.is_edit && Some(waiting.until) == next).count()
    }

    fn heard(&self, hold: usize, whole: &Arc<Song>) -> Arc<Song> {
        self.holds.get(hold).map_or_else(|| whole.clone(), |hold| with_switches(&hold.stage.song, whole))
    }
}

impl Stage {
    pub(crate) fn new(automerge: Automerge, raw: RawMap, repaired: Repaired, song: Arc<Song>) -> Self {
        Self { automerge, raw, repaired, song }
    }

    fn of_changes(session: SessionId, changes: Vec<Change>) -> Self {
        let mut automerge = Automerge::new();
        // They are part of a document, so they fit together; what does not would only be heard a little later.
        let _ = automerge.apply_changes(changes);
        let raw = RawMap::read(&automerge);
        let mut repaired = Repaired::new(session);
        repaired.read_all(&raw);
        let song = Arc::new(repaired.song.clone());
        Self { automerge, raw, repaired, song }
    }

    fn copy(&self) -> Self {
        let Self { automerge, raw, repaired, song } = self;
        Self::new(automerge.clone(), raw.clone(), repaired.clone(), song.clone())
    }

    fn take(&mut self, change: &Change) {
        let mut log = PatchLog::active();
        if self.automerge.apply_changes_log_patches([change.clone()], &mut log).is_ok() {
            let mut touched = Touched::default();
            self.raw.follow(self.automerge.make_patches(&mut log), &mut touched);
            if touched.reaches_song() {
                self.repaired.update(&self.raw, &touched);
                self.song = Arc::new(self.repaired.song.clone());
            }
        }
    }
}

/// `held` with the launches, the fill and the mode of `whole`, as far as it has what they name.
fn with_switches(held: &Arc<Song>, whole: &Song) -> Arc<Song> {
    let mut song = held.clone();
    if (held.fill, held.mode) != (whole.fill, whole.mode) {
        let song = Arc::make_mut(&mut song);
        (song.fill, song.mode) = (whole.fill, whole.mode);
    }
    for (at, track) in held.tracks.iter().enumerate() {
        let Some(current) = whole.track(track.id).map(|track| track.current) else { continue };
        let plays = |switch: Switch<_>| {
            let from = switch.change.map_or(switch.to, |change| change.from);
            track.patterns.contains_key(&switch.to) && track.patterns.contains_key(&from)
        };
        if current != track.current && plays(current) {
            Arc::make_mut(&mut song).tracks[at].current = current;
        }
    }
    song
}
