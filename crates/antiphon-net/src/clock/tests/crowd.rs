//! Many listeners on one machine: what their clocks cost and how well they agree.

use super::room::{Member, SECOND, Streams, Wiring, introduce, now_ns, pause, quantile, wait_until};
use crate::clock::counters::ClockTraffic;

/// What a crowd did while it was watched.
#[derive(Debug)]
struct Watched {
    seconds: f64,
    /// Processor time of all clock threads, as a share of one core.
    core: f64,
    /// Absolute errors of listeners against the first peer, ns.
    errors: Vec<i64>,
    packets_per_peer: f64,
    bytes_per_peer: f64,
    wakeups_per_peer: f64,
}

/// Everybody linked to everybody, as on one local network.
fn crowd(listeners: u8, udp: bool) -> (Vec<Member>, Streams) {
    let members: Vec<Member> = (0..=listeners).map(|number| Member::start(number, udp)).collect();
    introduce(&members.iter().collect::<Vec<_>>());
    let streams = Streams::new();
    for (index, a) in members.iter().enumerate() {
        for b in members.iter().skip(index + 1) {
            streams.link(a, b, Wiring::default());
        }
    }
    (members, streams)
}

fn traffic(member: &Member) -> ClockTraffic {
    member.desk.read(|readout| {
        readout.links.values().fold(ClockTraffic::default(), |sum, link| ClockTraffic {
            udp_sent: sum.udp_sent + link.traffic.udp_sent,
            udp_sent_bytes: sum.udp_sent_bytes + link.traffic.udp_sent_bytes,
            stream_sent: sum.stream_sent + link.traffic.stream_sent,
            ..sum
        })
    })
}

fn totals(members: &[Member]) -> [u64; 4] {
    members.iter().fold([0; 4], |[cpu, sent, bytes, woken], member| {
        let (counters, traffic) = (member.counters(), traffic(member));
        [
            cpu + counters.cpu_ns,
            sent + traffic.udp_sent + traffic.stream_sent,
            bytes + traffic.udp_sent_bytes,
            woken + counters.wakeups,
        ]
    })
}

fn watch(members: &[Member], seconds: i64) -> Watched {
    let (Some((first, listeners)), begun, before) = (members.split_first(), now_ns(), totals(members)) else {
        panic!("nobody to watch");
    };
    let mut errors = Vec::new();
    while now_ns() < begun + seconds * SECOND {
        pause(SECOND / 10);
        errors.extend(listeners.iter().map(|listener| first.error_ns(listener).expect("one timebase").abs()));
    }
    let after = totals(members);
    let seconds = (now_ns() - begun) as f64 / 1e9;
    let [cpu, sent, bytes, woken] = std::array::from_fn(|n| (after[n] - before[n]) as f64 / seconds);
    let peers = members.len() as f64;
    Watched {
        seconds,
        core: cpu / 1e9,
        errors,
        packets_per_peer: sent / peers,
        bytes_per_peer: bytes / peers,
        wakeups_per_peer: woken / peers,
    }
}

fn report(name: &str, watched: &mut Watched) {
    let at = |errors: &mut [i64], share: f64| quantile(errors, share) as f64 / 1e3;
    println!(
        "{name}: {:.0} s · {:.2} % of a core · error p50 {:.0} p99 {:.0} max {:.0} µs · a peer and second: {:.1} packets, {:.0} B, {:.0} wake-ups",
        watched.seconds,
        watched.core * 100.0,
        at(&mut watched.errors, 0.5),
        at(&mut watched.errors, 0.99),
        at(&mut watched.errors, 1.0),
        watched.packets_per_peer,
        watched.bytes_per_peer,
        watched.wakeups_per_peer,
    );
}

fn long() -> bool {
    std::env::var_os("ANTIPHON_LONG").is_some()
}

/// Waits until a crowd agrees and its schedule has found its pace, then watches it.
fn settled(name: &str, listeners: u8, udp: bool, seconds: i64) -> Watched {
    let (members, _streams) = crowd(listeners, udp);
    let Some((first, others)) = members.split_first() else { panic!("nobody there") };
    let begun = now_ns();
    let agreed = wait_until("everybody agrees", || others.iter().all(|member| first.agrees_with(member)));
    println!("{name} agree after {:.1} s", (agreed - begun) as f64 / 1e9);
    let settle_ns = if long() { 20 } else { 6 } * SECOND;
    pause(settle_ns - (agreed - begun).min(settle_ns));
    let mut watched = watch(&members, seconds);
    report(name, &mut watched);
    watched
}

#[test]
fn the_clocks_of_hundred_listeners_cost_a_fifth_of_a_core_at_most() {
    let (listeners, seconds) = if long() { (100, 60) } else { (20, 3) };
    let watched = settled(&format!("{listeners} listeners"), listeners, true, seconds);
    let allowed = 0.2 * f64::from(listeners) / 100.0;
    assert!(watched.core <= allowed, "{:.2} % of a core", watched.core * 100.0);
    assert!(watched.packets_per_peer <= 30.0, "{:.0} packets a second", watched.packets_per_peer);
    assert!(watched.wakeups_per_peer < 100.0, "{:.0} wake-ups a second", watched.wakeups_per_peer);
}

#[test]
fn a_jam_of_eight_speaks_less_than_its_share() {
    let watched = settled("jam of eight", 7, true, if long() { 60 } else { 3 });
    assert!(watched.bytes_per_peer <= 1_500.0, "{:.0} B/s a peer", watched.bytes_per_peer);
}
