//! The first start: a demo session that plays at once, and beats to open.

use antiphon_model::demo;

use crate::{error::NodeError, handle::NodeHandle, random};

/// The beats that ship with the program, made by `examples/demo_beats.rs`.
const BEATS: [&[u8]; 3] = [
    include_bytes!("../assets/beats/tin-roof.beat"),
    include_bytes!("../assets/beats/night-ferry.beat"),
    include_bytes!("../assets/beats/paper-lanterns.beat"),
];

/// Makes the demo session and opens it.
pub(crate) async fn make_demo(handle: &NodeHandle) -> Result<(), NodeError> {
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
    handle.new_session(demo.name, demo.tempo, None, demo.edits).await?;
    for beat in BEATS {
        handle.add_beat(beat.to_vec()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::BEATS;
    use crate::beats::{Rendered, render_again};

    #[test]
    fn the_beats_that_ship_are_small_intact_and_sound_as_they_say() {
        for bytes in BEATS {
            assert!(bytes.len() <= 64 * 1024);
            let beat = antiphon_beat::open(bytes).unwrap();
            assert_eq!(render_again(&beat), Rendered::Same, "{}", beat.manifest.title.as_str());
        }
    }
}
