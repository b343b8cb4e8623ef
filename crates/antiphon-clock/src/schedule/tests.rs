use super::*;

const SECOND: i64 = NANOS_PER_SECOND;
const PACE: Pace = Pace { leads: true, links: 4, idle: false };

/// When pings are sent in `seconds` from 0 on to an end that always answers, at this half gap.
fn pings(pace: Pace, half_ns: f64, seconds: i64) -> Vec<i64> {
    let (mut schedule, mut rng) = (Schedule::new(HostTime(0)), Rng::new(1));
    let mut sent = Vec::new();
    while schedule.next_ping().0 < seconds * SECOND {
        let now = schedule.next_ping();
        let condition = Condition { half_ns: Some(half_ns), heard: Some(now) };
        if schedule.is_due(pace, condition, now, &mut rng) {
            sent.push(now.0);
        }
    }
    sent
}

fn within(pings: &[i64], from_s: f64, to_s: f64) -> usize {
    pings.iter().filter(|at| (from_s..to_s).contains(&(**at as f64 / 1e9))).count()
}

#[test]
fn a_burst_is_followed_by_many_pings_and_then_by_few() {
    let sharp = pings(PACE, 0.1e6, 60);
    assert!((11..=14).contains(&within(&sharp, 0.0, 0.4)), "{}", within(&sharp, 0.0, 0.4));
    assert!((25..=36).contains(&within(&sharp, 0.5, 5.0)));
    assert!((95..=118).contains(&within(&sharp, 7.0, 60.0)), "{}", within(&sharp, 7.0, 60.0));
}

#[test]
fn a_blurred_link_gets_a_longer_burst_and_more_pings() {
    let blurred = pings(PACE, 2e6, 60);
    assert!((34..=38).contains(&within(&blurred, 0.0, 1.2)), "{}", within(&blurred, 0.0, 1.2));
    assert!(within(&blurred, 7.0, 60.0) >= 90);
}

#[test]
fn while_nobody_listens_a_quarter_is_asked() {
    let idle = pings(Pace { idle: true, ..PACE }, 0.1e6, 100);
    assert!((42..=52).contains(&within(&idle, 7.0, 100.0)), "{}", within(&idle, 7.0, 100.0));
}

#[test]
fn however_many_links_and_however_bad_their_packets_add_up_to_few() {
    for links in [1, 2, 4, 7, 12, 24] {
        let sent = pings(Pace { links, ..PACE }, 10e6, 60);
        let per_second = within(&sent, 10.0, 60.0) * links / 50;
        assert!(per_second <= 10.max(links + 2), "{links} links: {per_second} packets a second");
    }
}

#[test]
fn a_silent_end_is_asked_ever_more_rarely_but_not_never() {
    let (mut schedule, mut rng) = (Schedule::new(HostTime(0)), Rng::new(1));
    let mut sent = Vec::new();
    while schedule.next_ping().0 < 100 * SECOND {
        let now = schedule.next_ping();
        schedule.is_due(PACE, Condition { half_ns: None, heard: None }, now, &mut rng);
        sent.push(now.0);
    }
    let longest = sent.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!((20..=32).contains(&sent.len()) && longest <= 12 * SECOND, "{} pings, {longest}", sent.len());
}

#[test]
fn of_two_ends_one_asks_unless_it_is_too_slow() {
    let (mut schedule, mut rng) = (Schedule::new(HostTime(0)), Rng::new(1));
    let follows = Pace { leads: false, ..PACE };
    let (mut now, mut asked_late) = (HostTime(0), false);
    while now.0 < 60 * SECOND {
        now = now + SECOND / 100;
        if now.0 % (SECOND / 2) == 0 && now.0 < 40 * SECOND {
            schedule.note_asked(now);
        }
        let condition = Condition { half_ns: Some(0.1e6), heard: Some(now) };
        let due = schedule.is_due(follows, condition, now, &mut rng);
        asked_late |= due && now.0 > 43 * SECOND;
        assert!(!due || now.0 < 6 * SECOND || now.0 > 40 * SECOND, "asked as well at {now:?}");
    }
    assert!(asked_late, "the other end stopped asking and so did this one");
}
