//! What a jam costs: many peers who edit, and every byte that they send.

use std::time::Duration;

use super::{Band, Bars, Link, Sent};
use crate::{
    deadline::{Stopwatch, let_pass},
    song::Open,
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JamPlan {
    pub peers: usize,
    pub seconds: u64,
    /// Edits in that time, evenly spread, by everybody in turn.
    pub edits: u64,
    /// How long everybody settles before counting begins.
    pub settle_seconds: u64,
    /// What a peer may send in a second, on average.
    pub total_bytes: f64,
    /// The clock's share of it. Right after a join it speaks in bursts, which a short run does not average out.
    pub clock_bytes: f64,
}

/// Runs a jam and fills the table.
#[track_caller]
pub fn measure(plan: JamPlan, bars: &mut Bars) {
    let mut band = Band::start(plan.peers, Link::Veth);
    band.jam();
    band.count_traffic();
    let_pass(Duration::from_secs(plan.settle_seconds));
    let (jam, before) = (Stopwatch::start(), band.sent());
    edit(&mut band, plan, &jam);
    let seconds = jam.elapsed().as_secs_f64();
    let sent: Vec<Sent> = band.sent().iter().zip(&before).map(|(after, before)| *after - *before).collect();
    let agreed = band.agree();

    let most = |of: fn(&Sent) -> u64| sent.iter().map(of).max().unwrap_or_default() as f64 / seconds;
    let all = |of: fn(&Sent) -> u64| sent.iter().map(of).sum::<u64>() as f64 / seconds / plan.peers as f64;
    bars.at_most(
        "sent by the busiest peer, all frames",
        most(|sent| sent.total.bytes),
        plan.total_bytes,
        "bytes/s",
    );
    bars.at_most("… of it the clock's datagrams", most(|sent| sent.clock.bytes), plan.clock_bytes, "bytes/s");
    bars.tell(
        "mean of all peers",
        format!(
            "{:.0} bytes/s: talk {:.0}, clock {:.0}, discovery {:.0}; {:.1} packets/s, {:.1} of them the clock's",
            all(|sent| sent.total.bytes),
            all(|sent| sent.talk.bytes),
            all(|sent| sent.clock.bytes),
            all(|sent| sent.discovery.bytes),
            all(|sent| sent.total.packets),
            all(|sent| sent.clock.packets),
        ),
    );
    bars.holds(
        "all have one song after the last edit",
        format!("{:.2} s", agreed.as_secs_f64()),
        "agree",
        true,
    );
}

fn edit(band: &mut Band, plan: JamPlan, jam: &Stopwatch) {
    let track = Open::of(&mut band.friends[0].door).track_id(0);
    let pause = Duration::from_secs(plan.seconds).div_f64(plan.edits.max(1) as f64);
    for number in 0..plan.edits {
        let n = number as usize;
        // A velocity that the step has not had: every edit changes something.
        band.set_step(n % band.len(), &track, n % 16, 1 + n % 127);
        let_pass((pause * (number as u32 + 1)).saturating_sub(jam.elapsed()));
    }
}
