//! The fold: the same transport for the same operations, in whatever order they come.

use antiphon_timeline::{
    Frames, MOVES_MAX, Meter, OpKind, PLAY_LEAD_MAX_NS, POSITION_MAX, RAMP_MAX_NS, Run, SessionTime, Stamp,
    TEMPOS_MAX, TICKS_PER_QUARTER, Tempo, Ticks, Timeline, TimelineOp, Transport,
};
use proptest::prelude::*;

const ADA: [u8; 32] = [1; 32];
const BO: [u8; 32] = [2; 32];

fn seconds(seconds: f64) -> SessionTime {
    SessionTime((seconds * 1e9) as i64)
}

fn quarters(quarters: i64) -> Ticks {
    Ticks(quarters * TICKS_PER_QUARTER)
}

fn bpm(bpm: f64) -> Tempo {
    Tempo::from_bpm(bpm).unwrap()
}

fn op(author: [u8; 32], at_s: f64, kind: OpKind) -> TimelineOp {
    TimelineOp { stamp: Stamp { time: seconds(at_s), counter: 0 }, author, kind }
}

fn play(author: [u8; 32], made_s: f64, at_s: f64, from: Ticks) -> TimelineOp {
    op(author, made_s, OpKind::Play { at: seconds(at_s), from, count_in: Ticks::ZERO })
}

fn tempo(author: [u8; 32], made_s: f64, at: Ticks, tempo: Tempo) -> TimelineOp {
    op(author, made_s, OpKind::Tempo { at, tempo, ramp_ns: 0 })
}

fn stop(author: [u8; 32], made_s: f64, at: Ticks, position: Ticks) -> TimelineOp {
    op(author, made_s, OpKind::Stop { at, position })
}

/// Folds at 120 BPM, the operations in both orders.
fn folded(ops: &[TimelineOp]) -> Timeline {
    let (mut there, mut back) = (Timeline::new(Tempo::DEFAULT), Timeline::new(Tempo::DEFAULT));
    ops.iter().for_each(|op| assert!(there.insert(*op)));
    ops.iter().rev().for_each(|op| assert!(back.insert(*op)));
    for now in [-1.0, 0.5, 1.0, 5.0, 100.0] {
        assert_eq!(there.transport(seconds(now)), back.transport(seconds(now)));
    }
    there
}

#[track_caller]
fn playing(timeline: &Timeline, now_s: f64) -> Run {
    match timeline.transport(seconds(now_s)) {
        Transport::Playing(run) => run,
        stopped => panic!("at {now_s} s: {stopped:?}"),
    }
}

#[track_caller]
fn check_stopped(timeline: &Timeline, now_s: f64, position: Ticks, tempo: Tempo) {
    assert_eq!(
        timeline.transport(seconds(now_s)),
        Transport::Stopped { position, tempo, meter: Meter::DEFAULT }
    );
}

#[test]
fn a_new_timeline_is_stopped_at_zero() {
    let mut timeline = folded(&[]);
    check_stopped(&timeline, 0.0, Ticks::ZERO, Tempo::DEFAULT);
    timeline.set_base_tempo(bpm(90.0));
    check_stopped(&timeline, 0.0, Ticks::ZERO, bpm(90.0));
}

#[test]
fn the_same_operation_twice_is_one() {
    let mut timeline = folded(&[play(ADA, 1.0, 1.0, Ticks::ZERO)]);
    assert!(!timeline.insert(play(ADA, 1.0, 1.0, Ticks::ZERO)));
    assert_eq!(timeline.ops().count(), 1);
}

#[test]
fn of_two_plays_at_once_the_greater_author_wins() {
    let timeline = folded(&[play(BO, 1.0, 1.0, quarters(8)), play(ADA, 1.0, 1.0, quarters(4))]);
    assert_eq!(playing(&timeline, 1.0).first_tick(), quarters(8));
}

#[test]
fn of_two_tempos_at_one_tick_the_later_one_wins() {
    let ops = [
        play(ADA, 1.0, 1.0, Ticks::ZERO),
        tempo(BO, 1.1, quarters(8), bpm(90.0)),
        tempo(ADA, 1.2, quarters(8), bpm(100.0)),
    ];
    let run = playing(&folded(&ops), 2.0);
    assert_eq!((run.tempo_at(quarters(7)), run.tempo_at(quarters(8))), (Tempo::DEFAULT, bpm(100.0)));
}

