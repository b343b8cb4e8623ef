//! What the views of peers show: the clock as it was told last, and the errors of the last minute.

use std::collections::{BTreeMap, VecDeque};

use antiphon_api::views::{ClockView, JoinRequest, MemberView, NearbyPeer};
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    reach::{Reach, to_json},
};

/// How long an error is remembered, in seconds.
pub const MINUTE: f64 = 60.0;
/// Points of one peer at most: two a second, and a few more where the terminal was slow.
const POINTS_MAX: usize = 150;

/// Who is here and nearby, and how the clocks agree.
#[derive(Debug, Clone)]
pub struct Seen {
    pub clock: ClockView,
    pub nearby: Vec<NearbyPeer>,
    pub asking: Vec<JoinRequest>,
}

impl Seen {
    /// Asks the peer.
    pub async fn of(reach: &Reach) -> Result<Self, Failure> {
        Ok(Self {
            clock: reach.call("clock", ()).await?,
            nearby: reach.call("nearby", ()).await?,
            asking: reach.call("join_requests", ()).await?,
        })
    }

    /// The same for scripts: members beside the clock, not inside.
    pub fn json(&self) -> Result<Value, Failure> {
        let Self { clock, nearby, asking } = self;
        let mut own = to_json(clock)?;
        let members = own.as_object_mut().and_then(|clock| clock.remove("members"));
        Ok(json!({ "members": members, "clock": own, "nearby": nearby, "asking": asking }))
    }
}

/// A peer's error at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// In seconds of the view.
    pub at: f64,
    pub error_ms: f64,
}

/// What is on the screen.
pub struct Board {
    pub seen: Seen,
    /// When it was seen, in seconds of the view.
    pub now: f64,
    /// Of each peer by its id, oldest first.
    errors: BTreeMap<String, VecDeque<Point>>,
    chosen: Option<String>,
}

impl Board {
    pub fn new(seen: Seen, now: f64) -> Self {
        let mut board = Self { seen: seen.clone(), now, errors: BTreeMap::new(), chosen: None };
        board.take(seen, now);
        board
    }

    /// What is seen now takes the place of what was.
    pub fn take(&mut self, seen: Seen, now: f64) {
        (self.seen, self.now) = (seen, now);
        let measured = self.seen.clock.members.iter().filter_map(|member| {
            Some((&member.person.peer, Point { at: now, error_ms: member.sync.as_ref()?.error_ms }))
        });
        for (peer, point) in measured {
            let points = self.errors.entry(peer.clone()).or_default();
            points.push_back(point);
            if points.len() > POINTS_MAX {
                points.pop_front();
            }
        }
        // Who has left is forgotten with the last of the minute.
        self.errors.retain(|_, points| {
            while points.front().is_some_and(|point| point.at < now - MINUTE) {
                points.pop_front();
            }
            !points.is_empty()
        });
    }

    /// Me, when a session is open.
    pub fn me(&self) -> Option<&MemberView> {
        self.seen.clock.members.iter().find(|member| member.me)
    }

    /// Everybody else of the session: who is here first.
    pub fn others(&self) -> Vec<&MemberView> {
        let others = || self.seen.clock.members.iter().filter(|member| !member.me);
        others().filter(|member| member.here).chain(others().filter(|member| !member.here)).collect()
    }

    /// Which of the others is chosen: the first, until another was.
    pub fn chosen(&self) -> Option<usize> {
        let others = self.others();
        let at = others.iter().position(|member| Some(&member.person.peer) == self.chosen.as_ref());
        at.or((!others.is_empty()).then_some(0))
    }

    /// Chooses the one `by` places further down; the ends hold.
    pub fn choose(&mut self, by: isize) {
        let others = self.others();
        let Some(at) = self.chosen() else { return };
        let to = at.saturating_add_signed(by).min(others.len() - 1);
        self.chosen = Some(others[to].person.peer.clone());
    }

    /// The errors of the last minute, oldest first.
    pub fn errors(&self, peer: &str) -> impl Iterator<Item = Point> {
        self.errors.get(peer).into_iter().flatten().copied()
    }
}
