//! Edits that wait for a bar: which song is heard, and until when.
//!
//! The document keeps what waits (see `antiphon-document`). Here it learns where the music is, before each act and each
//! input, and the node learns what to play and what takes over at which frame of the stream.

use std::sync::Arc;

use antiphon_document::Playing;
use antiphon_model::{Moment, Song};
use antiphon_sync::Now;
use antiphon_timeline::{Frames, HostTime, Quantum, Run, SessionTime, Transport};

use crate::{effect::Change, jam::Jam, launch::place_after, limits::LEAD_MAX_NS, peer::Peer};

/// What is to be heard: a song, and the one that takes over from it at a frame of the canonical stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub song: Arc<Song>,
    pub next: Option<(Arc<Song>, Frames)>,
}

/// Edits that are made, and are to be heard from a bar on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub edits: usize,
    /// The number of the bar, counted from 0.
    pub bar: i64,
    /// When it begins.
    pub at: SessionTime,
}

impl Peer {
    /// What is to be heard of the open session. It changes with [`Change::Song`] and [`Change::Heard`].
    pub fn heard(&self, host: HostTime) -> Option<Heard> {
        let jam = self.jam.as_ref()?;
        let (song, next) = jam.sync.document().heard();
        let next = next.and_then(|(next, at)| Some((next, jam.end_of_hold(at, self.session_time(host))?.1)));
        Some(Heard { song, next })
    }

    /// Edits that wait for the next bar at which some are to be heard.
    pub fn waiting(&self, host: HostTime) -> Option<Waiting> {
        let jam = self.jam.as_ref()?;
        let at = jam.sync.document().heard().1?.1;
        let run = jam.sounding(self.session_time(host))?;
        let (bar, edits) = (run.bar_at(at.tick).number, jam.sync.document().edits_waiting());
        Some(Waiting { edits, bar, at: run.time_at(at.tick) })
    }

    /// Lets what has waited long enough be heard, and holds back what is to wait.
    pub(crate) fn keep_time(&mut self, now: Now) {
        let (at, lead) = (self.map.to_session(now.host), self.lead_ns());
        let Some(jam) = &mut self.jam else { return };
        if jam.keep_time(at, lead) {
            self.tell(Change::Heard);
        }
    }

    /// When the next edits are to be heard.
    pub(crate) fn next_hold_end(&self) -> Option<HostTime> {
        Some(self.map.to_host(self.jam.as_ref()?.hold_ends?.0))
    }
}

impl Jam {
    /// `true` where what is to be heard is another song now.
    fn keep_time(&mut self, at: SessionTime, lead_ns: i64) -> bool {
        let document = self.sync.document();
        if !self.song().edits_at_bar && !document.knows_moments() {
            return false;
        }
        let run = self.sounding(at);
        let edits_at_bar = self.song().edits_at_bar;
        let playing = run.as_ref().map(|run| {
            let tick = |time| run.tick_at(time).max(run.first_tick());
            let bar = place_after(run, Quantum::Bar, at + lead_ns).filter(|_| edits_at_bar);
            Playing {
                run: run.start(),
                now: run.tick_at(at),
                // Others may take longer to reach, and their next bar may be the one after ours.
                latest: run.next_bar(run.next_bar(tick(at + 2 * LEAD_MAX_NS)) + 1),
                edits_at: bar.map(|bar| bar.tick),
            }
        });
        let changed = self.sync.set_playing(playing);
        let until = self.sync.document().heard().1.map(|(_, until)| until);
        let ends = until.and_then(|until| self.end_of_hold(until, at));
        std::mem::replace(&mut self.hold_ends, ends) != ends || changed
    }

    /// When what waits for a moment is to be heard: then, or when its run is over, or another takes over before it.
    fn end_of_hold(&self, until: Moment, now: SessionTime) -> Option<(SessionTime, Frames)> {
        let run = self.sounding(now).filter(|run| run.start() == until.run)?;
        let bar = (run.time_at(until.tick), run.stream_frame_at(until.tick));
        let over = run.end().map(|end| (run.time_at(end), run.stream_frame_at(end)));
        let next = self.transport.upcoming(now).map(|next| (next.start(), next.first_frame()));
        [Some(bar), over, next].into_iter().flatten().min()
    }

    /// The run that sounds, or is about to.
    pub(crate) fn sounding(&self, at: SessionTime) -> Option<Run> {
        match self.transport.at(at) {
            Transport::Playing(run) => Some(run),
            Transport::Stopped { .. } => None,
        }
    }
}
