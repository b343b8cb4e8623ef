//! Coming and going, with the founder as the first to leave.

use antiphon_clock::ClockEvent;

use super::{SETTLE_S, Trial};
use crate::{
    clock_lab::{ClockLab, PeerIndex},
    errors::Errors,
    rng::SeededRng,
    room::Room,
};

const SLOTS: usize = 8;
const CHANGE_S: f64 = 5.0;
/// Locked for this long one counts as a member.
const MEMBER_NS: i64 = 3_000_000_000;
const LOOKS_PER_CHANGE: usize = 20;

/// Every 5 s one of eight comes or goes; series `pair` is of those locked for 3 s or more.
pub fn churn(seed: u64, room: Room, seconds: f64) -> Trial {
    let mut trial = Trial::default();
    let mut rng = SeededRng::of(seed, "churn", 0, 0);
    let mut lab = ClockLab::new(seed, room);
    let founder = lab.add_peer();
    lab.run_for_s(CHANGE_S);
    let mut slots: Vec<Option<PeerIndex>> = vec![Some(founder)];
    slots.extend((1..SLOTS).map(|_| Some(lab.add_peer())));
    lab.connect_all();
    lab.run_for_s(SETTLE_S);
    let mut leaver = 0;
    let mut errors = Errors::new();
    for _ in 0..(seconds / CHANGE_S) as usize {
        slots[leaver] = change(&mut lab, slots[leaver]);
        for _ in 0..LOOKS_PER_CHANGE {
            lab.run_for_s(CHANGE_S / LOOKS_PER_CHANGE as f64);
            let members: Vec<PeerIndex> =
                slots.iter().flatten().copied().filter(|&peer| is_member(&lab, peer)).collect();
            lab.look_at_pairs(&members, &mut errors);
        }
        leaver = rng.below(SLOTS);
        if slots.iter().flatten().count() <= 2 && slots[leaver].is_some() {
            leaver = slots.iter().position(Option::is_none).unwrap_or(0);
        }
    }
    trial.extend("pair", &errors);
    let stepped = (0..lab.len()).map(PeerIndex).filter(|&peer| stepped_as_member(&lab, peer)).count();
    trial.promise(stepped == 0, || format!("{stepped} members stepped"));
    trial.promise_told(&lab, &lab.awake());
    trial.count(&lab);
    trial
}

/// Fills an empty slot or empties a full one.
fn change(lab: &mut ClockLab, slot: Option<PeerIndex>) -> Option<PeerIndex> {
    if let Some(peer) = slot {
        lab.leave(peer);
        return None;
    }
    let joiner = lab.add_peer();
    lab.connect_all();
    Some(joiner)
}

fn is_member(lab: &ClockLab, peer: PeerIndex) -> bool {
    let now_ns = (lab.now_s() * 1e9) as i64;
    member_since_ns(lab, peer, now_ns).is_some_and(|since_ns| now_ns - since_ns >= MEMBER_NS)
}

/// When it locked to where it is now, as told before `until_ns`.
fn member_since_ns(lab: &ClockLab, peer: PeerIndex, until_ns: i64) -> Option<i64> {
    let mut since_ns = None;
    for (at_ns, event) in lab.events(peer).iter().filter(|(at_ns, _)| *at_ns < until_ns) {
        match event {
            ClockEvent::Locked => since_ns = Some(*at_ns),
            ClockEvent::Unlocked => since_ns = None,
            ClockEvent::TimebaseSwitched { .. } => since_ns = since_ns.and(Some(*at_ns)),
            _ => {}
        }
    }
    since_ns
}

fn stepped_as_member(lab: &ClockLab, peer: PeerIndex) -> bool {
    let steps = lab.events(peer).iter();
    steps.filter(|(_, event)| matches!(event, ClockEvent::TimebaseSwitched { .. })).any(|(at_ns, _)| {
        member_since_ns(lab, peer, *at_ns).is_some_and(|since_ns| at_ns - since_ns >= MEMBER_NS)
    })
}
