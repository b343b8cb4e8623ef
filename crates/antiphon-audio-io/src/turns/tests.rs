use std::sync::PoisonError;

use super::*;

type Calls = Arc<Mutex<Vec<(i64, usize)>>>;

/// A source of ones that records what was rendered of it.
fn recorded() -> (Calls, Arc<Turns>) {
    let calls = Calls::default();
    let record = calls.clone();
    let source = move |first: Frames, out: &mut [f32]| {
        record.lock().unwrap_or_else(PoisonError::into_inner).push((first.0, out.len() / 2));
        out.fill(1.0);
    };
    (calls, Arc::new(Turns::new(Box::new(source))))
}

fn taken(calls: &Calls) -> Vec<(i64, usize)> {
    std::mem::take(&mut *calls.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The left channel of these frames as a seat renders them.
fn rendered(seat: &mut Seat, first: i64, frames: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; 2 * frames];
    seat.render(Frames(first), &mut out);
    out.into_iter().step_by(2).collect()
}

#[test]
fn silence_pulls_every_frame_once() {
    let (calls, turns) = recorded();
    for end in [48_000, 48_480, 48_480, 49_584, 57_600] {
        assert!(turns.pull_until(end));
    }
    let calls = taken(&calls);
    assert_eq!(calls.first().map(|call| call.0), Some(48_000));
    assert!(calls.windows(2).all(|pair| pair[0].0 + pair[0].1 as i64 == pair[1].0));
    assert_eq!(calls.last().map(|call| call.0 + call.1 as i64), Some(57_600));
}

#[test]
fn after_a_suspend_silence_does_not_render_the_past() {
    let (calls, turns) = recorded();
    for end in [0, 3_600 * 48_000, 3_600 * 48_000 + 480] {
        turns.pull_until(end);
    }
    assert_eq!(taken(&calls), [(3_600 * 48_000, 480)]);
    turns.pull_until(0);
    turns.pull_until(480);
    assert_eq!(taken(&calls), [(0, 480)], "and back");
}

#[test]
fn a_small_step_back_waits_instead_of_repeating() {
    let (calls, turns) = recorded();
    for end in [0, 4_800, 2_400, 5_280] {
        turns.pull_until(end);
    }
    let frames: usize = taken(&calls).iter().map(|call| call.1).sum();
    assert_eq!(frames, 5_280);
}

#[test]
fn a_seat_that_waits_is_silent_and_says_how_far_it_is() {
    let (calls, turns) = recorded();
    let turn = Arc::new(Turn::waiting());
    let mut seat = Seat::new(turns, turn.clone());
    assert_eq!(turn.asked(), None);
    assert_eq!(rendered(&mut seat, 100, 4), [0.0; 4]);
    assert_eq!((turn.asked(), taken(&calls)), (Some(104), vec![]));
}

#[test]
fn a_turn_begins_and_ends_with_a_fade_at_its_frames() {
    let (calls, turns) = recorded();
    let turn = Arc::new(Turn::waiting());
    let mut seat = Seat::new(turns, turn.clone());
    turn.grant(1_000);
    assert_eq!(rendered(&mut seat, 500, 500), [0.0; 500]);
    let begun = rendered(&mut seat, 1_000, 300);
    assert!(
        begun[0] == 0.0 && begun.is_sorted() && begun[240..].iter().all(|gain| *gain == 1.0),
        "{begun:?}"
    );
    assert_eq!(rendered(&mut seat, 1_300, 10), [1.0; 10]);
    turn.end_at(1_400);
    assert_eq!(rendered(&mut seat, 1_310, 90), [1.0; 90]);
    let ended = rendered(&mut seat, 1_400, 300);
    assert!(ended[0] == 1.0 && ended.is_sorted_by(|a, b| a >= b), "{ended:?}");
    assert!(ended[240..].iter().all(|gain| *gain == 0.0) && turn.has_ended());
    let frames: usize = taken(&calls).iter().map(|call| call.1).sum();
    assert_eq!(frames, 700, "each frame once");
}

#[test]
fn a_turn_that_begins_within_a_block_leaves_what_is_before_alone() {
    let (calls, turns) = recorded();
    let turn = Arc::new(Turn::waiting());
    let mut seat = Seat::new(turns, turn.clone());
    turn.grant(1_000);
    let block = rendered(&mut seat, 900, 512);
    assert!(block[..=100].iter().all(|gain| *gain == 0.0) && block[341..].iter().all(|gain| *gain == 1.0));
    assert_eq!(taken(&calls), [(1_000, 412)]);
}

#[test]
fn a_session_that_is_moved_far_back_does_not_wait_for_the_turn() {
    let (_, turns) = recorded();
    let turn = Arc::new(Turn::waiting());
    let mut seat = Seat::new(turns, turn.clone());
    turn.grant(10_000_000);
    assert_eq!(rendered(&mut seat, 0, 8), [1.0; 8]);
}

#[test]
fn a_seat_that_lost_its_turn_is_silent_and_gets_another() {
    let (calls, turns) = recorded();
    let turn = Arc::new(Turn::waiting());
    let mut seat = Seat::new(turns.clone(), turn.clone());
    turn.grant(0);
    rendered(&mut seat, 0, 512);
    turn.revoke();
    assert_eq!(rendered(&mut seat, 512, 8), [0.0; 8]);
    turns.pull_until(1_000);
    turn.grant(1_200);
    turns.pull_until(1_200);
    rendered(&mut seat, 1_000, 512);
    assert_eq!(taken(&calls), [(0, 512), (512, 480), (992, 8), (1_000, 200), (1_200, 312)]);
}
