//! Euclidean rhythms: hits spread over the steps as evenly as they go.
//!
//! Bjorklund's way: begin with one group for each hit and the rests over; append what is over to the groups,
//! one each; groups that got none are what is over next. Where at most one is over, the groups in a row are
//! the rhythm. It begins with a hit, and three in eight come out as `x--x--x-`.

use super::cells;
use crate::song::Pattern;

/// Makes the steps of the rhythm sound, and no others. A step that becomes a hit keeps its values, but is no tie
/// any more: it would not strike.
pub(super) fn spread(pattern: &mut Pattern, hits: u16, rotation: i16) {
    let mut cells = cells::of(pattern);
    let mut rhythm = rhythm(cells.len(), hits.into());
    let right = i64::from(rotation).rem_euclid(rhythm.len() as i64);
    rhythm.rotate_right(right as usize);
    for (cell, hit) in cells.iter_mut().zip(rhythm) {
        if hit {
            let step = cell.step.get_or_insert_default();
            (step.on, step.tie) = (true, false);
        } else if let Some(step) = &mut cell.step {
            step.on = false;
        }
    }
    cells::put(pattern, cells);
}

fn rhythm(steps: usize, hits: usize) -> Vec<bool> {
    let hits = hits.min(steps);
    if hits == 0 {
        return vec![false; steps];
    }
    let mut groups = vec![vec![true]; hits];
    let mut over = vec![vec![false]; steps - hits];
    while over.len() > 1 {
        let pairs = groups.len().min(over.len());
        let lone_groups = groups.split_off(pairs);
        let lone_rests = over.split_off(pairs);
        for (group, rest) in groups.iter_mut().zip(over) {
            group.extend(rest);
        }
        over = if lone_groups.is_empty() { lone_rests } else { lone_groups };
    }
    groups.into_iter().chain(over).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::rhythm;

    fn text(steps: usize, hits: usize) -> String {
        rhythm(steps, hits).into_iter().map(|hit| if hit { 'x' } else { '-' }).collect()
    }

    #[test]
    fn known_rhythms_come_out_as_they_are_known() {
        for (steps, hits, known) in [
            (8, 3, "x--x--x-"),
            (8, 5, "x-xx-xx-"),
            (5, 2, "x-x--"),
            (12, 5, "x--x-x--x-x-"),
            (16, 4, "x---x---x---x---"),
            (16, 5, "x--x--x--x--x---"),
            (16, 7, "x--x-x-x--x-x-x-"),
            (16, 9, "x-xx-x-x-xx-x-x-"),
            (4, 0, "----"),
            (4, 4, "xxxx"),
            (1, 1, "x"),
            (3, 1, "x--"),
        ] {
            assert_eq!(text(steps, hits), known, "{hits} in {steps}");
        }
    }

    #[test]
    fn hits_are_counted_and_as_even_as_they_go() {
        for steps in (1..=64).chain([97, 128, 255, 256]) {
            for hits in 0..=steps {
                let rhythm = rhythm(steps, hits);
                assert_eq!((rhythm.len(), rhythm.iter().filter(|hit| **hit).count()), (steps, hits));
                if hits > 0 {
                    check_even(&rhythm, hits);
                }
            }
        }
    }

    /// Maximally even: from any hit to the n-th after it there are only two distances, next to one another.
    fn check_even(rhythm: &[bool], hits: usize) {
        let places: Vec<usize> = (0..rhythm.len()).filter(|at| rhythm[*at]).collect();
        for ahead in (1..hits).take(12) {
            let distance = |at: usize| {
                let turns = (at + ahead) / hits;
                places[(at + ahead) % hits] + turns * rhythm.len() - places[at]
            };
            let least = (0..hits).map(distance).min().unwrap();
            let most = (0..hits).map(distance).max().unwrap();
            assert!(most - least <= 1, "{hits} in {}", rhythm.len());
        }
    }
}
