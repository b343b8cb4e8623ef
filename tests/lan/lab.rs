//! Short forms of the long measurements (`cargo xtask lab`), with bars wide enough for a busy machine.

use antiphon_testkit::Network;
use antiphon_tests::{
    lab::{
        Bars, ComingsPlan, HealPlan, HostilePlan, JamPlan, Link, PhasePlan, measure_comings,
        measure_double_speed, measure_healing, measure_hostile, measure_jam, measure_phase,
    },
    may_use_namespaces,
};

use crate::alone;

const SECOND: i64 = 1_000_000_000;
/// A CI machine has two cores and stands still now and then.
const WIDE_MICROS: f64 = 1_000.0;

#[track_caller]
fn all_met(measure: impl FnOnce(&mut Bars)) {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let mut bars = Bars::default();
    measure(&mut bars);
    println!("{}", bars.table());
    assert!(bars.all_met(), "{}", bars.table());
}

#[test]
fn three_processes_with_clocks_of_their_own_share_one_time_to_a_millisecond() {
    let plan =
        PhasePlan { peers: 3, link: Link::Veth, seconds: 6, settle_ns: 3 * SECOND, p99_micros: WIDE_MICROS };
    all_met(|bars| {
        measure_phase(plan, bars);
    });
}

#[test]
fn over_a_wireless_network_they_share_it_to_a_few_milliseconds() {
    let link = Link::Model(Network::GoodWifi, 1);
    let plan = PhasePlan { peers: 3, link, seconds: 6, settle_ns: 3 * SECOND, p99_micros: 3.0 * WIDE_MICROS };
    all_met(|bars| {
        measure_phase(plan, bars);
    });
}

#[test]
fn a_peer_that_was_cut_off_comes_back_without_a_step() {
    let plan = HealPlan {
        peers: 3,
        link: Link::Veth,
        settle_seconds: 3,
        cut_seconds: 4,
        watch_seconds: 5,
        healed_micros: WIDE_MICROS,
    };
    all_met(|bars| measure_healing(plan, bars));
}

#[test]
fn who_comes_and_goes_moves_nobody_who_stays() {
    let plan = ComingsPlan {
        link: Link::Veth,
        staying: 2,
        passing: 2,
        pause_seconds: 2,
        p99_micros: WIDE_MICROS,
        moved_micros: WIDE_MICROS,
    };
    all_met(|bars| measure_comings(plan, bars));
}

#[test]
fn forged_replayed_and_doubled_datagrams_are_counted_and_move_nobody() {
    let plan = HostilePlan { peers: 3, seconds: 3, settle_seconds: 3, seed: 1, p99_micros: WIDE_MICROS };
    all_met(|bars| measure_hostile(plan, bars));
}

#[test]
fn a_clock_at_double_speed_moves_nobody() {
    let plan = HostilePlan { peers: 4, seconds: 6, settle_seconds: 3, seed: 1, p99_micros: WIDE_MICROS };
    all_met(|bars| measure_double_speed(plan, bars));
}

#[test]
fn a_jam_is_a_few_kilobytes_a_second_and_ends_with_one_song() {
    let plan = JamPlan {
        peers: 3,
        seconds: 6,
        edits: 6,
        settle_seconds: 3,
        total_bytes: 6_000.0,
        clock_bytes: 4_000.0,
    };
    all_met(|bars| measure_jam(plan, bars));
}