#[test]
fn a_tempo_in_the_past_begins_when_it_was_made() {
    let timeline = folded(&[play(ADA, 0.0, 0.0, Ticks::ZERO), tempo(BO, 10.0, Ticks::ZERO, bpm(240.0))]);
    let run = playing(&timeline, 10.0);
    // Ten seconds at 120 BPM are 20 quarters, however late the change came.
    assert_eq!(run.tick_at(seconds(10.0)), quarters(20));
    assert_eq!(run.tick_at(seconds(11.0)), quarters(24));
}

#[test]
fn a_tempo_while_stopped_holds_at_once_and_for_the_next_run() {
    let timeline = folded(&[tempo(ADA, 1.0, quarters(1000), bpm(60.0)), play(ADA, 2.0, 2.0, Ticks::ZERO)]);
    check_stopped(&folded(&[tempo(ADA, 1.0, quarters(1000), bpm(60.0))]), 1.0, Ticks::ZERO, bpm(60.0));
    assert_eq!(playing(&timeline, 2.0).tick_at(seconds(5.0)), quarters(3));
}

#[test]
fn a_run_plays_until_its_end_and_the_playhead_rests_where_it_was_told() {
    let timeline = folded(&[play(ADA, 0.0, 0.0, Ticks::ZERO), stop(BO, 1.0, quarters(4), quarters(1))]);
    let run = playing(&timeline, 1.9);
    assert_eq!(
        (run.end(), run.is_over(seconds(1.9)), run.is_over(seconds(2.0))),
        (Some(quarters(4)), false, true)
    );
    assert_eq!(timeline.next_change(seconds(1.0)), Some(seconds(2.0)));
    check_stopped(&timeline, 2.0, quarters(1), Tempo::DEFAULT);
    assert_eq!(timeline.next_change(seconds(2.0)), None);
}

#[test]
fn a_stop_in_the_past_ends_when_it_was_made() {
    let timeline = folded(&[play(ADA, 0.0, 0.0, Ticks::ZERO), stop(BO, 3.0, quarters(1), quarters(0))]);
    assert_eq!(playing(&timeline, 2.5).end(), Some(quarters(6)));
    check_stopped(&timeline, 3.0, Ticks::ZERO, Tempo::DEFAULT);
}

#[test]
fn a_tempo_made_before_the_end_of_a_run_but_after_its_stop_belongs_to_it() {
    let ops = [
        play(ADA, 0.0, 0.0, Ticks::ZERO),
        stop(BO, 1.0, quarters(4), Ticks::ZERO),
        tempo(BO, 1.5, quarters(3), bpm(60.0)),
    ];
    let timeline = folded(&ops);
    assert_eq!(playing(&timeline, 2.0).over_at(), Some(seconds(2.5)));
    check_stopped(&timeline, 2.5, Ticks::ZERO, bpm(60.0));
}

#[test]
fn a_play_while_playing_moves_there_and_the_old_run_sounds_until_then() {
    let timeline = folded(&[play(ADA, 0.0, 0.0, Ticks::ZERO), play(BO, 1.0, 2.0, quarters(64))]);
    let (old, new) = (playing(&timeline, 1.5), timeline.upcoming(seconds(1.5)).unwrap());
    assert_eq!((old.tick_at(seconds(1.5)), old.end()), (quarters(3), Some(quarters(4))));
    assert_eq!((new.start(), new.first_tick()), (seconds(2.0), quarters(64)));
    assert_eq!(timeline.next_change(seconds(1.5)), Some(seconds(2.0)));
    assert_eq!(playing(&timeline, 2.0), new);
    assert_eq!(timeline.upcoming(seconds(2.0)), None);
}

