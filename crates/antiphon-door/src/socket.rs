//! The local socket: how the command line and a second window reach the owner of the data folder.
//!
//! A Unix socket that only its owner may open; one JSON message a line.

use std::{fs, io, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use futures::{SinkExt, StreamExt};
use tokio::{
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};
use tokio_util::codec::{Framed, LinesCodec};

use crate::{connection, frame::MESSAGE_BYTES_MAX, reachable::Reachable};

/// A listening local socket; removed when dropped.
#[derive(Debug)]
pub struct LocalSocket {
    path: PathBuf,
    accepting: JoinHandle<()>,
}

impl LocalSocket {
    /// Listens at `path`. Call only as the owner of the data folder: a socket left there by an owner that
    /// was killed is replaced.
    pub fn listen<A: Reachable>(path: PathBuf, api: Arc<A>) -> io::Result<Self> {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(api.clone(), stream));
            }
        });
        Ok(Self { path, accepting })
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        self.accepting.abort();
        let _ = fs::remove_file(&self.path);
    }
}

async fn serve<A: Reachable>(api: Arc<A>, stream: UnixStream) {
    let (replies, requests) = framed(stream).split();
    let requests = requests
        .take_while(|line| futures::future::ready(line.is_ok()))
        .filter_map(|line| async { line.ok() });
    connection::serve(api, Box::pin(requests), replies.sink_map_err(|_| ())).await;
}

pub(crate) fn framed(stream: UnixStream) -> Framed<UnixStream, LinesCodec> {
    Framed::new(stream, LinesCodec::new_with_max_length(MESSAGE_BYTES_MAX))
}
