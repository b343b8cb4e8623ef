//! Ways that open, close and move under a running clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::{
    crossing::Crossing,
    room::{Member, SECOND, Streams, Wiring, introduce, now_ns, pause, wait_until},
};
use crate::clock::way::ClockPath;

fn pair(udp: [bool; 2]) -> (Member, Member, Streams) {
    let members = (Member::start(1, udp[0]), Member::start(2, udp[1]));
    introduce(&[&members.0, &members.1]);
    (members.0, members.1, Streams::new())
}

fn paths(a: &Member, b: &Member) -> [Option<ClockPath>; 2] {
    [a.path(b), b.path(a)]
}

const UDP: [Option<ClockPath>; 2] = [Some(ClockPath::Udp); 2];
const STREAM: [Option<ClockPath>; 2] = [Some(ClockPath::Stream); 2];

/// Watches a pair for a while: it stays locked, in one timebase, and close.
fn stays_in_phase(a: &Member, b: &Member, ns: i64) {
    let until = now_ns() + ns;
    while now_ns() < until {
        pause(SECOND / 50);
        assert!(a.is_locked() && b.is_locked(), "unlocked");
        let error_ns = a.error_ns(b).expect("one timebase");
        assert!(error_ns.abs() < 1_000_000, "{error_ns} ns apart");
    }
}

#[test]
fn datagrams_take_over_within_a_moment_of_the_link() {
    let (a, b, streams) = pair([true, true]);
    let linked = now_ns();
    streams.link(&a, &b, Wiring::default());
    let carried = wait_until("datagrams carry both ways", || paths(&a, &b) == UDP);
    println!("datagrams carry {:.1} ms after the link", (carried - linked) as f64 / 1e6);
    wait_until("they agree", || a.agrees_with(&b));
    let (one, other) = (a.link(&b).expect("linked"), b.link(&a).expect("linked"));
    assert_eq!((one.faults, other.faults), Default::default());
    assert!(one.traffic.udp_received > 0 && other.traffic.udp_received > 0);
}

#[test]
fn a_side_without_a_socket_keeps_both_on_the_stream() {
    let (a, b, streams) = pair([true, false]);
    streams.link(&a, &b, Wiring::default());
    wait_until("they agree", || a.agrees_with(&b));
    assert_eq!(paths(&a, &b), STREAM);
    assert_eq!(a.link(&b).map(|link| link.traffic.udp_sent), Some(0));
}

#[test]
fn a_way_that_closes_and_opens_again_costs_neither_lock_nor_phase() {
    let run = |closed: [bool; 2]| {
        let (a, b, streams) = pair([true, true]);
        let crossing = Crossing::link(&streams, &a, &b);
        wait_until("they agree by datagrams", || a.agrees_with(&b) && paths(&a, &b) == UDP);
        crossing.close(closed);
        let begun = now_ns();
        let fell = wait_until("the stream carries", || paths(&a, &b) == STREAM);
        println!("{closed:?} closed: the stream carries after {:.1} s", (fell - begun) as f64 / 1e9);
        stays_in_phase(&a, &b, SECOND / 2);
        crossing.close([false, false]);
        wait_until("datagrams carry again", || paths(&a, &b) == UDP);
        stays_in_phase(&a, &b, SECOND / 2);
    };
    std::thread::scope(|scope| {
        for closed in [[true, true], [true, false], [false, true]] {
            scope.spawn(move || run(closed));
        }
    });
}

#[test]
fn a_link_made_anew_has_other_keys_and_the_old_datagrams_are_void() {
    let (a, b, streams) = pair([true, true]);
    let crossing = Crossing::link(&streams, &a, &b);
    wait_until("they agree by datagrams", || a.agrees_with(&b) && paths(&a, &b) == UDP);
    let old = crossing.copies();
    let received = |a: &Member, b: &Member| a.link(b).map_or(0, |link| link.traffic.udp_received);
    let were = [received(&a, &b), received(&b, &a)];
    streams.link(&a, &b, Wiring::default());
    wait_until("the link is a new one", || received(&a, &b) < were[0] && received(&b, &a) < were[1]);
    wait_until("datagrams carry again", || paths(&a, &b) == UDP);
    let before = b.counters().datagrams;
    for datagram in &old {
        crossing.inject(datagram);
    }
    wait_until("all are refused", || b.counters().datagrams.unknown >= before.unknown + old.len() as u64);
    stays_in_phase(&a, &b, SECOND / 2);
}

#[test]
fn a_sleep_is_told_to_the_clock_and_the_band_plays_on() {
    let slept = Arc::new(AtomicI64::new(0));
    let read = Arc::clone(&slept);
    let sleeper = Member::start_with(1, true, Box::new(move || read.load(Ordering::Relaxed)));
    let other = Member::start(2, true);
    introduce(&[&sleeper, &other]);
    let streams = Streams::new();
    streams.link(&sleeper, &other, Wiring::default());
    wait_until("they agree", || sleeper.agrees_with(&other));
    // The machine says that it slept, and its clock ran on all the same: the worst that a wrong gap can be.
    slept.store(2 * SECOND, Ordering::Relaxed);
    wait_until("it is off by what it believes to have slept, or has found back", || {
        sleeper.error_ns(&other).is_none_or(|error| error.abs() > SECOND) || !sleeper.is_locked()
    });
    wait_until("they agree again", || sleeper.agrees_with(&other));
}

#[test]
fn a_thread_with_nothing_to_do_sleeps() {
    let alone = Member::start(1, true);
    wait_until("it is locked alone", || alone.is_locked());
    let (begun, before) = (now_ns(), alone.counters());
    pause(2 * SECOND);
    let after = alone.counters();
    let seconds = (now_ns() - begun) as f64 / 1e9;
    let (woken, core) = (
        (after.wakeups - before.wakeups) as f64 / seconds,
        (after.cpu_ns - before.cpu_ns) as f64 / 1e9 / seconds,
    );
    println!("alone: {woken:.1} wake-ups a second, {:.3} % of a core", core * 100.0);
    assert!(woken < 30.0 && core < 0.01, "{woken} wake-ups, {core} of a core");
}
