//! `antiphon-lab`: the long measurements on real processes, for `cargo xtask lab`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use antiphon_testkit::Network;
use antiphon_tests::{
    lab::{
        Bars, ComingsPlan, HealPlan, HostilePlan, JamPlan, Link, PhasePlan, Server, SoundPlan,
        measure_comings, measure_double_speed, measure_healing, measure_hostile, measure_jam, measure_phase,
        measure_sound,
    },
    may_use_namespaces,
};

mod arguments;

use arguments::Arguments;

const USAGE: &str = "usage: cargo xtask lab <measurement> [options]

  phase    [--peers 5] [--seconds 120] [LINK]    how far apart the session clocks of peers are
  heal     [--peers 3] [--seconds 60] [LINK]     the last peer's cable is cut so long, and plugged in again
  comings  [--seconds 10] [LINK]                 three stay, three come and go, so long between
  jam      [--peers 8] [--seconds 600] [--edits 200]    what everybody sends
  hostile  [--peers 4] [--seconds 30] [--seed 1]    forged, replayed, doubled datagrams; a clock at double speed
  sound    [--server jack|pulse] [--seconds 240] [--windows 100] [--trim 0]    the onsets of two peers on one
           recording; the second sounds TRIM µs early, to check the ruler

LINK is --link veth|lan|good-wifi|bad-wifi|internet and, but for veth, --seed N";

/// A run through a bridge that was itself late is repeated this often.
const TRIES: usize = 3;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("antiphon-lab: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, String> {
    let mut arguments = Arguments::of(std::env::args().skip(1))?;
    if !may_use_namespaces() {
        return Err("network namespaces need root".into());
    }
    let measurement = arguments.measurement.clone();
    let mut bars = Bars::default();
    match measurement.as_str() {
        "phase" => {
            let (peers, seconds) = (arguments.number("peers", 5)?, arguments.number("seconds", 120)?);
            let link = link(&mut arguments)?;
            arguments.all_used()?;
            return Ok(phase(PhasePlan::full(peers as usize, link, seconds)));
        }
        "comings" => {
            let (link, pause_seconds) = (link(&mut arguments)?, arguments.number("seconds", 10)?);
            arguments.all_used()?;
            let (staying, passing) = (3, 3);
            let plan =
                ComingsPlan { link, staying, passing, pause_seconds, p99_micros: 200.0, moved_micros: 60.0 };
            measure_comings(plan, &mut bars);
        }
        "jam" => {
            let peers = arguments.number("peers", 8)? as usize;
            let (seconds, edits) = (arguments.number("seconds", 600)?, arguments.number("edits", 200)?);
            arguments.all_used()?;
            measure_jam(
                JamPlan {
                    peers,
                    seconds,
                    edits,
                    settle_seconds: 30,
                    total_bytes: 3_000.0,
                    clock_bytes: 1_500.0,
                },
                &mut bars,
            );
        }
        "heal" => {
            let (peers, cut_seconds) =
                (arguments.number("peers", 3)? as usize, arguments.number("seconds", 60)?);
            let (link, healed_micros) = (link(&mut arguments)?, arguments.number("within", 1_000)? as f64);
            arguments.all_used()?;
            measure_healing(
                HealPlan { peers, link, settle_seconds: 20, cut_seconds, watch_seconds: 20, healed_micros },
                &mut bars,
            );
        }
        "hostile" => {
            let (peers, seconds) = (arguments.number("peers", 4)? as usize, arguments.number("seconds", 30)?);
            let seed = arguments.number("seed", 1)?;
            arguments.all_used()?;
            let plan = HostilePlan { peers, seconds, settle_seconds: 30, seed, p99_micros: 200.0 };
            measure_hostile(plan, &mut bars);
            measure_double_speed(plan, &mut bars);
        }
        "sound" => {
            let server = match arguments.text("server", "jack").as_str() {
                "jack" => Server::Jack,
                "pulse" => Server::Pulse,
                other => return Err(format!("there is no server {other:?}")),
            };
            let (seconds, windows) = (arguments.number("seconds", 240)?, arguments.number("windows", 100)?);
            let trim_micros = arguments.number("trim", 0)?;
            arguments.all_used()?;
            measure_sound(SoundPlan { server, seconds, windows: windows as usize, trim_micros }, &mut bars);
        }
        other => return Err(format!("there is no measurement {other:?}")),
    }
    println!("\n{measurement}\n\n{}", bars.table());
    Ok(bars.all_met())
}

fn link(arguments: &mut Arguments) -> Result<Link, String> {
    let (name, seed) = (arguments.text("link", "veth"), arguments.number("seed", 1)?);
    let network = match name.as_str() {
        "veth" => return Ok(Link::Veth),
        "lan" => Network::Lan,
        "good-wifi" => Network::GoodWifi,
        "bad-wifi" => Network::BadWifi,
        "internet" => Network::Internet,
        other => return Err(format!("there is no link {other:?}")),
    };
    Ok(Link::Model(network, seed))
}

/// Runs through a bridge are repeated while the bridge itself was late.
fn phase(plan: PhasePlan) -> bool {
    for run in 1..=TRIES {
        let mut bars = Bars::default();
        let lateness = measure_phase(plan, &mut bars);
        println!(
            "\nphase, {} peers, {:?}, {} s, run {run}\n\n{}",
            plan.peers,
            plan.link,
            plan.seconds,
            bars.table()
        );
        match lateness {
            Some(late) if late.is_unfit() && run < TRIES => println!("the bridge was late itself; again"),
            Some(late) if late.is_unfit() => println!("the bridge was late itself in each of {TRIES} runs"),
            _ => return bars.all_met(),
        }
        if run == TRIES {
            return bars.all_met();
        }
    }
    false
}
