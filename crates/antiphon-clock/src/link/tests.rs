use antiphon_timeline::{SessionMap, SessionTime, TimebaseId};

use super::*;
use crate::company::Company;

const SECOND: i64 = NANOS_PER_SECOND;

fn announcement() -> Announcement {
    let map = SessionMap::identity(TimebaseId(1));
    Announcement { locked: true, settled: true, map, base_ppb: 0, members: 1, company: Company::default() }
}

fn packet(seq: u32, epoch: u32, sent: HostTime, echo: Option<Echo>) -> Packet {
    let map = SessionMap { host: sent, session: SessionTime(sent.0), ..announcement().map };
    let announcement = Announcement { map, ..announcement() };
    Packet { kind: Kind::Pong, seq, epoch, sent, echo, told: None, announcement }
}

/// One exchange with an equal clock, 100 µs each way: our ping, their pong.
fn exchange(link: &mut Link, seq: u32, epoch: u32, now: HostTime) -> Result<(), Ignored> {
    let ping = link.packet(Kind::Ping, 7, announcement(), now);
    let echo = Echo { seq: ping.seq, sent: now, received: now + 100_000 };
    link.receive(&packet(seq, epoch, now + 100_000, Some(echo)), now + 200_000)
}

fn measured(now: HostTime) -> Link {
    let mut link = Link::new(&[2; 32], now);
    for seq in 1..=6 {
        exchange(&mut link, seq, 1, now + i64::from(seq) * 30_000_000).unwrap();
    }
    link.refresh(now + SECOND / 4);
    assert!(link.is_ready(now + SECOND / 4));
    link
}

#[test]
fn old_and_doubled_packets_are_stale() {
    let now = HostTime(SECOND);
    let mut link = measured(now);
    for seq in [6, 5, 1] {
        let again = link.receive(&packet(seq, 1, now, None), now + SECOND);
        assert_eq!(again, Err(Ignored::Stale), "seq {seq}");
    }
}

#[test]
fn a_new_epoch_voids_the_samples_and_its_predecessor() {
    let now = HostTime(SECOND);
    let mut link = measured(now);
    exchange(&mut link, 1, 2, now + SECOND).unwrap();
    assert!(link.estimate().is_none());
    let late = link.receive(&packet(7, 1, now, None), now + SECOND);
    assert_eq!(late, Err(Ignored::Stale));
}

#[test]
fn an_echo_of_nothing_sent_or_of_another_time_is_left_out() {
    let now = HostTime(SECOND);
    let mut link = measured(now);
    let never_sent = Echo { seq: 1_000, sent: now, received: now };
    let result = link.receive(&packet(7, 1, now, Some(never_sent)), now + SECOND);
    assert_eq!(result, Err(Ignored::FalseEcho));
    for (seq, moved_ns) in [(8, -SECOND), (9, SECOND)] {
        let at = now + SECOND;
        let ping = link.packet(Kind::Ping, 7, announcement(), at);
        let echo = Echo { seq: ping.seq, sent: at + moved_ns, received: at };
        let result = link.receive(&packet(seq, 1, at, Some(echo)), at + 200_000);
        assert_eq!(result, Err(Ignored::FalseEcho), "moved by {moved_ns}");
    }
}

#[test]
fn after_a_long_silence_the_link_is_measured_anew() {
    let now = HostTime(SECOND);
    let mut link = measured(now);
    exchange(&mut link, 7, 1, now + 10 * SECOND).unwrap();
    assert!(link.estimate().is_some());
    exchange(&mut link, 8, 1, now + 40 * SECOND).unwrap();
    assert!(link.estimate().is_none());
    let pace = Pace { leads: true, links: 4, idle: false };
    let mut rng = Rng::new(1);
    let pings = (0..50).filter(|n| link.is_ping_due(pace, now + 40 * SECOND + n * 10_000_000, &mut rng));
    assert!(pings.count() >= 12, "no burst");
}

#[test]
fn a_silent_end_says_nothing_and_its_pings_count_as_lost() {
    let now = HostTime(SECOND);
    let mut link = measured(now);
    assert!(link.remote(false, now + 2 * SECOND).is_some() && link.loss() == 0.0);
    assert!(link.remote(false, now + 10 * SECOND).is_none());
    for second in 0..100 {
        link.packet(Kind::Ping, 7, announcement(), now + second * SECOND);
    }
    assert!(link.loss() > 0.9);
}

#[test]
fn a_packets_true_departure_replaces_its_stamp_at_both_ends() {
    let now = HostTime(SECOND);
    let (mut here, mut there) = (Link::new(&[2; 32], now), Link::new(&[2; 32], now));
    for n in 1..=6_i64 {
        // Packets take 100 µs each way, but ours leave 400 µs after they are stamped.
        let at = now + n * 30_000_000;
        let ping = here.packet(Kind::Ping, 7, announcement(), at);
        here.note_sent(ping.seq, at + 400_000);
        there.receive(&ping, at + 500_000).unwrap();
        let pong = there.packet(Kind::Pong, 8, announcement(), at + 500_000);
        here.receive(&pong, at + 600_000).unwrap();
    }
    let at = now + SECOND / 4;
    here.refresh(at);
    there.refresh(at);
    let [ours, theirs] = [&here, &there].map(|link| link.estimate().unwrap());
    assert!(ours.offset_ns.abs() < 2_000 && ours.half_ns < 102_000.0, "{ours:?}");
    // The stamp of the newest ping is not corrected yet.
    assert!(theirs.offset_ns.abs() < 2_000 && theirs.half_ns < 102_000.0, "{theirs:?}");
}

#[test]
fn a_departure_that_cannot_be_is_left_out() {
    let now = HostTime(SECOND);
    let mut link = measured(now);
    let before = link.estimate().unwrap();
    for (nth, late_ns) in [4 * SECOND, -SECOND, i64::MAX, i64::MIN].into_iter().enumerate() {
        let told = Some(Departure { seq: 6, sent: HostTime(late_ns) });
        let seq = 7 + nth as u32;
        let at = now + 300_000_000;
        let result = link.receive(&Packet { told, ..packet(seq, 1, at, None) }, at + 100_000);
        assert_eq!(result, Err(Ignored::FalseEcho), "{late_ns}");
    }
    link.refresh(now + 400_000_000);
    assert!((link.estimate().unwrap().offset_ns - before.offset_ns).abs() < 3_000);
}
