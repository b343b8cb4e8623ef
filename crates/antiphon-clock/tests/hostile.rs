//! Whatever comes, whenever it comes: nothing panics, nothing grows, time goes on.

use antiphon_clock::{
    ClockConfig, ClockEvent, ClockPeer, Company, PEERS_KNOWN_MAX, PeerKey,
    wire::{Announcement, Departure, Echo, Kind, Packet},
};
use antiphon_testkit::is_long;
use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};
use proptest::prelude::*;

/// The clock promises no faster: 250 ppm for good and 3000 for a while.
const RATE_PPB_MAX: i64 = 3_250_000;
const SECOND: i64 = 1_000_000_000;

/// Times where sums and differences overflow, where a packet is refused, and ordinary ones.
fn any_time() -> impl Strategy<Value = i64> {
    let edge = 1_i64 << 62;
    prop_oneof![
        Just(i64::MIN),
        Just(i64::MAX),
        Just(edge),
        Just(-edge),
        Just(edge + 1),
        Just(0),
        any::<i64>(),
        0..100 * SECOND,
        0..100 * SECOND,
    ]
}

prop_compose! {
    fn any_announcement()(
        (locked, settled) in any::<(bool, bool)>(),
        timebase in 0..4_u64,
        (host, session) in (any_time(), any_time()),
        (rate_ppb, base_ppb) in (-4_000_000..=4_000_000_i64, -4_000_000..=4_000_000_i32),
        members in any::<u16>(),
        company in any::<u128>(),
    ) -> Announcement {
        let map = SessionMap {
            timebase: TimebaseId(timebase), host: HostTime(host), session: SessionTime(session), rate_ppb,
        };
        Announcement { locked, settled, map, base_ppb, members, company: Company(company) }
    }
}

prop_compose! {
    fn any_packet()(
        ping in any::<bool>(),
        seq in prop_oneof![1..60_u32, any::<u32>()],
        epoch in 0..3_u32,
        sent in any_time(),
        echo in proptest::option::of((0..60_u32, any_time(), any_time())),
        told in proptest::option::of((0..60_u32, any_time())),
        announcement in any_announcement(),
    ) -> Packet {
        Packet {
            kind: if ping { Kind::Ping } else { Kind::Pong },
            seq,
            epoch,
            sent: HostTime(sent),
            echo: echo.map(|(seq, sent, received)| {
                Echo { seq, sent: HostTime(sent), received: HostTime(received) }
            }),
            told: told.map(|(seq, sent)| Departure { seq, sent: HostTime(sent) }),
            announcement,
        }
    }
}

#[derive(Debug, Clone)]
enum Input {
    Packet {
        from: u8,
        received: i64,
        packet: Packet,
    },
    /// One of the peer's own packets, thrown back at once.
    Mirror {
        from: u8,
        late_ns: i64,
    },
    Bytes {
        from: u8,
        bytes: Vec<u8>,
    },
    Timeout {
        later_ns: i64,
    },
    Sent {
        to: u8,
        seq: u32,
        sent: i64,
    },
    Up(u8),
    Down(u8),
    Idle(bool),
    LockNow,
    Gap(Option<i64>),
    /// The io crate hands in a time far off.
    TimeoutAt(i64),
}

fn any_input() -> impl Strategy<Value = Input> {
    let peer = 1..20_u8;
    prop_oneof![
        8 => (peer.clone(), any_time(), any_packet())
            .prop_map(|(from, received, packet)| Input::Packet { from, received, packet }),
        8 => (peer.clone(), 0..5_000_000_i64).prop_map(|(from, late_ns)| Input::Mirror { from, late_ns }),
        1 => (peer.clone(), proptest::collection::vec(any::<u8>(), 0..130))
            .prop_map(|(from, bytes)| Input::Bytes { from, bytes }),
        8 => (0..400_000_000_i64).prop_map(|later_ns| Input::Timeout { later_ns }),
        2 => (peer.clone(), 0..60_u32, any_time())
            .prop_map(|(to, seq, sent)| Input::Sent { to, seq, sent }),
        1 => peer.clone().prop_map(Input::Up),
        1 => peer.prop_map(Input::Down),
        1 => any::<bool>().prop_map(Input::Idle),
        1 => Just(Input::LockNow),
        1 => proptest::option::of(any_time()).prop_map(Input::Gap),
        1 => any_time().prop_map(Input::TimeoutAt),
    ]
}

fn key(n: u8) -> PeerKey {
    [n; 32]
}