#[test]
fn every_move_takes_effect_at_its_own_time() {
    let (first, second) = (play(ADA, 0.0, 0.0, Ticks::ZERO), play(BO, 1.0, 2.0, quarters(64)));
    let timeline = folded(&[first, second, play(ADA, 1.2, 3.0, quarters(32))]);
    assert_eq!(playing(&timeline, 1.9).first_tick(), Ticks::ZERO);
    assert_eq!(playing(&timeline, 2.5).first_tick(), quarters(64));
    assert_eq!(timeline.upcoming(seconds(2.5)).unwrap().first_tick(), quarters(32));
    assert_eq!(playing(&timeline, 3.0).first_tick(), quarters(32));
    // One that comes before another takes its place.
    let timeline = folded(&[first, second, play(ADA, 1.2, 1.8, quarters(32))]);
    assert_eq!(playing(&timeline, 5.0).first_tick(), quarters(32));
}

#[test]
fn a_stop_cancels_a_run_that_has_not_started_by_then() {
    let count_in = play(ADA, 0.0, 4.0, quarters(8));
    check_stopped(
        &folded(&[count_in, stop(BO, 1.0, Ticks::ZERO, quarters(8))]),
        1.0,
        quarters(8),
        Tempo::DEFAULT,
    );
    let moved = |stop| folded(&[play(ADA, 0.0, 0.0, Ticks::ZERO), play(BO, 1.0, 2.0, quarters(64)), stop]);
    let timeline = moved(stop(ADA, 1.5, Ticks(quarters(7).0 / 2), Ticks::ZERO));
    assert_eq!(playing(&timeline, 1.6).end(), Some(Ticks(quarters(7).0 / 2)));
    check_stopped(&timeline, 1.75, Ticks::ZERO, Tempo::DEFAULT);
    // Asked for at a time at which the music has moved already, it ends there.
    let timeline = moved(stop(ADA, 1.5, quarters(6), Ticks::ZERO));
    assert_eq!(playing(&timeline, 2.5).end(), Some(quarters(66)));
    check_stopped(&timeline, 3.0, Ticks::ZERO, Tempo::DEFAULT);
}

#[test]
fn a_second_stop_never_prolongs_the_music() {
    let ops = [
        play(ADA, 0.0, 0.0, Ticks::ZERO),
        stop(BO, 1.0, quarters(4), Ticks::ZERO),
        stop(ADA, 1.1, quarters(5), quarters(5)),
    ];
    assert_eq!(playing(&folded(&ops), 1.5).end(), Some(quarters(4)));
    check_stopped(&folded(&ops), 2.0, quarters(5), Tempo::DEFAULT);
}

#[test]
fn a_move_within_a_ramp_goes_on_with_it() {
    let ramp = op(ADA, 1.0, OpKind::Tempo { at: quarters(2), tempo: bpm(60.0), ramp_ns: 4_000_000_000 });
    let timeline = folded(&[play(ADA, 0.0, 0.0, Ticks::ZERO), ramp, play(BO, 2.9, 3.0, quarters(64))]);
    let (stayed, moved) =
        (playing(&folded(&[play(ADA, 0.0, 0.0, Ticks::ZERO), ramp]), 4.0), playing(&timeline, 4.0));
    assert_eq!((moved.start(), moved.tempo_at(quarters(64))), (seconds(3.0), bpm(90.0)));
    for now in [3.0, 3.5, 4.9, 5.0, 9.0] {
        let ticks = |run: &Run| run.tick_at(seconds(now)) - run.tick_at(seconds(3.0));
        assert!((ticks(&stayed) - ticks(&moved)).abs() <= 72, "at {now} s");
    }
    assert_eq!((moved.last_tempo(), moved.last_change()), (bpm(60.0), seconds(5.0)));
}

#[test]
fn a_stop_within_a_ramp_leaves_the_tempo_that_was_reached() {
    let ops = [
        play(ADA, 0.0, 0.0, Ticks::ZERO),
        op(ADA, 1.0, OpKind::Tempo { at: quarters(2), tempo: bpm(60.0), ramp_ns: 4_000_000_000 }),
        // At 3 s: two seconds of the ramp, from 120 to 90 BPM, are three and a half quarters.
        stop(BO, 2.0, Ticks(quarters(11).0 / 2), Ticks::ZERO),
    ];
    let timeline = folded(&ops);
    assert_eq!(playing(&timeline, 2.5).over_at(), Some(seconds(3.0)));
    check_stopped(&timeline, 3.0, Ticks::ZERO, bpm(90.0));
}

