use std::sync::{Arc, Mutex, PoisonError};

use super::*;

type Calls = Arc<Mutex<Vec<(i64, usize)>>>;

fn recorded() -> (Calls, Box<dyn Source>) {
    let calls = Calls::default();
    let record = calls.clone();
    let source = move |first: Frames, out: &mut [f32]| {
        record.lock().unwrap_or_else(PoisonError::into_inner).push((first.0, out.len() / 2));
    };
    (calls, Box::new(source))
}

fn taken(calls: &Calls) -> Vec<(i64, usize)> {
    std::mem::take(&mut *calls.lock().unwrap_or_else(PoisonError::into_inner))
}

#[test]
fn silence_pulls_every_frame_once() {
    let (calls, source) = recorded();
    let mut pull = SilentPull::new(source);
    for ms in [1_000, 1_010, 1_010, 1_033, 1_200] {
        pull.pull_until(SessionTime(ms * 1_000_000));
    }
    let calls = taken(&calls);
    assert_eq!(calls.first().map(|call| call.0), Some(48_000));
    assert!(calls.windows(2).all(|pair| pair[0].0 + pair[0].1 as i64 == pair[1].0));
    assert_eq!(calls.last().map(|call| call.0 + call.1 as i64), Some(57_600));
}

#[test]
fn after_a_suspend_silence_does_not_render_the_past() {
    let (calls, source) = recorded();
    let mut pull = SilentPull::new(source);
    pull.pull_until(SessionTime(0));
    pull.pull_until(SessionTime(3_600_000_000_000));
    pull.pull_until(SessionTime(3_600_010_000_000));
    assert_eq!(taken(&calls), [(3_600 * 48_000, 480)]);
    pull.pull_until(SessionTime(0));
    pull.pull_until(SessionTime(10_000_000));
    assert_eq!(taken(&calls), [(0, 480)], "and back");
}

#[test]
fn a_small_step_back_waits_instead_of_repeating() {
    let (calls, source) = recorded();
    let mut pull = SilentPull::new(source);
    for ms in [0, 100, 50, 110] {
        pull.pull_until(SessionTime(ms * 1_000_000));
    }
    let frames: usize = taken(&calls).iter().map(|call| call.1).sum();
    assert_eq!(frames, 5_280);
}
