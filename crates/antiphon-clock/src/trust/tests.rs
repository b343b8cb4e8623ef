use antiphon_timeline::{SessionMap, SessionTime, TimebaseId};

use super::*;
use crate::{company::Company, wire::Kind};

const SECOND: i64 = NANOS_PER_SECOND;

/// A packet sent at `sent_s` by a peer whose map then says `session_s` and goes `rate_ppb` too fast.
fn packet(sent_s: f64, session_s: f64, rate_ppb: i64) -> Packet {
    let [sent, session] = [sent_s, session_s].map(|s| (s * 1e9) as i64);
    let map =
        SessionMap { timebase: TimebaseId(1), host: HostTime(sent), session: SessionTime(session), rate_ppb };
    let announcement = Announcement {
        locked: true,
        settled: true,
        map,
        base_ppb: 0,
        members: 1,
        company: Company::default(),
    };
    Packet { kind: Kind::Pong, seq: 1, epoch: 1, sent: HostTime(sent), echo: None, told: None, announcement }
}

fn follows(before: &Packet, after: &Packet) -> bool {
    !contradicts(Some((before.announcement, before.sent)), after)
}

#[test]
fn a_map_may_bend_but_not_jump() {
    let before = packet(10.0, 5.0, 1_000_000);
    assert!(follows(&before, &packet(11.0, 6.001, -1_000_000)));
    assert!(follows(&before, &packet(11.0, 6.004, 3_250_000)));
    assert!(!follows(&before, &packet(11.0, 6.012, 0)), "slewed faster than anybody may");
    assert!(!follows(&before, &packet(10.0, 5.000_1, 0)), "jumped");
    assert!(!follows(&before, &packet(-1e9, 6.0, 0)) || !follows(&before, &packet(11.0, -1e9, 0)));
}

#[test]
fn another_timebase_is_another_course_and_an_unlocked_map_is_none() {
    let before = packet(10.0, 5.0, 0);
    let mut moved = packet(11.0, 500.0, 0);
    moved.announcement.map.timebase = TimebaseId(2);
    assert!(follows(&before, &moved));
    let mut unlocked = packet(11.0, 500.0, 0);
    unlocked.announcement.locked = false;
    assert!(follows(&before, &unlocked));
}

#[test]
fn a_map_that_nobody_steers_any_more_is_not_believed() {
    let mut old = packet(100.0, 5.0, 0);
    old.announcement.map.host = HostTime(60 * SECOND);
    assert!(contradicts(None, &old));
}

#[test]
fn one_step_is_forgiven_and_what_goes_on_is_told_once_and_cleared_once() {
    let mut trust = Trust::default();
    let at = |s: i64| HostTime(s * SECOND);
    trust.note(Suspicion::Runaway, at(1));
    trust.note(Suspicion::Runaway, at(100));
    assert_eq!(trust.review(at(100)), None);
    (101..105).for_each(|s| trust.note(Suspicion::Runaway, at(s)));
    assert_eq!(trust.review(at(105)), Some(Some(Suspicion::Runaway)));
    assert!(trust.is_suspect());
    assert_eq!(trust.review(at(120)), None);
    assert_eq!(trust.review(at(140)), Some(None));
    assert_eq!(trust.review(at(141)), None);
}

#[test]
fn being_apart_is_told_but_believed() {
    let mut trust = Trust::default();
    (0..20).for_each(|n| trust.note(Suspicion::Apart, HostTime(n)));
    assert_eq!(trust.review(HostTime(20)), Some(Some(Suspicion::Apart)));
    assert!(!trust.is_suspect());
    trust.forgive(Suspicion::Apart);
    assert_eq!(trust.review(HostTime(21)), Some(None));
}