#[test]
fn a_ramp_within_a_ramp_begins_at_the_tempo_that_was_reached() {
    let ops = [
        play(ADA, 0.0, 0.0, Ticks::ZERO),
        op(ADA, 1.0, OpKind::Tempo { at: quarters(2), tempo: bpm(60.0), ramp_ns: 4_000_000_000 }),
        op(
            BO,
            2.0,
            OpKind::Tempo { at: Ticks(quarters(11).0 / 2), tempo: bpm(150.0), ramp_ns: 2_000_000_000 },
        ),
    ];
    let run = playing(&folded(&ops), 3.0);
    let at = |s: f64| run.tempo_at(run.tick_at(seconds(s))).bpm().round();
    assert_eq!([0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0].map(at), [120.0, 120.0, 105.0, 90.0, 120.0, 150.0, 150.0]);
}

#[test]
fn a_meter_changes_at_a_bar_line_and_the_next_run_begins_in_it() {
    let meter =
        |made_s, at, beats| op(BO, made_s, OpKind::Meter { at, meter: Meter::new(beats, 4).unwrap() });
    let ops = [
        meter(0.0, Ticks::ZERO, 3),
        play(ADA, 0.1, 0.1, Ticks::ZERO),
        meter(1.0, quarters(4), 5),
        play(ADA, 4.0, 5.0, quarters(60)),
    ];
    let run = playing(&folded(&ops), 3.0);
    // Asked for in the middle of bar 1 of 3/4, it holds from bar 2 on.
    assert_eq!(run.bar_at(quarters(5)).number, 1);
    assert_eq!([6, 10, 11].map(|tick| run.bar_at(quarters(tick)).number), [2, 2, 3]);
    assert_eq!((run.next_bar(quarters(7)), run.next_four_bars(quarters(7))), (quarters(11), quarters(16)));
    let moved = playing(&folded(&ops), 6.0);
    assert_eq!((moved.bar_at(quarters(60)).number, moved.last_meter().beats()), (12, 5));
}

#[test]
fn a_tempo_made_before_a_move_holds_before_and_after_it() {
    let ops = [
        play(ADA, 0.0, 0.0, Ticks::ZERO),
        play(BO, 1.0, 3.0, Ticks::ZERO),
        tempo(ADA, 1.5, quarters(4), bpm(60.0)),
    ];
    let timeline = folded(&ops);
    assert_eq!(playing(&timeline, 2.5).tick_at(seconds(3.0)), quarters(5));
    assert_eq!(playing(&timeline, 3.0).tick_at(seconds(5.0)), quarters(2));
}

#[test]
fn a_locate_moves_the_resting_playhead_only() {
    let locate = |made_s| op(ADA, made_s, OpKind::Locate { to: quarters(9) });
    check_stopped(&folded(&[locate(1.0)]), 1.0, quarters(9), Tempo::DEFAULT);
    let (start, end) = (play(BO, 0.0, 0.0, Ticks::ZERO), stop(BO, 2.0, quarters(8), quarters(1)));
    assert_eq!(playing(&folded(&[start, locate(1.0)]), 1.0).tick_at(seconds(1.0)), quarters(2));
    check_stopped(&folded(&[start, locate(1.0), end]), 4.0, quarters(1), Tempo::DEFAULT);
    check_stopped(&folded(&[start, end, locate(3.0)]), 4.0, quarters(9), Tempo::DEFAULT);
}

#[test]
fn a_play_after_the_end_of_a_run_is_a_new_run_in_the_tempo_of_that_end() {
    let ops = [
        play(ADA, 0.0, 0.0, Ticks::ZERO),
        tempo(ADA, 0.1, quarters(100), bpm(60.0)),
        stop(ADA, 1.0, quarters(4), Ticks::ZERO),
        tempo(BO, 3.0, quarters(1000), bpm(240.0)),
        play(BO, 4.0, 4.5, Ticks::ZERO),
    ];
    let timeline = folded(&ops);
    assert_eq!(playing(&timeline, 4.0).start(), seconds(4.5));
    assert_eq!(playing(&timeline, 5.0).tempo_at(Ticks::ZERO), bpm(240.0));
    check_stopped(&folded(&ops[..3]), 3.0, Ticks::ZERO, Tempo::DEFAULT);
}

