//! This device's metronome, and tapping a tempo.

use std::io::{BufRead, IsTerminal, stdin};

use antiphon_api::{
    commands::SetMetronome,
    views::{Metronome, Tapped},
};
use tokio::{signal, sync::mpsc, task::spawn_blocking};

use crate::{
    args::Switch,
    failure::Failure,
    reach::{Reach, print_json},
};

pub async fn metronome(
    reach: &Reach,
    switch: Option<Switch>,
    level: Option<f64>,
    count_in: Option<i64>,
    json: bool,
) -> Result<(), Failure> {
    let on = switch.map(|switch| switch == Switch::On);
    let set = SetMetronome { on, volume_db: level, count_in_bars: count_in };
    let metronome: Metronome = reach.call("metronome", set).await?;
    if json {
        return print_json(&metronome);
    }
    let state = if metronome.on { "on" } else { "off" };
    let bars = match metronome.count_in_bars {
        0 => "no count-in".to_owned(),
        1 => "a count-in of 1 bar".to_owned(),
        bars => format!("a count-in of {bars} bars"),
    };
    println!("{state} at {} dB, {bars}", metronome.volume_db);
    Ok(())
}

/// Taps with every line: the return key, until the end of the input.
pub async fn tap(reach: &Reach, json: bool) -> Result<(), Failure> {
    if stdin().is_terminal() {
        eprintln!("tap the return key on the beat, three times or more; Ctrl-D ends");
    }
    let (pressed, mut taps) = mpsc::channel(1);
    spawn_blocking(move || {
        let lines = stdin().lock().lines();
        // An input that cannot be read has ended.
        let _ = lines.map_while(Result::ok).try_for_each(|_| pressed.blocking_send(()));
    });
    let mut last = None;
    loop {
        tokio::select! {
            tap = taps.recv() => if tap.is_none() { break },
            _ = signal::ctrl_c() => break,
        }
        let tapped: Tapped = reach.call("tap", ()).await?;
        last = tapped.bpm;
        if let (Some(bpm), false) = (tapped.bpm, json) {
            println!("{bpm} BPM");
        }
    }
    if json { print_json(&Tapped { bpm: last }) } else { Ok(()) }
}
