//! What a person sees while something long runs; nothing where nobody looks (a pipe, a script).

use std::time::Duration;

use antiphon_api::{ErrorCode, Event, views::Job};
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::failure::Failure;

/// A spinner for work of unknown length.
pub fn spinner(text: String) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(text);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Shows a job's bar until it ends.
pub async fn follow(mut events: Receiver<Arc<Event>>, job: Job) -> Result<(), Failure> {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {percent} %")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(1_000).with_style(style).with_message(job.label.clone());
    let mut seen = job.clone();
    while !seen.done {
        match events.recv().await {
            Ok(event) => match &*event {
                Event::Job { job: news } if news.id == job.id => seen = news.clone(),
                _ => continue,
            },
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => {
                return Err(Failure::new(ErrorCode::Unreachable, "the peer stopped before it was done"));
            }
        }
        bar.set_position((seen.progress * 1_000.0) as u64);
    }
    bar.finish_and_clear();
    match seen.error {
        Some(error) => Err(Failure::new(ErrorCode::Storage, error)
            .next("choose a folder that can be written, with room on its disk")),
        None => Ok(()),
    }
}
