//! An output that was lost, or was not there: taken up again as soon as the system has one.

use std::collections::BTreeSet;

use antiphon_audio_io::outputs;
use tokio::task::spawn_blocking;

use crate::{ask::Ask, node::Node};

/// Ticks between two looks at the system's outputs: three seconds.
const LOOK_TICKS: u32 = 180;

/// When to look, and what was there when it last did not work.
#[derive(Debug, Default)]
pub(crate) struct Recovery {
    ticks: u32,
    looking: bool,
    /// Ids of the outputs that were there at the last try: the same ones are not tried again and again, as
    /// each try may hold the sound up for seconds.
    tried: Option<BTreeSet<String>>,
}

/// Looks for outputs now and then while none plays.
pub(crate) fn tick(node: &mut Node) {
    node.recovery.ticks += 1;
    if node.recovery.ticks < LOOK_TICKS || node.recovery.looking {
        return;
    }
    node.recovery.ticks = 0;
    node.recovery.looking = true;
    let asks = node.asks.clone();
    // Asking a sound server may take a moment: beside the loop.
    spawn_blocking(move || {
        let seen = outputs().into_iter().map(|output| output.id).collect();
        let _ = asks.blocking_send(Ask::OutputsSeen(seen));
    });
}

/// The outputs that the system has now.
pub(crate) fn seen(node: &mut Node, outputs: BTreeSet<String>) {
    node.recovery.looking = false;
    let is_new = node.recovery.tried.as_ref() != Some(&outputs);
    if node.is_silent() && is_new && !outputs.is_empty() {
        node.sound.change_output(node.output.clone());
    }
    node.recovery.tried = Some(outputs);
}
