//! The first start: a demo session that plays at once, and beats to open.

use crate::{error::NodeError, handle::NodeHandle};

/// Makes the demo session and opens it.
pub(crate) async fn make_demo(handle: &NodeHandle) -> Result<(), NodeError> {
    let demo = antiphon_model::demo::first_light();
    handle.new_session(demo.name.clone(), demo.tempo, None, demo.edits).await.map(drop)
}
