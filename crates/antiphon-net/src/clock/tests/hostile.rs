//! Datagrams from people who mean harm: counted, shown, ignored; the phase does not move.

use std::{
    net::{Ipv4Addr, UdpSocket},
    sync::atomic::Ordering,
};

use super::{
    crossing::Crossing,
    room::{Member, SECOND, Streams, Wiring, introduce, now_ns, pause, wait_until},
};
use crate::clock::{counters::DatagramFaults, way::ClockPath};

/// A pair in phase by datagrams, with somebody in between.
fn attacked() -> (Member, Member, Streams, Crossing) {
    let (a, b, streams) = (Member::start(1, true), Member::start(2, true), Streams::new());
    introduce(&[&a, &b]);
    let crossing = Crossing::link(&streams, &a, &b);
    let carried = || a.path(&b) == Some(ClockPath::Udp) && b.path(&a) == Some(ClockPath::Udp);
    wait_until("they agree by datagrams", || a.agrees_with(&b) && carried());
    (a, b, streams, crossing)
}

/// How far the pair is apart at worst over a while, ns.
fn worst_ns(a: &Member, b: &Member, ns: i64) -> i64 {
    let (until, mut worst) = (now_ns() + ns, 0);
    while now_ns() < until {
        pause(SECOND / 100);
        worst = worst.max(a.error_ns(b).expect("one timebase").abs());
    }
    worst
}

fn faults(b: &Member, a: &Member) -> DatagramFaults {
    b.link(a).expect("linked").faults
}

/// Sends a few, and waits until they are counted, so that none is lost in a full socket.
fn counted(b: &Member, sum: impl Fn(&DatagramFaults) -> u64, datagrams: &[Vec<u8>], send: impl Fn(&[u8])) {
    for some in datagrams.chunks(20) {
        let before = sum(&b.counters().datagrams);
        some.iter().for_each(|datagram| send(datagram));
        wait_until("the datagrams are counted", || {
            sum(&b.counters().datagrams) >= before + some.len() as u64
        });
    }
}

#[test]
fn a_datagram_that_comes_again_is_counted_and_moves_nothing() {
    let (a, b, _streams, crossing) = attacked();
    let usual = worst_ns(&a, &b, SECOND / 2);
    crossing.rules.repeats.store(3, Ordering::Relaxed);
    let copies = crossing.copies();
    // Late by seconds, which would be a monstrous asymmetry to whoever believed it.
    counted(&b, |faults| faults.replayed + faults.flooded, &copies, |datagram| crossing.inject(datagram));
    let worst = worst_ns(&a, &b, SECOND);
    let seen = faults(&b, &a);
    println!("replayed {} · usually {} µs apart, now {} µs", seen.replayed, usual / 1_000, worst / 1_000);
    assert!(seen.replayed >= copies.len() as u64 && seen.forged == 0, "{seen:?}");
    assert!(worst < 1_000_000 && b.path(&a) == Some(ClockPath::Udp));
}

#[test]
fn forged_and_malformed_datagrams_are_counted_and_move_nothing() {
    let (a, b, _streams, crossing) = attacked();
    let genuine = crossing.copies();
    let newest = u64::MAX.to_le_bytes();
    let forged: Vec<Vec<u8>> = genuine
        .iter()
        .take(20)
        .map(|datagram| {
            // A counter of the future, and content of its own.
            let mut forged = datagram.clone();
            forged[6..14].copy_from_slice(&newest);
            forged.iter_mut().skip(14).for_each(|byte| *byte ^= 0x55);
            forged
        })
        .collect();
    counted(&b, |faults| faults.forged, &forged, |datagram| crossing.inject(datagram));
    let malformed: Vec<Vec<u8>> = [0, 1, 13, 29, 257, 1_400].iter().map(|len| vec![1; *len]).collect();
    counted(&b, |faults| faults.malformed, &malformed, |datagram| crossing.inject(datagram));
    let strange: Vec<Vec<u8>> = (0..40).map(|n| [&[1, 0, n, 9, 9, 9][..], &[7; 100]].concat()).collect();
    counted(&b, |faults| faults.unknown, &strange, |datagram| crossing.inject(datagram));

    let seen = faults(&b, &a);
    assert_eq!(seen.forged, forged.len() as u64);
    let all = b.counters().datagrams;
    println!("{all:?}");
    let worst = worst_ns(&a, &b, SECOND);
    assert!(worst < 1_000_000, "{worst} ns");
    assert_eq!((a.path(&b), b.path(&a)), (Some(ClockPath::Udp), Some(ClockPath::Udp)));
}

#[test]
fn a_stranger_gets_no_answer_and_a_flood_costs_little() {
    let (a, b, _streams, crossing) = attacked();
    let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket on loopback");
    stranger.set_nonblocking(true).expect("no waiting");
    let at = (Ipv4Addr::LOCALHOST, b.port.expect("a socket"));
    // The right mailbox and an old counter; then everything else that a stranger can make up.
    let copy = crossing.copies().pop().expect("datagrams went by");
    let noise = vec![1_u8; 100];
    let (begun, before) = (now_ns(), b.counters());
    let mut sent = 0_u64;
    while now_ns() < begun + SECOND {
        for datagram in [&copy, &noise] {
            sent += u64::from(stranger.send_to(datagram, at).is_ok());
        }
    }
    let seconds = (now_ns() - begun) as f64 / 1e9;
    let worst = worst_ns(&a, &b, SECOND / 2);
    let after = b.counters();
    let core = (after.cpu_ns - before.cpu_ns) as f64 / 1e9 / seconds;
    println!(
        "{:.0} datagrams a second: {:.1} % of a core, {} wake-ups, worst {} µs, {:?}",
        sent as f64 / seconds,
        core * 100.0,
        after.wakeups - before.wakeups,
        worst / 1_000,
        after.datagrams
    );
    assert!(core < 0.25, "{core} of a core");
    assert!(worst < 1_000_000 && a.is_locked() && b.is_locked());
    let mut answer = [0; 2048];
    assert!(stranger.recv_from(&mut answer).is_err(), "a stranger was answered");
    // And the way is found again, if the flood closed it.
    wait_until("datagrams carry", || {
        b.path(&a) == Some(ClockPath::Udp) && a.path(&b) == Some(ClockPath::Udp)
    });
}

#[test]
fn a_peer_that_moves_is_followed_and_a_copy_from_elsewhere_is_not() {
    let (a, b, streams) = (Member::start(1, true), Member::start(2, true), Streams::new());
    introduce(&[&a, &b]);
    // The second is told a port where nobody is; the first finds it, and its datagrams show where it is.
    let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket on loopback");
    let wrong = nobody.local_addr().expect("bound").port();
    streams.link(&a, &b, Wiring { ports: Some((wrong, b.port.expect("a socket"))) });
    wait_until("both carry by datagrams", || {
        a.path(&b) == Some(ClockPath::Udp) && b.path(&a) == Some(ClockPath::Udp)
    });
    wait_until("they agree", || a.agrees_with(&b));
}
