//! A peer that faces can be served from: this process's own, or another's through the local socket.

use std::{future::Future, sync::Arc};

use antiphon_api::{Api, ApiError, Event, dispatch};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::client::Client;

/// A peer to be called and heard, wherever it runs.
pub trait Reachable: Send + Sync + 'static {
    /// Calls a command of the table with JSON arguments.
    fn call(&self, name: &str, args: Value) -> impl Future<Output = Result<Value, ApiError>> + Send;

    /// What changes from now on.
    fn subscribe(&self) -> broadcast::Receiver<Arc<Event>>;
}

impl<A: Api> Reachable for A {
    async fn call(&self, name: &str, args: Value) -> Result<Value, ApiError> {
        dispatch(self, name, args).await
    }

    fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        Api::subscribe(self)
    }
}

/// The peer of another process; a gateway to it is a gateway like any other.
pub struct Attached(pub Client);

impl Reachable for Attached {
    async fn call(&self, name: &str, args: Value) -> Result<Value, ApiError> {
        self.0.call(name, args).await
    }

    fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.subscribe()
    }
}
