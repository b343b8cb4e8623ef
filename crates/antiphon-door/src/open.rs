//! Opening the door: own the data folder, or attach to its owner.

use std::{io, sync::Arc};

use antiphon_api::{ApiError, Event, PeerApi, dispatch};
use antiphon_node::{NodeConfig, StartNodeError};
use serde_json::Value;
use tokio::sync::{Mutex, broadcast};

use antiphon_api::Api;

use crate::{
    client::Client,
    folder::{DataFolder, FolderError, FolderLock},
    gateway::Gateway,
    reachable::Attached,
    socket::LocalSocket,
};

/// A way to the peer of one data folder.
pub enum Door {
    /// This process runs the peer.
    Here(Here),
    /// Another process does.
    There(Client),
}

/// The peer, and the doors that this process holds open to it.
pub struct Here {
    api: Arc<PeerApi>,
    // Guards nothing but its own start: two faces must not start two gateways.
    gateway: Mutex<Option<Gateway>>,
    _socket: LocalSocket,
    _lock: FolderLock,
}

/// Why there is no way to the peer.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("the data folder is in use, but its owner does not answer: {0}")]
    OwnerSilent(io::Error),
    #[error("the local socket cannot be opened: {0}")]
    Socket(io::Error),
    #[error(transparent)]
    Node(#[from] StartNodeError),
}

impl Door {
    /// Runs the peer of `folder` here, or attaches to the process that does.
    pub async fn open(folder: &DataFolder, config: NodeConfig) -> Result<Self, OpenError> {
        match FolderLock::acquire(folder) {
            Ok(lock) => {
                let api = Arc::new(PeerApi::start(config).await?);
                let socket = LocalSocket::listen(folder.socket(), api.clone()).map_err(OpenError::Socket)?;
                Ok(Self::Here(Here { api, gateway: Mutex::default(), _socket: socket, _lock: lock }))
            }
            Err(FolderError::InUse { .. }) => {
                Client::connect(&folder.socket()).await.map(Self::There).map_err(OpenError::OwnerSilent)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Calls a command of the table with JSON arguments.
    pub async fn call(&self, name: &str, args: Value) -> Result<Value, ApiError> {
        match self {
            Self::Here(here) => dispatch(&*here.api, name, args).await,
            Self::There(client) => client.call(name, args).await,
        }
    }

    /// What changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        match self {
            Self::Here(here) => here.api.subscribe(),
            Self::There(client) => client.subscribe(),
        }
    }

    /// Does this process run the peer?
    pub fn is_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }

    /// Stops the peer, when it is here, with everything on disk; an error says that the last edits are not.
    pub async fn close(self) -> Result<(), ApiError> {
        match self {
            Self::Here(here) => here.api.shutdown().await,
            Self::There(_) => Ok(()),
        }
    }
}

impl Here {
    /// How long each part of the start took, a line each.
    pub fn timings(&self) -> Vec<String> {
        let line = |(part, took): &(&str, std::time::Duration)| {
            format!("{part:<8} {:>7.1} ms", took.as_secs_f64() * 1e3)
        };
        self.api.node().timings().iter().map(line).collect()
    }

    /// Opens the gateway, unless it is open already, and tells its URL.
    pub async fn open_gateway(&self, port: u16) -> io::Result<String> {
        let mut gateway = self.gateway.lock().await;
        if let Some(open) = &*gateway {
            return Ok(open.url().to_owned());
        }
        let opened = Gateway::start(self.api.clone(), port, fresh_token()?).await?;
        let url = opened.url().to_owned();
        *gateway = Some(opened);
        Ok(url)
    }
}

impl Client {
    /// Opens a gateway of this process to the peer of another.
    pub async fn open_gateway(&self, port: u16) -> io::Result<Gateway> {
        Gateway::start(Arc::new(Attached(self.clone())), port, fresh_token()?).await
    }
}

fn fresh_token() -> io::Result<[u8; 16]> {
    let mut token = [0; 16];
    getrandom::fill(&mut token).map_err(io::Error::other)?;
    Ok(token)
}
