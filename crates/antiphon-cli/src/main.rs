//! The `antiphon` command line: a headless peer, tools, and the local gateway.
//!
//! A command attaches to the process that owns the data folder, or is that process for as long as it runs.
#![forbid(unsafe_code)]

mod args;
mod beats;
mod edit;
mod failure;
mod handshake;
mod metronome;
mod peers;
mod play;
mod progress;
mod reach;
mod serve;
mod sessions;
mod show;
mod text;
mod verify;

use std::{panic, process::ExitCode, time::Instant};

use clap::Parser;

use crate::{
    args::{Args, Change, LaunchGrid, PatternAct, SceneAct, Task},
    failure::Failure,
    reach::{Need, Reach},
};

fn main() -> ExitCode {
    let started = start_moment();
    panic::set_hook(Box::new(|info| {
        eprintln!("antiphon: internal error: {info}");
        eprintln!("  next: please report this line; what was saved is safe");
    }));
    let args = Args::parse();
    let outcome = panic::catch_unwind(|| run(args, started));
    match outcome {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => failure.report(),
        Err(_) => ExitCode::from(failure::INTERNAL),
    }
}

#[expect(clippy::disallowed_methods, reason = "the start of the process, for --timings")]
fn start_moment() -> Instant {
    Instant::now()
}

fn run(args: Args, started: Instant) -> Result<(), Failure> {
    // Verifying needs nothing but the file.
    if let Task::Verify { file, render } = &args.task {
        return verify::verify(file, *render, args.json);
    }
    if let Task::Handshake(act) = &args.task
        && !handshake::needs_peer(act)
    {
        return handshake::from_files(act, args.json);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::from_io)?;
    let outcome = runtime.block_on(perform(args, started));
    // A blocked reader of the terminal must not keep a finished command alive.
    runtime.shutdown_background();
    outcome
}

async fn perform(args: Args, started: Instant) -> Result<(), Failure> {
    let need = match &args.task {
        Task::Serve { .. } | Task::Play { .. } | Task::Handshake(_) => Need::Everything,
        Task::Peers { .. } | Task::Join { .. } | Task::Invite | Task::Allow { .. } | Task::Doctor => {
            Need::Network
        }
        _ => Need::Store,
    };
    let reach = Reach::open(&args, need).await?;
    let outcome = task(&reach, args, started).await;
    // A command that seemed to work has not where its changes are not on disk.
    let closed = reach.close().await;
    outcome.and(closed)
}

async fn task(reach: &Reach, args: Args, started: Instant) -> Result<(), Failure> {
    let json = args.json;
    match args.task {
        Task::New { name } => sessions::new(reach, name, json).await,
        Task::Ls => sessions::list(reach, json).await,
        Task::Open { session } => sessions::open(reach, &session).await,
        Task::Show { session } => sessions::show(reach, session, json).await,
        Task::Edit { session, change } => edit::edit(reach, session, change, json).await,
        Task::Import { session, file, track } => sessions::import(reach, session, &file, track, json).await,
        Task::Play { session, seconds, count_in } => {
            play::play(reach, session, seconds, count_in, args.common.timings.then_some(started)).await
        }
        Task::Pulse(pulse) => edit::edit(reach, None, Change::Pulse(pulse), json).await,
        Task::Launch { session, what, pattern, quantum } => {
            edit::edit(reach, session, launch(what, pattern, quantum), json).await
        }
        Task::Metronome { switch, level, count_in } => {
            metronome::metronome(reach, switch, level, count_in, json).await
        }
        Task::Tap => metronome::tap(reach, json).await,
        Task::Stop => reach.call::<()>("stop", ()).await,
        Task::NotesOff => reach.call::<()>("all_notes_off", ()).await,
        Task::Text { session, track, pattern, set } => {
            text::text(reach, session, &track, pattern, set.as_deref(), json).await
        }
        Task::Paste { session, file } => text::paste(reach, session, &file, json).await,
        Task::Events { session, bars } => text::events(reach, session, bars, json).await,
        Task::Render { session, file, bars, events } => {
            play::render(reach, session, &file, bars, events.as_deref()).await
        }
        Task::Serve { port, attach } => serve::serve(reach, port, attach, args.common.timings).await,
        Task::Doctor => sessions::doctor(reach, json).await,
        Task::Peers { watch } => peers::peers(reach, watch, json).await,
        Task::Join { whom } => peers::join(reach, &whom).await,
        Task::Invite => peers::invite(reach, json).await,
        Task::Allow { peer, listener } => peers::allow(reach, &peer, listener).await,
        Task::Name { name } => reach.call::<()>("set_name", antiphon_api::commands::SetName { name }).await,
        Task::Publish { session, title, licence, file } => {
            beats::publish(reach, session, title, licence, file, json).await
        }
        Task::Beats => beats::list(reach, json).await,
        Task::Remix { beat } => beats::remix(reach, &beat, json).await,
        Task::Handshake(act) => handshake::with_peer(reach, &act, json).await,
        Task::Verify { .. } => unreachable!("performed without a peer"),
    }
}

/// A track's pattern, or the scene where no pattern is named.
fn launch(what: String, pattern: Option<String>, quantum: Option<LaunchGrid>) -> Change {
    match pattern {
        Some(pattern) => Change::Pattern(PatternAct::Launch { track: what, pattern, quantum }),
        None => Change::Scene(SceneAct::Launch { scene: what, quantum }),
    }
}
