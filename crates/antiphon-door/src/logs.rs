//! Structured logs: one line of JSON an event, kept small.

use std::{
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// A log larger than this is set aside when the program starts; one old log is kept.
const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Logs to `folder/antiphon.log`, filtered by `ANTIPHON_LOG` (default: `warn,antiphon=info`).
///
/// A log that cannot be written is no reason not to play: the program then runs without.
pub fn start_logs(folder: &Path) {
    let path = folder.join("antiphon.log");
    if fs::metadata(&path).is_ok_and(|file| file.len() > LOG_BYTES_MAX) {
        let _ = fs::rename(&path, folder.join("antiphon.log.1"));
    }
    let Ok(file) = File::options().create(true).append(true).open(&path) else { return };
    let filter =
        EnvFilter::try_from_env("ANTIPHON_LOG").unwrap_or_else(|_| EnvFilter::new("warn,antiphon=info"));
    let lines = fmt::layer().json().with_writer(Arc::new(file));
    // A second start in one process (tests) keeps the first.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
}
