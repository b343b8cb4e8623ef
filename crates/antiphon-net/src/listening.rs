//! What the handle and the swarm share: the addresses we listen on, and the wish to stop.

use std::sync::{Arc, Mutex, PoisonError};

use libp2p::Multiaddr;
use tokio::sync::Notify;

/// The lock guards only the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listening {
    addresses: Arc<Mutex<Vec<Multiaddr>>>,
    stop: Arc<Notify>,
}

impl Listening {
    /// Notes an address; returns whether it is new.
    pub(crate) fn add(&self, address: Multiaddr) -> bool {
        let mut addresses = self.lock();
        let new = !addresses.contains(&address);
        if new {
            addresses.push(address);
        }
        new
    }

    pub(crate) fn remove(&self, address: &Multiaddr) {
        self.lock().retain(|known| known != address);
    }

    pub(crate) fn addresses(&self) -> Vec<String> {
        self.lock().iter().map(ToString::to_string).collect()
    }

    /// Asks the swarm to stop. Works before the swarm waits for it, too.
    pub(crate) fn stop(&self) {
        self.stop.notify_one();
    }

    pub(crate) async fn stopped(&self) {
        self.stop.notified().await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Multiaddr>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
