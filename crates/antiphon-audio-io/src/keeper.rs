//! Keeps an output going: opens it, watches it, takes up silence when it fails and sound when it is back.
//!
//! There is at most one stream that *plays* (it has the turn at the source), and one that is *coming*: it runs, finds
//! out its card's time, and waits. Without a playing one the source is pulled in silence, so that time goes on for
//! everything behind it. Whatever happens (another output is chosen, the system's default is another one, a device
//! vanishes, its callbacks stop, the machine slept), it comes down to three moves:
//!
//! - **fall silent**: the stream's turn ends; the source goes on in silence where the stream was;
//! - **come**: a stream is opened, or one that fell quiet is given another chance;
//! - **take over**: once a coming stream knows its place, the one that plays fades out, silence renders up to where
//!   the coming one will be, and that one fades in there.
//!
//! Nothing here waits: opening and looking are done by [`Hands`], and every call of [`Keeper::tick`] only sees what
//! has come of them.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use antiphon_timeline::{HostTime, SessionMap};

use crate::{
    back_off::BackOff,
    bridge::measure,
    card::OutputInfo,
    error::{OpenOutputError, with_cause},
    hands::{Done, Hands, Job},
    limits::{
        COMING_NS_MAX, ENDING_NS_MAX, HANDOVER_FRAMES, HANDS_PATIENCE_NS, HOLD_NS_MAX, KEEP_EVERY_MS,
        KEEP_SILENT_EVERY_MS, LOOK_EVERY_NS, QUIET_BLOCKS, QUIET_NS, SLEPT_NS, TURN_NEAR_FRAMES,
    },
    position::Position,
    shown::Board,
    stream::{OpenStream, Opening},
    turns::Turn,
};

/// One output, whatever it plays on.
pub(crate) struct Keeper {
    opening: Arc<Opening>,
    hands: Hands,
    board: Arc<Board>,
    wanted: Option<String>,
    /// The choice has not been tried yet.
    is_new_wish: bool,
    /// A trim for the output that is being opened.
    trim_ns: Option<i64>,
    playing: Option<Playing>,
    coming: Option<Coming>,
    asked: Option<Asked>,
    /// Why nothing is heard.
    reason: Option<String>,
    retry: BackOff,
    look: BackOff,
    looked: HostTime,
    sleep: Sleep,
    ticked: HostTime,
}

/// A stream that has the turn.
struct Playing {
    stream: OpenStream,
    blocks: u64,
    /// How long it has not called.
    quiet_ns: i64,
    /// Since when it fades out.
    ending: Option<HostTime>,
}

/// A stream that waits for the turn.
struct Coming {
    stream: OpenStream,
    since: HostTime,
}

/// What the hands are at.
struct Asked {
    since: HostTime,
    wanted: Option<String>,
    is_look: bool,
}

/// How much the machine had slept, and the map it slept with.
struct Sleep {
    slept_ns: i64,
    map: Option<SessionMap>,
    held_until: Option<HostTime>,
}

impl Keeper {
    pub(crate) fn new(opening: Arc<Opening>, hands: Hands, wanted: Option<String>) -> Self {
        let now = opening.clock.now();
        let sleep =
            Sleep { slept_ns: opening.clock.slept_ns(), map: opening.desk.map_patiently(), held_until: None };
        Self {
            opening,
            hands,
            board: Arc::default(),
            wanted,
            is_new_wish: true,
            trim_ns: None,
            playing: None,
            coming: None,
            asked: None,
            reason: None,
            retry: BackOff::new(now),
            look: BackOff::new(now),
            looked: now,
            sleep,
            ticked: now,
        }
    }

    /// What is shown of it.
    pub(crate) fn board(&self) -> Arc<Board> {
        self.board.clone()
    }

    /// Plays on this one as soon as it is open.
    pub(crate) fn choose(&mut self, wanted: Option<String>) {
        self.wanted = wanted;
        self.trim_ns = None;
        let now = self.opening.clock.now();
        (self.retry, self.look, self.looked) = (BackOff::new(now), BackOff::new(now), now);
        // What plays already is not opened a second time; the default one is looked for.
        let plays = self
            .playing
            .as_ref()
            .is_some_and(|playing| self.wanted.as_ref().is_some_and(|wanted| playing.stream.is(wanted)));
        self.is_new_wish = !plays;
    }

