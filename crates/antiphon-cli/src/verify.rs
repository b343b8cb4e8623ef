//! `antiphon verify`: who, what, intact or not, from the file alone.

use std::{io::ErrorKind, path::Path};

use antiphon_api::{
    ErrorCode,
    views::{RenderVerdict, Verdict},
};
use antiphon_node::{FILE_BYTES_MAX, read_whole};

use crate::{beats, failure::Failure, progress, reach::print_json};

pub fn verify(file: &Path, render: bool, json: bool) -> Result<(), Failure> {
    let bytes = read_whole(file, FILE_BYTES_MAX).map_err(|error| {
        let code = if error.kind() == ErrorKind::NotFound { ErrorCode::NotFound } else { ErrorCode::BadFile };
        Failure::new(code, format!("{} cannot be read: {error}", file.display()))
            .next("check the name and its permissions")
    })?;
    let waiting = render.then(|| progress::spinner("rendering again".into()));
    let verdict = antiphon_api::verify_bytes(&bytes, render);
    if let Some(waiting) = waiting {
        waiting.finish_and_clear();
    }
    if json {
        print_json(&verdict)?;
    } else {
        print(&verdict);
    }
    if !verdict.intact || verdict.render == RenderVerdict::Different {
        return Err(Failure::new(ErrorCode::BadFile, verdict.summary)
            .next("get the file again from someone you trust"));
    }
    Ok(())
}

fn print(verdict: &Verdict) {
    if let Some(beat) = &verdict.beat {
        println!("{}", verdict.summary);
        println!("{}", beats::line(beat));
        for author in &beat.authors {
            println!("  signed by {} ({})", author.name, author.peer);
        }
        for parent in &beat.parents {
            println!("  made from {}", parent.id);
        }
        println!("  licence {}", beat.licence);
    }
    match verdict.render {
        RenderVerdict::NotAsked => {}
        RenderVerdict::Same => println!("  rendered again: the same bits"),
        RenderVerdict::Different => println!("  rendered again: DIFFERENT"),
        RenderVerdict::OtherEngine { version, ours } => {
            println!(
                "  made by sound engine {version}, this one is {ours}: it cannot be compared bit for bit"
            );
        }
    }
}