#[test]
fn an_operation_from_the_far_future_waits() {
    let forged = TimelineOp {
        stamp: Stamp { time: SessionTime(i64::MAX), counter: u16::MAX },
        author: [0xff; 32],
        kind: OpKind::Play { at: SessionTime(i64::MAX), from: Ticks(i64::MAX), count_in: Ticks::ZERO },
    };
    let timeline =
        folded(&[forged, play(ADA, 1.0, 1.0, Ticks::ZERO), stop(ADA, 5.0, quarters(8), Ticks::ZERO)]);
    assert_eq!(playing(&timeline, 2.0).start(), seconds(1.0));
    check_stopped(&timeline, 1e9, Ticks::ZERO, Tempo::DEFAULT);
}

#[test]
fn absurd_arguments_are_held_near_the_stamp() {
    let timeline = folded(&[
        op(BO, 1.0, OpKind::Play { at: SessionTime(i64::MAX), from: Ticks(i64::MAX), count_in: Ticks::ZERO }),
        op(BO, 1.1, OpKind::Tempo { at: Ticks(i64::MIN), tempo: Tempo::MAX, ramp_ns: 0 }),
    ]);
    let run = playing(&timeline, 2.0);
    assert_eq!((run.start(), run.first_tick()), (seconds(1.0) + PLAY_LEAD_MAX_NS, POSITION_MAX));
    let timeline = folded(&[
        op(BO, 1.0, OpKind::Play { at: SessionTime(i64::MIN), from: Ticks(i64::MIN), count_in: Ticks::ZERO }),
        op(BO, 1.2, OpKind::Stop { at: Ticks(i64::MAX), position: Ticks(i64::MIN) }),
    ]);
    let run = playing(&timeline, 2.0);
    assert_eq!((run.start(), run.first_tick()), (seconds(1.0) + -PLAY_LEAD_MAX_NS, Ticks::ZERO));
    // Anybody can put it right with an honest operation.
    let mut timeline = timeline;
    timeline.insert(play(ADA, 3.0, 3.0, Ticks::ZERO));
    assert_eq!(playing(&timeline, 3.0).tick_at(seconds(3.0)), Ticks::ZERO);
}

#[test]
fn the_newest_operations_are_kept_and_a_turned_knob_never_stops_the_music() {
    let mut timeline = Timeline::new(Tempo::DEFAULT);
    timeline.insert(play(ADA, 0.0, 0.0, Ticks::ZERO));
    for turn in 0..TEMPOS_MAX + 100 {
        assert!(timeline.insert(tempo(
            BO,
            1.0 + turn as f64 / 30.0,
            Ticks::ZERO,
            bpm(100.0 + (turn % 50) as f64)
        )));
    }
    assert_eq!(timeline.ops().count(), TEMPOS_MAX + 1);
    assert!(!timeline.insert(tempo(BO, 0.5, Ticks::ZERO, bpm(100.0))), "older than all that are kept");
    assert_eq!(playing(&timeline, 300.0).start(), seconds(0.0));
    for turn in 0..2 * MOVES_MAX {
        timeline.insert(play(ADA, 400.0 + turn as f64, 400.0 + turn as f64, Ticks::ZERO));
    }
    assert_eq!(timeline.ops().count(), TEMPOS_MAX + MOVES_MAX);
}