    /// Sets and keeps the trim of the output that plays, or of the one that is being opened.
    pub(crate) fn set_trim_ns(&mut self, trim_ns: i64) {
        let settled = !self.is_new_wish && self.asked.as_ref().is_none_or(|asked| asked.is_look);
        match self.coming.as_ref().map(|coming| &coming.stream) {
            Some(stream) if settled => self.trim(stream, trim_ns),
            _ => match &self.playing {
                Some(playing) if settled => self.trim(&playing.stream, trim_ns),
                _ => self.trim_ns = Some(trim_ns),
            },
        }
    }

    fn trim(&self, stream: &OpenStream, trim_ns: i64) {
        self.opening.trims.keep(&stream.id, trim_ns);
        stream.desk.set_trim_ns(trim_ns);
    }

    /// Sees what has happened and does what is due; how soon to call it again.
    pub(crate) fn tick(&mut self) -> Duration {
        let now = self.opening.clock.now();
        self.notice_sleep(now);
        self.take_results(now);
        self.watch_playing(now);
        self.watch_coming(now);
        self.take_over(now);
        self.keep_time(now);
        self.give_work(now);
        // A job without a thread is done by now.
        self.take_results(now);
        let streams = self.playing.iter().map(|playing| &playing.stream);
        for stream in streams.chain(self.coming.iter().map(|coming| &coming.stream)) {
            measure(&stream.stream, &*self.opening.clock, &stream.desk);
        }
        self.ticked = now;
        self.show();
        let is_calm = self.playing.is_some() && self.coming.is_none();
        Duration::from_millis(if is_calm { KEEP_EVERY_MS } else { KEEP_SILENT_EVERY_MS })
    }

    fn take_results(&mut self, now: HostTime) {
        while let Some(done) = self.hands.poll() {
            let asked = self.asked.take();
            match done {
                Done::Seen(outputs) => self.look_at(&outputs, now),
                Done::Opened(Ok(stream)) => {
                    let is_wanted = asked.is_some_and(|asked| asked.wanted == self.wanted);
                    self.opened(stream, is_wanted, now);
                }
                Done::Opened(Err(error)) => self.not_opened(&error, now),
            }
        }
    }

    fn opened(&mut self, stream: OpenStream, is_wanted: bool, now: HostTime) {
        if !is_wanted || self.is_new_wish {
            return self.hands.close(stream);
        }
        let playing = self.playing.as_ref().filter(|playing| playing.stream.id == stream.id);
        let plays_already = playing.is_some();
        if let Some(trim_ns) = self.trim_ns.take() {
            self.trim(playing.map_or(&stream, |playing| &playing.stream), trim_ns);
        }
        if plays_already {
            return self.hands.close(stream);
        }
        if let Some(coming) = self.coming.take() {
            self.close(coming.stream);
        }
        tracing::info!(output = %stream.name, rate = stream.rate, "output opened");
        if self.opening.turns.next().is_none() && self.playing.is_none() {
            // Nothing has been rendered yet: there is nothing to take over from.
            self.plays(stream, now);
        } else {
            self.coming = Some(Coming { stream, since: now });
        }
    }

    fn not_opened(&mut self, error: &OpenOutputError, now: HostTime) {
        tracing::debug!(%error, "output not opened");
        match self.playing.take() {
            // Some cards serve one stream at a time, and the chosen one may be the same under another name.
            Some(playing)
                if matches!(error, OpenOutputError::Refused { .. }) && self.is_stranger(&playing) =>
            {
                self.close(playing.stream);
                self.reason = Some(with_cause(error));
            }
            Some(playing) => self.playing = Some(playing),
            None => self.reason = Some(with_cause(error)),
        }
        match error {
            OpenOutputError::SwitchedOff { .. } => self.retry.stop(),
            _ => self.retry.fail(now),
        }
        self.look.fail(now);
    }

