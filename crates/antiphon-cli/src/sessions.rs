//! Sessions: make, list, open, show, fill; and the doctor.

use std::path::{self, Path};

use antiphon_api::commands::Imported;
use antiphon_api::{
    ErrorCode,
    commands::{ImportSample, NewSession, SessionRef},
    views::{Check, CheckState, SessionEntry, SessionView},
};

use crate::{
    failure::Failure,
    progress,
    reach::{Reach, find_track, print_json},
    show,
};

pub async fn new(reach: &Reach, name: Option<String>, json: bool) -> Result<(), Failure> {
    let entry: SessionEntry = reach.call("new_session", NewSession { name }).await?;
    if json {
        return print_json(&entry);
    }
    println!("{} ({})", entry.name, &entry.id[..8]);
    Ok(())
}

pub async fn list(reach: &Reach, json: bool) -> Result<(), Failure> {
    let sessions: Vec<SessionEntry> = reach.call("sessions", ()).await?;
    if json {
        return print_json(&sessions);
    }
    if sessions.is_empty() {
        println!("no sessions yet; make one with `antiphon new`");
    }
    for entry in sessions {
        let open = if entry.open { '*' } else { ' ' };
        println!(
            "{open} {}  {:<32} {:>6.2} BPM  {:>2} tracks",
            &entry.id[..8],
            entry.name,
            entry.bpm,
            entry.tracks
        );
    }
    Ok(())
}

pub async fn open(reach: &Reach, named: &str) -> Result<(), Failure> {
    let entry = reach.find_session(named).await?;
    let session: SessionView = reach.call("open_session", SessionRef { session: entry.id }).await?;
    println!("{}", session.song.name);
    Ok(())
}

pub async fn show(reach: &Reach, named: Option<String>, json: bool) -> Result<(), Failure> {
    let session = reach.session(named).await?;
    if json {
        return print_json(&session);
    }
    print!("{}", show::text(&session));
    Ok(())
}

pub async fn import(
    reach: &Reach,
    named: Option<String>,
    file: &Path,
    track: Option<String>,
    json: bool,
) -> Result<(), Failure> {
    let session = reach.session(named).await?;
    let track = track.map(|track| find_track(&session, &track).map(|track| track.id.clone())).transpose()?;
    // The owner of the data folder may run in another folder.
    let full = path::absolute(file).map_err(|error| Failure::new(ErrorCode::BadFile, error.to_string()))?;
    let name = file.file_stem().map_or_else(|| "Sample".into(), |stem| stem.to_string_lossy().into_owned());
    let waiting = progress::spinner(format!("reading {}", file.display()));
    let args = ImportSample { name, path: Some(full.to_string_lossy().into_owned()), base64: None, track };
    let imported: Result<Imported, Failure> = reach.call("import_sample", args).await;
    waiting.finish_and_clear();
    let imported = imported?;
    if json {
        return print_json(&imported);
    }
    println!("{:.2} s of sound in sample {}", imported.seconds, &imported.sample[..8]);
    Ok(())
}

pub async fn doctor(reach: &Reach, json: bool) -> Result<(), Failure> {
    let checks: Vec<Check> = reach.call("doctor", ()).await?;
    let bad = checks.iter().filter(|check| check.state == CheckState::Bad).count();
    if json {
        print_json(&checks)?;
    } else {
        for check in &checks {
            let mark = match check.state {
                CheckState::Good => "ok  ",
                CheckState::Warning => "note",
                CheckState::Bad => "BAD ",
            };
            println!("{mark} {:<12} {}", check.name, check.found);
            if let Some(step) = &check.next_step {
                println!("     {:<12} next: {step}", "");
            }
        }
    }
    if bad > 0 {
        return Err(Failure::unwell(bad, checks.len()));
    }
    Ok(())
}