/// Hands `input` in; the time after it.
fn give(clock: &mut ClockPeer, input: Input, now: HostTime) -> HostTime {
    match input {
        Input::Packet { from, received, packet } => {
            clock.handle_packet(key(from), HostTime(received), &packet.encode());
        }
        Input::Mirror { from, late_ns } => {
            if let Some(mut transmit) = clock.poll_transmit() {
                transmit.stamp(now);
                clock.handle_packet(key(from), now + late_ns, &transmit.bytes);
            }
        }
        Input::Bytes { from, bytes } => clock.handle_packet(key(from), now, &bytes),
        Input::Timeout { later_ns } => {
            clock.handle_timeout(now + later_ns);
            return now + later_ns;
        }
        Input::Sent { to, seq, sent } => clock.handle_sent(key(to), seq, HostTime(sent)),
        Input::Up(peer) => {
            clock.peer_up(key(peer), now);
        }
        Input::Down(peer) => clock.peer_down(key(peer), now),
        Input::Idle(idle) => clock.set_idle(idle, now),
        Input::LockNow => clock.lock_now(now),
        Input::Gap(gap_ns) => clock.handle_discontinuity(now, gap_ns),
        Input::TimeoutAt(at) => clock.handle_timeout(HostTime(at)),
    }
    now
}

/// A clock that six others can be reached from.
fn among_six(seed: u64, now: HostTime) -> ClockPeer {
    let mut clock = ClockPeer::new(key(1), ClockConfig::default(), seed, now);
    (2..8).for_each(|n| {
        clock.peer_up(key(n), now);
    });
    clock
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if is_long() { 20_000 } else { 200 }))]

    #[test]
    fn any_packets_in_any_order_are_harmless(
        seed in any::<u64>(),
        inputs in proptest::collection::vec(any_input(), 1..200),
    ) {
        let mut now = HostTime(0);
        let mut clock = among_six(seed, now);
        for input in inputs {
            now = give(&mut clock, input, now);
            prop_assert!(clock.map().rate_ppb.abs() <= RATE_PPB_MAX);
            clock.overview();
            clock.partners().for_each(|peer| {
                clock.quality(peer);
            });
            prop_assert!(clock.partners().count() <= 12);
        }
        prop_assert!(std::iter::from_fn(|| clock.poll_event()).count() <= 64);
        prop_assert!(std::iter::from_fn(|| clock.poll_transmit()).count() <= 2 * PEERS_KNOWN_MAX);
    }

    /// Time as the io crate hands it in goes forward; then session time does too, and steps only where told.
    #[test]
    fn session_time_is_continuous_except_where_a_switch_is_told(
        seed in any::<u64>(),
        inputs in proptest::collection::vec(any_input(), 1..200),
    ) {
        let mut now = HostTime(0);
        let mut clock = among_six(seed, now);
        let mut told_step_ns = 0;
        for input in inputs {
            if matches!(input, Input::TimeoutAt(_)) {
                continue;
            }
            let before = clock.map();
            now = give(&mut clock, input, now);
            let step_ns = clock.map().to_session(now) - before.to_session(now);
            let mut switched = false;
            while let Some(event) = clock.poll_event() {
                if let ClockEvent::TimebaseSwitched { step_ns, .. } = event {
                    switched = true;
                    told_step_ns += i128::from(step_ns);
                }
            }
            prop_assert!(switched || step_ns.abs() <= 2, "stepped by {} untold", step_ns);
        }
        prop_assert!(told_step_ns.abs() <= 200 * i128::from(i64::MAX));
    }
}

#[test]
fn packets_of_the_right_form_with_extreme_times_are_refused() {
    let far = HostTime((1 << 62) + 1);
    let map = SessionMap { timebase: TimebaseId(1), host: far, session: SessionTime(0), rate_ppb: 0 };
    let announcement =
        Announcement { locked: true, settled: true, map, base_ppb: 0, members: 1, company: Company(1) };
    let packet = Packet {
        kind: Kind::Ping,
        seq: 1,
        epoch: 1,
        sent: HostTime(0),
        echo: None,
        told: None,
        announcement,
    };
    let mut clock = ClockPeer::new(key(1), ClockConfig::default(), 1, HostTime(0));
    clock.peer_up(key(2), HostTime(0));
    clock.handle_packet(key(2), HostTime(5), &packet.encode());
    assert_eq!(clock.faults().malformed, 1);
    assert!(clock.poll_transmit().is_none(), "answered");
}