    /// Whether what plays is not what was chosen by name.
    fn is_stranger(&self, playing: &Playing) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| !playing.stream.is(wanted))
    }

    /// Another default, or the chosen one again?
    fn look_at(&mut self, outputs: &[OutputInfo], now: HostTime) {
        let Some(playing) = &self.playing else { return };
        let better = match &self.wanted {
            Some(wanted) => outputs.iter().any(|output| output.id == *wanted || output.name == *wanted),
            None => outputs.iter().any(|output| output.is_default && output.id != playing.stream.id),
        };
        let is_second_best = self.wanted.is_none() || self.is_stranger(playing);
        if better && is_second_best && self.look.is_due(now) {
            self.open(false, now);
        }
    }

    fn watch_playing(&mut self, now: HostTime) {
        let elapsed_ns = now.saturating_since(self.ticked).clamp(0, 2 * KEEP_EVERY_MS as i64 * 1_000_000);
        let Some(mut playing) = self.playing.take() else { return };
        let blocks = playing.stream.desk.blocks.load(Ordering::Relaxed);
        // Only time in which this thread ran as well: a machine that stalls stops both.
        playing.quiet_ns = if blocks == playing.blocks { playing.quiet_ns + elapsed_ns } else { 0 };
        playing.blocks = blocks;
        let block_ns = Position::of_frames_ns(playing.stream.block_frames());
        if let Some(lost) = playing.stream.desk.lost() {
            self.fail(playing.stream, lost, now);
        } else if playing.quiet_ns > QUIET_NS.max(QUIET_BLOCKS * block_ns) {
            self.reason = Some("the output has stopped asking for sound".to_owned());
            self.fall_silent(playing.stream, now);
        } else {
            self.playing = Some(playing);
        }
    }

    fn watch_coming(&mut self, now: HostTime) {
        let Some(coming) = self.coming.take() else { return };
        let is_late =
            now.saturating_since(coming.since) > COMING_NS_MAX && coming.stream.turn.asked().is_none();
        match coming.stream.desk.lost() {
            Some(lost) => self.fail(coming.stream, lost, now),
            None if is_late => self.fail(coming.stream, "the output does not ask for sound".to_owned(), now),
            None => self.coming = Some(coming),
        }
    }

    /// A stream is of no use any more.
    fn fail(&mut self, stream: OpenStream, reason: String, now: HostTime) {
        tracing::warn!(output = %stream.name, %reason, "output lost");
        self.close(stream);
        if self.playing.is_none() {
            self.reason = Some(reason);
        }
        // The first try is at once: the system may have another output already.
        if self.retry.is_due(now) && self.coming.is_none() {
            self.retry.fail(now);
            self.open(true, now);
        }
    }

    /// The stream that plays loses its turn, and may come again.
    fn fall_silent(&mut self, stream: OpenStream, now: HostTime) {
        stream.turn.revoke();
        if let Some(coming) = self.coming.replace(Coming { stream, since: now }) {
            // The one that was coming anyway is the better one.
            if let Some(quiet) = self.coming.replace(coming) {
                self.close(quiet.stream);
            }
        }
    }

    fn take_over(&mut self, now: HostTime) {
        let asked = self.coming.as_ref().and_then(|coming| coming.stream.turn.asked());
        let (Some(asked), None) = (asked, self.sleep.held_until) else { return };
        if let Some(playing) = &mut self.playing {
            let Some(since) = playing.ending else {
                let ahead = playing.stream.block_frames() + HANDOVER_FRAMES;
                let end = playing.stream.turn.asked().unwrap_or(asked);
                playing.stream.turn.end_at(end + ahead);
                playing.ending = Some(now);
                return;
            };
            if !playing.stream.turn.has_ended() && now.saturating_since(since) < ENDING_NS_MAX {
                return;
            }
        }
        if let Some(playing) = self.playing.take() {
            self.close(playing.stream);
        }
        let Some(coming) = self.coming.take() else { return };
        let rendered = self.opening.turns.next();
        let rendered = rendered.filter(|next| next.abs_diff(asked) < TURN_NEAR_FRAMES.unsigned_abs());
        let from = (asked + coming.stream.block_frames() + HANDOVER_FRAMES).max(rendered.unwrap_or(asked));
        if !self.opening.turns.pull_until(from) {
            self.coming = Some(coming);
            return;
        }
        coming.stream.turn.grant(from);
        self.plays(coming.stream, now);
    }

    fn plays(&mut self, stream: OpenStream, now: HostTime) {
        self.reason = None;
        self.retry = BackOff::new(now);
        self.looked = now;
        let blocks = stream.desk.blocks.load(Ordering::Relaxed);
        self.playing = Some(Playing { stream, blocks, quiet_ns: 0, ending: None });
    }

    /// Pulls the source in silence.
    fn keep_time(&mut self, now: HostTime) {
        let map = self.opening.desk.map_patiently();
        if let (None, None, Some(map)) = (&self.playing, self.sleep.held_until, map) {
            self.opening.turns.pull_until(Position::at(map.to_session(now)).frame());
        }
        if self.sleep.held_until.is_none() {
            self.sleep.map = map;
        }
    }

    /// After a sleep nothing is heard until the session clock is right again.
    fn notice_sleep(&mut self, now: HostTime) {
        let slept_ns = self.opening.clock.slept_ns();
        let just_ns = slept_ns.saturating_sub(self.sleep.slept_ns);
        self.sleep.slept_ns = slept_ns;
        let moved_ns = |map: SessionMap| {
            self.sleep.map.map_or(0, |before| map.to_session(now).0.abs_diff(before.to_session(now).0))
        };
        let moved =
            self.opening.desk.map_patiently().is_some_and(|map| moved_ns(map) > SLEPT_NS.unsigned_abs());
        if just_ns > SLEPT_NS {
            tracing::info!(slept_ms = just_ns / 1_000_000, "the machine slept");
            if let Some(playing) = self.playing.take() {
                playing.stream.desk.restart();
                self.reason = Some("the machine slept".to_owned());
                self.fall_silent(playing.stream, now);
            }
            self.sleep.held_until = Some(now + HOLD_NS_MAX);
        }
        if moved || self.sleep.held_until.is_some_and(|until| now >= until) {
            self.sleep.held_until = None;
        }
    }

    fn give_work(&mut self, now: HostTime) {
        if let Some(asked) = &self.asked {
            if now.saturating_since(asked.since) < HANDS_PATIENCE_NS {
                return;
            }
            self.hands.give_up();
            self.asked = None;
            if self.playing.is_none() {
                self.reason = Some("the system does not open the output".to_owned());
            }
            self.retry.fail(now);
        }
        if self.is_new_wish {
            self.is_new_wish = false;
            self.open(true, now);
        } else if self.playing.is_none() && self.coming.is_none() {
            if self.retry.is_due(now) {
                self.open(true, now);
            }
        } else if now.saturating_since(self.looked) >= LOOK_EVERY_NS && self.coming.is_none() {
            self.looked = now;
            self.begin(Job::Look, true, now);
        }
    }

    fn open(&mut self, may_stand_in: bool, now: HostTime) {
        let nothing_yet = self.playing.is_none() && self.opening.turns.next().is_none();
        let turn = if nothing_yet { Turn::at_once() } else { Turn::waiting() };
        self.begin(Job::Open { wanted: self.wanted.clone(), may_stand_in, turn }, false, now);
    }

    fn begin(&mut self, job: Job, is_look: bool, now: HostTime) {
        if self.asked.is_none() && self.hands.begin(job) {
            self.asked = Some(Asked { since: now, wanted: self.wanted.clone(), is_look });
        }
    }

    fn close(&mut self, stream: OpenStream) {
        self.opening.remember(&stream);
        self.board.write(|shown| shown.count(&stream.desk));
        self.hands.close(stream);
    }

    fn show(&self) {
        let stream = self.playing.as_ref().map(|playing| &playing.stream);
        let is_opening = self.asked.as_ref().is_some_and(|asked| !asked.is_look);
        self.board.write(|shown| {
            shown.reason.clone_from(&self.reason);
            shown.is_settled = !self.is_new_wish && !is_opening && self.coming.is_none();
            shown.stands_in_for = match &self.playing {
                Some(playing) if self.is_stranger(playing) => self.wanted.clone(),
                _ => None,
            };
            shown.set_stream(stream);
        });
    }
}
