//! The desktop window: routes commands to the door and events to the page; no domain logic.
//!
//! The page calls one command, `call`, with a name of the table in `antiphon-api` and its arguments, and
//! listens to one event, `antiphon`. Which process owns the data folder is the door's business.
#![forbid(unsafe_code)]

use std::{process::ExitCode, sync::Arc};

use antiphon_api::{ApiError, ErrorCode};
use antiphon_door::{DataFolder, Door, NodeConfig, start_logs};
use serde_json::Value;
use tauri::{AppHandle, Emitter, Manager, RunEvent, State, async_runtime};
use tokio::sync::broadcast::error::RecvError;

/// The way to the peer; taken out when the window closes.
struct Core(tokio::sync::RwLock<Option<Door>>);

#[tauri::command]
async fn call(core: State<'_, Core>, name: String, args: Value) -> Result<Value, ApiError> {
    let door = core.0.read().await;
    let door = door.as_ref().ok_or_else(|| ApiError::new(ErrorCode::Internal, "the program is closing"))?;
    door.call(&name, args).await
}

/// Opens the peer, then the window; ends when the window is closed and everything is on disk.
pub fn run() -> ExitCode {
    let door = match async_runtime::block_on(open()) {
        Ok(door) => door,
        Err(error) => {
            eprintln!("antiphon: {error}");
            eprintln!("  next: run `antiphon doctor` to see what is wrong");
            return ExitCode::FAILURE;
        }
    };
    let events = door.subscribe();
    let built = tauri::Builder::default()
        .manage(Core(Some(door).into()))
        .invoke_handler(tauri::generate_handler![call])
        .setup(|app| {
            async_runtime::spawn(pass_events(app.handle().clone(), events));
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| {
                if matches!(event, RunEvent::Exit) {
                    async_runtime::block_on(close(app));
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("antiphon: the window cannot be opened: {error}");
            eprintln!("  next: use `antiphon serve` and a browser instead");
            ExitCode::FAILURE
        }
    }
}

async fn open() -> Result<Door, Box<dyn std::error::Error>> {
    let folder = DataFolder::locate(std::env::var_os("ANTIPHON_DATA").map(Into::into))?;
    let config = NodeConfig::at(folder.path()).from_environment(|name| std::env::var(name).ok())?;
    let door = Door::open(&folder, config).await?;
    if door.is_here() {
        start_logs(folder.path());
    }
    Ok(door)
}

async fn close(app: &AppHandle) {
    if let Some(door) = app.state::<Core>().0.write().await.take() {
        // The node has logged what is not on disk; the window is gone, so nobody could be told.
        let _ = door.close().await;
    }
}

async fn pass_events(app: AppHandle, mut events: tokio::sync::broadcast::Receiver<Arc<antiphon_api::Event>>) {
    loop {
        match events.recv().await {
            Ok(event) => {
                if let Err(error) = app.emit("antiphon", &*event) {
                    tracing::warn!(%error, "an event did not reach the page");
                }
            }
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "the page reads too slowly"),
            Err(RecvError::Closed) => return,
        }
    }
}
