//! Patterns as text, and what will sound as a list.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read},
    path::Path,
};

use antiphon_api::{
    ErrorCode,
    commands::{ListEvents, PatternRef, PatternText},
    edits::{EditCommand, Edited},
    views::{EventView, EventsView},
};

use crate::{
    edit,
    failure::Failure,
    reach::{Reach, find_track, print_json},
};

/// The longest text that is read: a pattern with everything in it, several times over.
const TEXT_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub async fn text(
    reach: &Reach,
    named: Option<String>,
    track: &str,
    pattern: Option<String>,
    set: Option<&Path>,
    json: bool,
) -> Result<(), Failure> {
    let session = reach.session(named).await?;
    let track = find_track(&session, track)?;
    let pattern =
        pattern.map(|named| edit::pattern_of(track, &named).map(|one| one.id.clone())).transpose()?;
    let track = track.id.clone();
    let Some(file) = set else {
        let shown: PatternText = reach.call("pattern_text", PatternRef { track, pattern }).await?;
        if json {
            return print_json(&shown);
        }
        println!("{}", shown.text.trim_end());
        return Ok(());
    };
    change(reach, EditCommand::SetPatternText { track, pattern, text: read(file)? }, json).await
}

pub async fn paste(reach: &Reach, named: Option<String>, file: &Path, json: bool) -> Result<(), Failure> {
    reach.session(named).await?;
    change(reach, EditCommand::PasteTrack { text: read(file)?, index: None }, json).await
}

async fn change(reach: &Reach, command: EditCommand, json: bool) -> Result<(), Failure> {
    let edited: Edited = reach.call("edit", command).await?;
    if json {
        return print_json(&edited);
    }
    println!("{}", edited.label);
    Ok(())
}

pub async fn events(
    reach: &Reach,
    named: Option<String>,
    bars: Option<u32>,
    json: bool,
) -> Result<(), Failure> {
    reach.session(named).await?;
    let events: EventsView = reach.call("events", ListEvents { bars }).await?;
    if json {
        return print_json(&events);
    }
    print!("{}", lines(&events));
    Ok(())
}

/// What sounds, a line each, with a head that says what it was rolled from.
pub fn lines(events: &EventsView) -> String {
    let EventsView { bars, bpm, seed, events } = events;
    let mut text = format!("# {bars} bars at {bpm} BPM, dice rolled from {seed}\n");
    text += "# bar:beat:step    frame  track            pattern  step cycle  pitch  vel  length  dice\n";
    for event in events {
        line(&mut text, event);
    }
    text
}

fn line(text: &mut String, event: &EventView) {
    let whole = event.at_steps.floor() as i64;
    let (bar, beat, step) = (whole.div_euclid(16) + 1, whole.rem_euclid(16) / 4 + 1, whole.rem_euclid(4) + 1);
    let fraction = event.at_steps - event.at_steps.floor();
    let of = event.step.map_or_else(|| "note".to_owned(), |step| (step + 1).to_string());
    let dice = [
        event.dice.chance.map(|roll| format!("chance {roll}")),
        Some(event.dice.timing_steps).filter(|by| *by != 0.0).map(|by| format!("time {by:+.4}")),
        Some(event.dice.velocity).filter(|by| *by != 0).map(|by| format!("velocity {by:+}")),
    ];
    let dice: Vec<String> = dice.into_iter().flatten().collect();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{:>5}:{beat}:{:<7.4} {:>8}  {:<16} {:<8} {of:>4} {:>5}  {:>+5}  {:>3}  {:>6.3}  {}",
        bar,
        step as f64 + fraction,
        event.frame,
        event.track_name,
        event.pattern_name,
        event.cycle,
        event.pitch,
        event.velocity,
        event.length_steps,
        dice.join(", "),
    );
}

fn read(file: &Path) -> Result<String, Failure> {
    let failed = |error: io::Error| {
        Failure::new(ErrorCode::BadFile, format!("{} cannot be read as text: {error}", file.display()))
            .next("check the path; `-` reads standard input")
    };
    let mut text = String::new();
    let read = match file.to_str() {
        Some("-") => io::stdin().take(TEXT_BYTES_MAX + 1).read_to_string(&mut text),
        _ => File::open(file).and_then(|file| file.take(TEXT_BYTES_MAX + 1).read_to_string(&mut text)),
    };
    read.map_err(failed)?;
    if text.len() as u64 > TEXT_BYTES_MAX {
        return Err(Failure::new(ErrorCode::BadFile, format!("{} is too long", file.display()))
            .next("a pattern's text is much shorter"));
    }
    Ok(text)
}
