//! The local web gateway: the same interface in a browser on this machine.
//!
//! Bound to loopback on a random port. Every request must name exactly this address as its `Host`, a
//! WebSocket also as its `Origin`, and its first message must carry the token that only the printed URL
//! holds (in the fragment, which browsers never send). Nothing is answered to other origins and no CORS
//! header is ever set, so a page elsewhere on the web can neither read nor steer the peer.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{
        Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{SinkExt, StreamExt, future::ready};
use serde::Deserialize;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{connection, frame::MESSAGE_BYTES_MAX, interface, reachable::Reachable};

/// Only our own scripts, styles and pictures; no inline code, no frames, no other host.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/// A running gateway; stops when dropped.
#[derive(Debug)]
pub struct Gateway {
    url: String,
    serving: JoinHandle<()>,
}

struct Shared<A> {
    api: Arc<A>,
    token: String,
    authority: String,
}

impl Gateway {
    /// Starts on `port` of the loopback address (0 takes a free one). `token` is 16 random bytes.
    pub async fn start<A: Reachable>(api: Arc<A>, port: u16, token: [u8; 16]) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        let authority = listener.local_addr()?.to_string();
        let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        let url = format!("http://{authority}/#token={token}");
        let shared = Arc::new(Shared { api, token, authority });
        let routes = Router::new()
            .route("/api", get(upgrade::<A>))
            .fallback(get(page))
            .layer(middleware::from_fn_with_state(shared.clone(), only_this_host::<A>))
            .with_state(shared);
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the gateway stopped");
            }
        });
        Ok(Self { url, serving })
    }

    /// The address to open, token included: whoever has it steers this peer.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn only_this_host<A: Reachable>(
    State(shared): State<Arc<Shared<A>>>,
    request: Request,
    next: Next,
) -> Response {
    let host_is_ours = request
        .headers()
        .get(header::HOST)
        .is_some_and(|host| host.as_bytes() == shared.authority.as_bytes());
    if !host_is_ours {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let set = |headers: &mut HeaderMap, name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(headers, header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    set(headers, header::CACHE_CONTROL, "no-store");
    response
}

async fn page(uri: Uri) -> Response {
    match interface::file(uri.path()) {
        Some((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn upgrade<A: Reachable>(
    State(shared): State<Arc<Shared<A>>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let ours = format!("http://{}", shared.authority);
    if headers.get(header::ORIGIN).is_none_or(|origin| origin.as_bytes() != ours.as_bytes()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| greet(shared, socket))
}

#[derive(Deserialize)]
struct Greeting {
    token: String,
}

/// Nothing is answered before the token has been seen.
async fn greet<A: Reachable>(shared: Arc<Shared<A>>, mut socket: WebSocket) {
    let greeting = match socket.recv().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str::<Greeting>(&text).ok(),
        _ => None,
    };
    if !greeting.is_some_and(|greeting| same(&greeting.token, &shared.token)) {
        return;
    }
    let (sink, stream) = socket.split();
    let requests = stream.take_while(|message| ready(message.is_ok())).filter_map(|message| {
        ready(match message {
            Ok(Message::Text(text)) => Some(text.to_string()),
            _ => None,
        })
    });
    let replies = sink.with(|text: String| ready(Ok::<_, axum::Error>(Message::Text(text.into()))));
    connection::serve(shared.api.clone(), requests, Box::pin(replies)).await;
}

/// Compares without telling by its duration how much was right.
fn same(given: &str, token: &str) -> bool {
    given.len() == token.len() && given.bytes().zip(token.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}
