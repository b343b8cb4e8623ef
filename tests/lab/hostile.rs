//! Bad input on the wire of a live session: none of it may move anybody's phase, and all of it is counted.

use std::time::Duration;

use antiphon_testkit::{Network, SeededRng};
use serde_json::Value;

use super::{Apart, Band, Bars, BentClock, Link, clock_of};
use crate::{
    bridge::{Bridge, Mischief, Udp},
    deadline::{Stopwatch, let_pass, true_now_ns},
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostilePlan {
    pub peers: usize,
    /// How long everybody settles before it.
    pub settle_seconds: u64,
    /// Of each kind of bad input.
    pub seconds: u64,
    pub seed: u64,
    /// What 99 of 100 looks at honest peers must stay below meanwhile, in microseconds.
    pub p99_micros: f64,
}

/// Forged datagrams between two rests of the forger, and how long those are: 2,000 a second.
const VOLLEY: usize = 20;
const REST: Duration = Duration::from_millis(10);
/// The first byte of the clock's datagrams.
const CLOCK_VERSION: u8 = 1;

/// What is shown of a clock at double speed, and of its packets.
const WHY_HASTY: &str = "runs as no clock does";
const FROM_SUSPECTS: &str = "from suspects";

/// Three kinds of mischief, one after the other, on one band.
#[track_caller]
pub fn measure(plan: HostilePlan, bars: &mut Bars) {
    let mut band = Band::start(plan.peers, Link::Model(Network::Lan, plan.seed));
    band.jam();
    let_pass(Duration::from_secs(plan.settle_seconds));
    let mut rng = SeededRng::new(plan.seed);
    let quiet = judged(&mut band, plan, |_| let_pass(Duration::from_secs(plan.seconds)));
    bars.tell("undisturbed", quiet.figures());

    let mut forged = 0;
    let under_fire = judged(&mut band, plan, |bridge| forged = fire(bridge, plan, &mut rng));
    tell(&format!("while {forged} random, altered and replayed datagrams came"), &under_fire, plan, bars);

    let mischief = Mischief { doubled: 0.2, replayed: 0.2, held_back: 0.05 };
    let before = bridge_of(&band).counts();
    let disturbed = judged(&mut band, plan, |bridge| {
        bridge.set_mischief(mischief);
        let_pass(Duration::from_secs(plan.seconds));
        bridge.set_mischief(Mischief::default());
    });
    let after = bridge_of(&band).counts();
    let (doubled, replayed) = (after.doubled - before.doubled, after.replayed - before.replayed);
    let held_back = after.held_back - before.held_back;
    tell(
        &format!(
            "while {doubled} frames came twice, {replayed} again after seconds, {held_back} out of order"
        ),
        &disturbed,
        plan,
        bars,
    );
    tell_counted(&mut band, bars);
    band.friends.iter_mut().for_each(|friend| friend.running.is_well());
}

/// A member whose clock runs at double speed.
#[track_caller]
pub fn measure_double_speed(plan: HostilePlan, bars: &mut Bars) {
    let hasty = plan.peers - 1;
    let clock = |index| match index {
        index if index == hasty => BentClock { offset_ms: 1_000, skew_ppm: 1_000_000 },
        index => clock_of(index),
    };
    let mut band = Band::start_with(plan.peers, Link::Veth, clock, |serve| serve);
    band.friends[0].door.call("play", Value::Null);
    (1..hasty).for_each(|index| band.let_in(index));
    let_pass(Duration::from_secs(plan.settle_seconds));
    let from_ns = true_now_ns();
    band.let_in(hasty);
    let_pass(Duration::from_secs(plan.seconds));
    let (to_ns, traces) = (true_now_ns(), band.traces());
    let honest = &traces[..hasty];
    tell(
        "with a member whose clock runs at double speed",
        &Apart::between(honest, from_ns, to_ns),
        plan,
        bars,
    );
    let step = honest.iter().map(|trace| trace.roughness(from_ns).step_ns).max().unwrap_or_default();
    bars.holds("greatest step of an honest clock", format!("{step} ns"), "≤ 2 ns", step <= 2);
    let rushed = honest.iter().map(|trace| rate_ppm(trace, from_ns, to_ns)).fold(0.0, f64::max);
    bars.at_most("the honest are pulled along by", rushed, 250.0, "ppm");
    let hasty_id = band.friends[hasty].id.clone();
    let shown: Vec<String> = band.friends[..hasty]
        .iter_mut()
        .map(|friend| shown_of(&friend.door.call("clock", Value::Null), &hasty_id))
        .collect();
    let told = shown.iter().all(|shown| shown.contains(WHY_HASTY) && shown.contains(FROM_SUSPECTS));
    bars.holds("shown of it by each honest peer", shown.join("; "), "why, and its packets ignored", told);
    band.friends.iter_mut().for_each(|friend| friend.running.is_well());
}

/// By how much session time runs faster or slower than the machine's clock.
fn rate_ppm(trace: &super::Trace, from_ns: i64, to_ns: i64) -> f64 {
    let session = |at| trace.at(at).map_or(i64::MAX, |(_, session)| session.0);
    let passed = session(to_ns).saturating_sub(session(from_ns));
    ((passed - (to_ns - from_ns)) as f64 / (to_ns - from_ns) as f64 * 1e6).abs()
}

fn shown_of(clock: &Value, peer: &str) -> String {
    let members = clock["members"].as_array().map_or(&[][..], Vec::as_slice);
    let member = members.iter().find(|member| member["person"]["peer"] == peer);
    let sync = member.map_or("nobody".into(), |member| member["sync"].to_string());
    format!("{sync}; ignored: {}", ignored(clock))
}

fn bridge_of(band: &Band) -> &Bridge {
    band.lan.bridge().expect("the band plays over a bridge")
}

fn judged(band: &mut Band, plan: HostilePlan, disturb: impl FnOnce(&Bridge)) -> Apart {
    let from_ns = true_now_ns();
    disturb(bridge_of(band));
    // What was sent last is still under way.
    let_pass(Duration::from_secs(plan.seconds.min(2)));
    Apart::between(&band.traces(), from_ns, true_now_ns())
}

fn tell(what: &str, apart: &Apart, plan: HostilePlan, bars: &mut Bars) {
    bars.tell(what, apart.figures());
    bars.at_most("… p99", apart.quantile(0.99), plan.p99_micros, "µs");
    bars.holds(
        "… looks at peers with different session clocks",
        apart.strangers.to_string(),
        "0",
        apart.strangers == 0,
    );
}

/// Sends forged datagrams from everybody to everybody's ports; tells how many.
fn fire(bridge: &Bridge, plan: HostilePlan, rng: &mut SeededRng) -> usize {
    let (watch, length) = (Stopwatch::start(), Duration::from_secs(plan.seconds));
    let mut sent = 0;
    while watch.elapsed() < length {
        let captured = bridge.captured();
        // To one machine each; what went to all has no single target.
        let genuine: Vec<&Udp> = captured.iter().filter(|datagram| datagram.to.0[0] == 10).collect();
        let clock: Vec<&Udp> =
            genuine.iter().copied().filter(|one| one.payload.first() == Some(&CLOCK_VERSION)).collect();
        // Half of all volleys go to the clock alone, where it has a port of its own.
        let targets = if clock.is_empty() || rng.chance(0.5) { &genuine } else { &clock };
        for _ in 0..VOLLEY {
            if let Some(datagram) = rng.pick(targets) {
                let forged = forge(datagram, rng);
                let port = usize::from(forged.to.0[3]).saturating_sub(1);
                bridge.inject(port, forged.frame(port));
                sent += 1;
            }
        }
        let_pass(REST);
    }
    sent
}

/// A datagram to the same port: noise, the same with a bit turned, or once more as it was.
fn forge(genuine: &Udp, rng: &mut SeededRng) -> Udp {
    let mut forged = genuine.clone();
    match rng.below(3) {
        0 => {
            let length = rng.below(200);
            forged.payload = (0..length).map(|_| rng.next_u64() as u8).collect();
        }
        1 => {
            let at = rng.below(forged.payload.len());
            if let Some(byte) = forged.payload.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
        _ => {}
    }
    forged
}

/// What each peer says it ignored.
fn tell_counted(band: &mut Band, bars: &mut Bars) {
    let ignored: Vec<String> =
        band.friends.iter_mut().map(|friend| ignored(&friend.door.call("clock", Value::Null))).collect();
    let counted = ignored.iter().all(|ignored| !ignored.is_empty());
    bars.holds("ignored and shown by each peer", ignored.join("; "), "some by each", counted);
}

fn ignored(clock: &Value) -> String {
    let reasons = clock["ignored"].as_array().map_or(&[][..], Vec::as_slice);
    let words = reasons
        .iter()
        .map(|one| format!("{} {}", one["packets"], one["reason"].as_str().unwrap_or_default()));
    words.collect::<Vec<_>>().join(", ")
}
