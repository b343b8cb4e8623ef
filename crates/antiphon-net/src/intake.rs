//! Streams that peers open: read until each has said which link it belongs to.

use std::sync::Arc;

use antiphon_identity::PeerId;
use futures::StreamExt;
use libp2p::Swarm;
use libp2p_stream::IncomingStreams;
use tokio::sync::{Semaphore, mpsc};

use crate::{
    behaviour::Behaviour,
    gathering::Arrived,
    lanes::{Lane, SetupError, read_open},
    limits::STREAMS_UNNAMED_MAX,
    peer_key,
};

/// What the streams of peers brought.
pub(crate) enum Inward {
    Arrived(Arrived),
    /// A stream began with bytes that are no set-up of ours.
    Bad(PeerId, SetupError),
}

/// Takes in the streams that peers with lower ids open, and reads which link each belongs to.
pub(crate) fn accept_streams(me: PeerId, swarm: &Swarm<Behaviour>) -> mpsc::Receiver<Inward> {
    let (sender, receiver) = mpsc::channel(STREAMS_UNNAMED_MAX);
    let unnamed = Arc::new(Semaphore::new(STREAMS_UNNAMED_MAX));
    let mut control = swarm.behaviour().streams.new_control();
    for lane in Lane::ALL {
        match control.accept(lane.protocol()) {
            Ok(streams) => {
                tokio::spawn(accept_lane(me, lane, streams, sender.clone(), Arc::clone(&unnamed)));
            }
            Err(error) => tracing::error!(%error, ?lane, "a protocol is registered twice"),
        }
    }
    receiver
}

async fn accept_lane(
    me: PeerId,
    lane: Lane,
    mut streams: IncomingStreams,
    inward: mpsc::Sender<Inward>,
    unnamed: Arc<Semaphore>,
) {
    while let Some((peer_id, stream)) = streams.next().await {
        // Only the lower id opens streams; and a flood of unnamed ones ends here.
        let Some(peer) = peer_key::from_libp2p(&peer_id).filter(|peer| *peer < me) else { continue };
        let Ok(permit) = Arc::clone(&unnamed).try_acquire_owned() else { continue };
        let inward = inward.clone();
        tokio::spawn(async move {
            let news = match read_open(stream).await {
                Ok((number, lines)) => Inward::Arrived(Arrived { peer, lane, number, lines }),
                Err(error) => Inward::Bad(peer, error),
            };
            let _ = inward.send(news).await;
            drop(permit);
        });
    }
}
