//! Beats: publish, list, remix.

use std::path::{self, Path, PathBuf};

use antiphon_api::{
    ErrorCode,
    commands::{BeatRef, ListBeats, Publish},
    views::{BeatView, SessionEntry},
};

use crate::{
    failure::Failure,
    progress,
    reach::{Reach, print_json},
};

pub async fn publish(
    reach: &Reach,
    named: Option<String>,
    title: Option<String>,
    licence: Option<String>,
    file: Option<PathBuf>,
    json: bool,
) -> Result<(), Failure> {
    reach.session(named).await?;
    let path = file.as_deref().map(full).transpose()?;
    let waiting = progress::spinner("rendering and signing".into());
    let beat: Result<BeatView, Failure> = reach.call("publish", Publish { title, licence, path }).await;
    waiting.finish_and_clear();
    let beat = beat?;
    if json {
        return print_json(&beat);
    }
    println!("{}  {}", &beat.id[..16], beat.title);
    let kept = beat.path.map(PathBuf::from);
    if let Some(path) = file.or(kept) {
        println!("{}", path.display());
    }
    Ok(())
}

pub async fn list(reach: &Reach, json: bool) -> Result<(), Failure> {
    let beats: Vec<BeatView> = reach.call("beats", ListBeats { session: None }).await?;
    if json {
        return print_json(&beats);
    }
    if beats.is_empty() {
        println!("no beats yet; publish one with `antiphon publish`");
    }
    beats.iter().for_each(|beat| println!("{}", line(beat)));
    Ok(())
}

/// A beat in one line.
pub fn line(beat: &BeatView) -> String {
    let authors: Vec<_> = beat.authors.iter().map(|author| author.name.as_str()).collect();
    format!(
        "{}  {:<32} {}  {:.2} BPM  {:.1} s",
        &beat.id[..16],
        beat.title,
        authors.join(", "),
        beat.bpm,
        beat.seconds
    )
}

pub async fn remix(reach: &Reach, beat: &str, json: bool) -> Result<(), Failure> {
    let args = if Path::new(beat).exists() {
        BeatRef { beat: None, path: Some(full(Path::new(beat))?), base64: None }
    } else {
        let beats: Vec<BeatView> = reach.call("beats", ListBeats { session: None }).await?;
        let known = |known: &&BeatView| {
            known.title.eq_ignore_ascii_case(beat) || (beat.len() >= 4 && known.id.starts_with(beat))
        };
        let found = beats.iter().find(known).ok_or_else(|| {
            Failure::new(ErrorCode::NotFound, format!("there is no beat or file {beat:?}"))
                .next("`antiphon beats` lists the beats on this device")
        })?;
        BeatRef { beat: Some(found.id.clone()), path: None, base64: None }
    };
    let entry: SessionEntry = reach.call("remix", args).await?;
    if json {
        return print_json(&entry);
    }
    println!("{} ({})", entry.name, &entry.id[..8]);
    Ok(())
}

/// The owner of the data folder may run in another folder: it is told the whole path.
fn full(path: &Path) -> Result<String, Failure> {
    let full = path::absolute(path).map_err(|error| Failure::new(ErrorCode::BadFile, error.to_string()))?;
    Ok(full.to_string_lossy().into_owned())
}