fn any_kind(times: impl Strategy<Value = i64> + Clone) -> impl Strategy<Value = OpKind> {
    let tick =
        || prop_oneof![(0..64_i64).prop_map(|q| q * TICKS_PER_QUARTER / 4), any::<i64>()].prop_map(Ticks);
    let tempo = (20_000_000..999_000_000_u64).prop_map(Tempo::from_micro_bpm_clamped);
    prop_oneof![
        (times, tick()).prop_map(|(at, from)| OpKind::Play {
            at: SessionTime(at),
            from,
            count_in: Ticks::ZERO
        }),
        (tick(), tick()).prop_map(|(at, position)| OpKind::Stop { at, position }),
        tick().prop_map(|to| OpKind::Locate { to }),
        (tick(), tempo, 0..=RAMP_MAX_NS).prop_map(|(at, tempo, ramp_ns)| OpKind::Tempo {
            at,
            tempo,
            ramp_ns
        }),
        (tick(), 1..=16_i64, proptest::sample::select(Meter::UNITS.to_vec())).prop_map(
            |(at, beats, unit)| OpKind::Meter { at, meter: Meter::new(beats, unit.into()).unwrap() }
        ),
    ]
}

/// Operations crowded into a minute, some of them absurd.
fn any_op() -> impl Strategy<Value = TimelineOp> {
    let times = || prop_oneof![9 => 0..60_i64 * 1_000_000_000, 1 => any::<i64>()];
    (times(), 0..3_u16, 0..3_u8, any_kind(times())).prop_map(|(time, counter, author, kind)| TimelineOp {
        stamp: Stamp { time: SessionTime(time), counter },
        author: [author; 32],
        kind,
    })
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (ops, shuffled) in proptest::collection::vec(any_op(), 0..30).prop_flat_map(|ops| {
            (Just(ops.clone()), Just(ops).prop_shuffle())
        }),
        now in prop_oneof![0..70_i64 * 1_000_000_000, any::<i64>()],
    ) {
        let (mut one, mut other) = (Timeline::new(Tempo::DEFAULT), Timeline::new(Tempo::DEFAULT));
        ops.iter().for_each(|op| { one.insert(*op); });
        shuffled.iter().for_each(|op| { other.insert(*op); });
        let now = SessionTime(now);
        prop_assert_eq!(one.transport(now), other.transport(now));
        prop_assert_eq!(one.upcoming(now), other.upcoming(now));
        prop_assert_eq!(one.next_change(now), other.next_change(now));
        prop_assert!(one.next_change(now).is_none_or(|at| at > now));
    }

    #[test]
    fn no_tempo_moves_what_sounds_when_it_is_made(
        ops in proptest::collection::vec(any_op(), 0..20), made in 0..60_i64 * 1_000_000_000, at: i64, micro: u64,
    ) {
        let stamp = Stamp { time: SessionTime(made), counter: 9 };
        let (mut before, mut after) = (Timeline::new(Tempo::DEFAULT), Timeline::new(Tempo::DEFAULT));
        for op in ops.iter().filter(|op| op.stamp < stamp) {
            before.insert(*op);
            after.insert(*op);
        }
        let tempo = Tempo::from_micro_bpm_clamped(micro);
        after.insert(TimelineOp { stamp, author: BO, kind: OpKind::Tempo { at: Ticks(at), tempo, ramp_ns: 0 } });
        let (before, after) = (before.transport(stamp.time), after.transport(stamp.time));
        if let (Transport::Playing(before), Transport::Playing(after)) = (&before, &after)
            && before.start() <= stamp.time
        {
            let (was, is) = (before.tick_at(stamp.time), after.tick_at(stamp.time));
            prop_assert!((was - is).abs() <= 144, "jumped by {} ticks", is - was);
        }
    }

    #[test]
    fn whatever_plays_can_be_asked_anything(ops in proptest::collection::vec(any_op(), 1..20), ask: i64) {
        let mut timeline = Timeline::new(Tempo::DEFAULT);
        ops.iter().for_each(|op| { timeline.insert(*op); });
        if let Transport::Playing(run) = timeline.transport(SessionTime(ask)) {
            prop_assert!(!run.is_over(SessionTime(ask)));
            run.stream_frame_at(Ticks(ask));
            run.tick_at_stream_frame(Frames(ask));
        }
    }

    #[test]
    fn bytes_are_an_operation_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100), op in any_op()) {
        if let Ok(op) = TimelineOp::decode(&bytes)
            && bytes.first() == Some(&2)
        {
            prop_assert_eq!(op.encode(), bytes);
        }
        prop_assert_eq!(TimelineOp::decode(&op.encode()), Ok(op));
    }
}
