//! One connection of a face, whatever carries it: requests in, replies and events out.

use std::sync::Arc;

use antiphon_api::Event;
use futures::{Sink, SinkExt, Stream, StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{
    frame::{Reply, read_request},
    reachable::Reachable,
};

/// Requests of one face that run at once; further ones wait in the carrier.
const REQUESTS_AT_ONCE_MAX: usize = 32;

/// Serves a face until its carrier ends.
///
/// A face that reads too slowly misses events; it is then sent the open session whole.
pub async fn serve<A, In, Out>(api: Arc<A>, mut requests: In, mut replies: Out)
where
    A: Reachable,
    In: Stream<Item = String> + Unpin,
    Out: Sink<String> + Unpin,
{
    let mut events: Receiver<Arc<Event>> = api.subscribe();
    let mut running = FuturesUnordered::new();
    loop {
        let text = tokio::select! {
            request = requests.next(), if running.len() < REQUESTS_AT_ONCE_MAX => match request {
                None => return,
                Some(text) => match read_request(&text) {
                    Ok(request) => {
                        let api = api.clone();
                        running.push(async move {
                            Reply::to(request.id, api.call(&request.name, request.args).await)
                        });
                        continue;
                    }
                    Err(error) => Reply::Error { id: 0, error }.text(),
                },
            },
            Some(reply) = running.next() => reply.text(),
            event = events.recv() => match event {
                Ok(event) => Reply::Event { event: Box::new((*event).clone()) }.text(),
                Err(RecvError::Lagged(_)) => match catch_up(&*api).await {
                    Some(text) => text,
                    None => continue,
                },
                Err(RecvError::Closed) => return,
            },
        };
        if replies.send(text).await.is_err() {
            return;
        }
    }
}

/// The open session whole, for a face that missed events.
async fn catch_up<A: Reachable>(api: &A) -> Option<String> {
    let session = serde_json::from_value(api.call("session", Value::Null).await.ok()?).ok()?;
    Some(Reply::Event { event: Box::new(Event::Session { session }) }.text())
}
