use antiphon_timeline::SessionTime;
use proptest::prelude::*;

use super::*;

const BLOCK: u32 = 256;

fn target(start_ns: i64, nanos: i64) -> Target {
    Target { start: Position::at(SessionTime(start_ns)), end: Position::at(SessionTime(start_ns + nanos)) }
}

const BLOCK_NS: i64 = 5_333_333;

#[test]
fn it_starts_at_its_target_without_having_jumped() {
    let moving = Cursor::new().advance(target(1_000_000, BLOCK_NS), BLOCK, Cue::Steady);
    assert_eq!((moving.from, moving.jumped_from), (Position::at(SessionTime(1_000_000)), None));
}

#[test]
fn a_small_step_is_slewed_away_in_seconds_at_no_more_than_1000_ppm() {
    let mut cursor = Cursor::new();
    let _ = cursor.advance(target(0, BLOCK_NS), BLOCK, Cue::Steady);
    let mut left_ns = Vec::new();
    for block in 1..2_000 {
        // The target steps 2 ms ahead after the first block.
        let wanted = target(block * BLOCK_NS + 2_000_000, BLOCK_NS);
        let moving = cursor.advance(wanted, BLOCK, Cue::Steady);
        let nominal = (wanted.end.0 - wanted.start.0) as f64 / f64::from(BLOCK);
        let ppm = (moving.per_frame as f64 / nominal - 1.0) * 1e6;
        assert!(ppm.abs() <= 1_000.5, "{ppm} ppm");
        assert_eq!(moving.jumped_from, None);
        left_ns.push((wanted.start.0 - moving.from.0) as f64 / Position::span(1_000) as f64 * 1_000.0);
    }
    assert!(left_ns[0] > 1_999_000.0 && left_ns.last().is_some_and(|left| left.abs() < 2_000.0));
    assert!(left_ns.is_sorted_by(|a, b| a >= b), "it overshoots");
}

#[test]
fn beyond_30_ms_it_jumps_and_says_where_from() {
    let mut cursor = Cursor::new();
    let _ = cursor.advance(target(0, BLOCK_NS), BLOCK, Cue::Steady);
    let end = cursor.position();
    let far = target(BLOCK_NS + 31_000_000, BLOCK_NS);
    let moving = cursor.advance(far, BLOCK, Cue::Steady);
    assert_eq!((moving.from, moving.jumped_from), (far.start, end));
}

#[test]
fn how_far_it_slews_depends_on_why_the_target_stepped() {
    let jumps = |step_ns: i64, cue| {
        let mut cursor = Cursor::new();
        let _ = cursor.advance(target(0, BLOCK_NS), BLOCK, Cue::Steady);
        cursor.advance(target(BLOCK_NS - step_ns, BLOCK_NS), BLOCK, cue).jumped_from.is_some()
    };
    assert!(!jumps(29_000_000, Cue::Steady) && jumps(31_000_000, Cue::Steady));
    assert!(!jumps(4_000_000, Cue::Resynced) && jumps(6_000_000, Cue::Resynced));
    assert!(!jumps(900_000, Cue::Requested) && jumps(1_100_000, Cue::Requested));
    assert!(!jumps(3_000_000_000_000, Cue::Fading));
}

proptest! {
    #[test]
    fn blocks_tile_the_stream_whatever_the_target_does(
        steps in prop::collection::vec((-40_000_000_i64..40_000_000, 1_u32..600, 0_i64..12_000_000), 1..80),
    ) {
        let mut cursor = Cursor::new();
        let mut now = 3_600_000_000_000;
        for (wobble, frames, nanos) in steps {
            let before = cursor.position();
            let moving = cursor.advance(target(now + wobble, nanos), frames, Cue::Steady);
            match before {
                Some(end) if moving.jumped_from.is_none() => prop_assert_eq!(moving.from, end),
                other => prop_assert_eq!(moving.jumped_from, other),
            }
            let end = moving.from.0 + i128::from(moving.per_frame) * i128::from(frames);
            prop_assert_eq!(cursor.position(), Some(Position(end)));
            now += nanos;
        }
    }
}
