//! The other end of the local socket.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use antiphon_api::{ApiError, ErrorCode, Event};
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    net::UnixStream,
    sync::{broadcast, mpsc, oneshot},
};

use crate::{
    frame::{Reply, Request},
    socket::framed,
};

type Answer = oneshot::Sender<Result<Value, ApiError>>;

/// Events kept for a slow reader before the oldest are dropped.
const EVENTS_MAX: usize = 256;
/// Requests on their way; more wait.
const REQUESTS_MAX: usize = 64;

/// A connection to the process that owns the data folder.
#[derive(Debug, Clone)]
pub struct Client {
    requests: mpsc::Sender<(Request, Answer)>,
    events: broadcast::Sender<Arc<Event>>,
    next_id: Arc<AtomicU64>,
}

impl Client {
    /// Connects to the owner's socket.
    pub async fn connect(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket).await?;
        let (requests, inbox) = mpsc::channel(REQUESTS_MAX);
        let events = broadcast::channel(EVENTS_MAX).0;
        tokio::spawn(carry(stream, inbox, events.clone()));
        Ok(Self { requests, events, next_id: Arc::default() })
    }

    /// Calls a command.
    pub async fn call(&self, name: &str, args: Value) -> Result<Value, ApiError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let request = Request { id, name: name.to_owned(), args };
        self.requests.send((request, answer)).await.map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// What the owner tells from now on. The stream ends when the owner does.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }
}

fn gone() -> ApiError {
    ApiError::new(ErrorCode::Unreachable, "the Antiphon that owns the data folder has stopped")
        .next("start it again, or run the command once more")
}

async fn carry(
    stream: UnixStream,
    mut inbox: mpsc::Receiver<(Request, Answer)>,
    events: broadcast::Sender<Arc<Event>>,
) {
    let (mut sink, mut lines) = framed(stream).split();
    let mut waiting: BTreeMap<u64, Answer> = BTreeMap::new();
    loop {
        tokio::select! {
            request = inbox.recv() => {
                let Some((request, answer)) = request else { return };
                let Ok(text) = serde_json::to_string(&request) else { continue };
                waiting.insert(request.id, answer);
                if sink.send(text).await.is_err() {
                    return;
                }
            }
            line = lines.next() => {
                let Some(Ok(line)) = line else { return };
                match serde_json::from_str(&line) {
                    Ok(Reply::Ok { id, ok }) => answer(&mut waiting, id, Ok(ok)),
                    Ok(Reply::Error { id, error }) => answer(&mut waiting, id, Err(error)),
                    // Nobody may be listening: that is no error.
                    Ok(Reply::Event { event }) => drop(events.send(Arc::new(*event))),
                    Err(error) => tracing::warn!(%error, "a reply of the owner could not be read"),
                }
            }
        }
    }
}

fn answer(waiting: &mut BTreeMap<u64, Answer>, id: u64, result: Result<Value, ApiError>) {
    if let Some(answer) = waiting.remove(&id) {
        // The caller may have given up.
        let _ = answer.send(result);
    }
}
