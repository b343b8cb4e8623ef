//! The first start: a demo session that plays at once, and beats to open.

use antiphon_model::demo;

use crate::{error::NodeError, handle::NodeHandle, random};

/// Makes the demo session and opens it.
pub(crate) async fn make_demo(handle: &NodeHandle) -> Result<(), NodeError> {
    let first_light = {
        let mut failed = None;
        let mut fresh = || {
            random::bytes().unwrap_or_else(|error| {
                failed = Some(error);
                [0; 16]
            })
        };
        let demo = demo::first_light(&mut fresh);
        if let Some(error) = failed {
            return Err(error.into());
        }
        demo
    };
    handle.new_session(first_light.name, first_light.tempo, None, first_light.edits).await.map(drop)
}
