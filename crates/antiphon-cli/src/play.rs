//! Playing through the output, and rendering to a file.

use std::{
    fs,
    path::{self, Path},
    time::{Duration, Instant},
};

use antiphon_api::{
    ErrorCode, Event,
    commands::{ListEvents, Play, Render},
    views::{AudioState, EventsView, Job, Telemetry},
};
use indicatif::ProgressBar;
use tokio::{signal, sync::broadcast::error::RecvError, time};

use crate::{failure::Failure, progress, reach::Reach, text};

pub async fn play(
    reach: &Reach,
    named: Option<String>,
    seconds: Option<u64>,
    count_in_bars: Option<i64>,
    started: Option<Instant>,
) -> Result<(), Failure> {
    let session = reach.session(named).await?;
    match reach.call("audio", ()).await? {
        AudioState::Playing { output, .. } => eprintln!("playing {} through {output}", session.song.name),
        AudioState::NoOutput { reason } => eprintln!("no sound: {reason}; time goes on"),
    }
    reach.call::<()>("play", Play { count_in_bars }).await?;
    let end = async {
        match seconds {
            Some(seconds) => time::sleep(Duration::from_secs(seconds)).await,
            None => drop(signal::ctrl_c().await),
        }
    };
    tokio::select! {
        () = end => {}
        outcome = show_meters(reach, started) => outcome?,
    }
    reach.call::<()>("stop", ()).await
}

/// One line that moves with the music, until the peer stops. With a moment of the start, tells when sound came.
async fn show_meters(reach: &Reach, mut started: Option<Instant>) -> Result<(), Failure> {
    let mut events = reach.door().subscribe();
    let line = ProgressBar::new_spinner();
    loop {
        match events.recv().await {
            Ok(event) => {
                if let Event::Telemetry { telemetry } = &*event {
                    let sounds = telemetry.master_peak.iter().any(|peak| *peak > 0.0);
                    if let Some(started) = started.take_if(|_| sounds) {
                        eprintln!("first sound after {} ms", started.elapsed().as_millis());
                    }
                    line.set_message(meter_line(telemetry));
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Err(Failure::new(ErrorCode::Unreachable, "the peer stopped")),
        }
    }
}

fn meter_line(telemetry: &Telemetry) -> String {
    let peak = telemetry.master_peak[0].max(telemetry.master_peak[1]);
    let bars = (peak.clamp(0.0, 1.0) * 24.0) as usize;
    format!("{}  {:<24}", place(telemetry), "=".repeat(bars))
}

/// Bar, beat and sixteenth of what is heard, or the beats that are still counted in.
fn place(telemetry: &Telemetry) -> String {
    if telemetry.count_in > 0 {
        return format!("-{}", telemetry.count_in);
    }
    let steps_per_beat = 16 / u64::from(telemetry.meter.unit.max(1));
    let step = (telemetry.position_steps - telemetry.bar_start_steps).max(0.0) as u64;
    let (beat, sixteenth) = (step / steps_per_beat.max(1), step % steps_per_beat.max(1));
    format!("{}:{}:{}", telemetry.bar + 1, beat + 1, sixteenth + 1)
}

pub async fn render(
    reach: &Reach,
    named: Option<String>,
    file: &Path,
    bars: Option<u32>,
    events_file: Option<&Path>,
) -> Result<(), Failure> {
    reach.session(named).await?;
    if let Some(events_file) = events_file {
        let sounding: EventsView = reach.call("events", ListEvents { bars }).await?;
        fs::write(events_file, text::lines(&sounding)).map_err(|error| {
            let cause = format!("{} cannot be written: {error}", events_file.display());
            Failure::new(ErrorCode::Storage, cause).next("choose a folder that can be written")
        })?;
    }
    let full = path::absolute(file).map_err(|error| Failure::new(ErrorCode::BadFile, error.to_string()))?;
    let events = reach.door().subscribe();
    let job: Job = reach.call("render", Render { path: full.to_string_lossy().into_owned(), bars }).await?;
    progress::follow(events, job).await?;
    println!("{}", file.display());
    Ok(())
}
