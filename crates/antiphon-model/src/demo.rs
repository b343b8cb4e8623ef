//! Songs that ship with the program: one session to begin with, three beats to open.
//!
//! Each is a page in its own file. A row is a track: its sound, gain, pan and its steps in the
//! [notation](crate::notation) that people use as well.

mod first_light;
mod night_ferry;
mod paper_lanterns;
mod row;
mod tin_roof;

use antiphon_timeline::Tempo;

pub use crate::ids::FreshId;
use crate::{
    edit::Edit,
    values::{Name, Swing},
};

/// A song as the edits that make it in an empty session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// What it is called.
    pub name: Name,
    /// Its tempo.
    pub tempo: Tempo,
    /// In order; the first sets the swing.
    pub edits: Vec<Edit>,
}

/// The session of the first start: eight tracks, 112 BPM.
pub fn first_light(fresh: &mut FreshId) -> Demo {
    demo("First Light", 112.0, 18, first_light::ROWS, fresh)
}

/// The beats that ship with the program.
pub fn beats(fresh: &mut FreshId) -> [Demo; 3] {
    [
        demo("Tin Roof", 92.0, 34, tin_roof::ROWS, fresh),
        demo("Night Ferry", 124.0, 8, night_ferry::ROWS, fresh),
        demo("Paper Lanterns", 84.0, 22, paper_lanterns::ROWS, fresh),
    ]
}

fn demo(name: &str, bpm: f64, swing: i64, rows: &[row::Row], fresh: &mut FreshId) -> Demo {
    let mut edits = vec![Edit::SetSwing { swing: Swing::clamped(swing) }];
    let mut order = None;
    for (index, row) in rows.iter().enumerate() {
        let (next, track) = row::edits(row, index, order.as_ref(), fresh);
        order = Some(next);
        edits.extend(track);
    }
    Demo { name: Name::repaired(name, "Demo"), tempo: Tempo::from_bpm(bpm).unwrap_or_default(), edits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sound;

    #[test]
    fn every_row_is_read_without_a_slip() {
        let mut next = 0u8;
        let mut fresh = || {
            next += 1;
            [next; 16]
        };
        let all = [vec![first_light(&mut fresh)], beats(&mut fresh).to_vec()].concat();
        for demo in all {
            let tracks = demo.edits.iter().filter(|edit| matches!(edit, Edit::AddTrack { .. })).count();
            let sounding = demo.edits.iter().filter(|edit| matches!(edit, Edit::SetSteps { .. })).count();
            assert!(tracks >= 5, "{}", demo.name.as_str());
            assert_eq!(tracks, sounding, "a row of {} is empty", demo.name.as_str());
            for edit in &demo.edits {
                if let Edit::AddTrack { sound, .. } = edit {
                    assert!(!matches!(sound, Sound::Unknown(_)), "{sound}");
                }
            }
        }
    }
}
