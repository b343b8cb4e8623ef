//! Ticks, time and frames: exact, monotone, each the inverse of the other, for any value.

use antiphon_timeline::{
    Frames, HostTime, RAMP_MAX_NS, Run, SEGMENTS_MAX, SessionMap, SessionTime, TICKS_PER_QUARTER,
    TICKS_PER_STEP, Tempo, Ticks, TimebaseId,
};
use proptest::prelude::*;

/// Ticks in one nanosecond at 999 BPM, rounded up: the most that rounding to nanoseconds can cost.
const TICKS_PER_NANO_MAX: i64 = 72;
/// The same for one frame.
const TICKS_PER_FRAME_MAX: i64 = 1_489_845;

fn tempo() -> impl Strategy<Value = Tempo> {
    prop_oneof![
        Just(Tempo::MIN),
        Just(Tempo::MAX),
        (20_000_000..999_000_000_u64).prop_map(Tempo::from_micro_bpm_clamped),
    ]
}

/// How long a change of tempo takes: at once, moments, or minutes.
fn ramp() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 1..1_000_i64, 0..=RAMP_MAX_NS, Just(RAMP_MAX_NS)]
}

/// A run of an hour or so with some tempo changes and ramps, which may cut one another off.
fn run() -> impl Strategy<Value = Run> {
    let changes = proptest::collection::vec((0..10_000 * TICKS_PER_STEP, tempo(), ramp()), 0..20);
    (0..1_i64 << 50, 0..1_i64 << 45, tempo(), changes).prop_map(|(start, from, tempo, mut changes)| {
        changes.sort_unstable();
        let run = Run::new(SessionTime(start), Ticks(from), tempo);
        changes
            .into_iter()
            .fold(run, |run, (after, tempo, ramp_ns)| run.with_ramp(Ticks(from) + after, tempo, ramp_ns))
    })
}

/// `few` cases, or a million.
fn cases(few: u32) -> ProptestConfig {
    ProptestConfig::with_cases(if std::env::var_os("ANTIPHON_LONG").is_some() { 1_000_000 } else { few })
}

fn any_run() -> impl Strategy<Value = Run> {
    let changes = proptest::collection::vec((any::<i64>(), tempo(), prop_oneof![ramp(), any::<i64>()]), 0..8);
    (any::<i64>(), any::<i64>(), tempo(), changes).prop_map(|(start, from, tempo, changes)| {
        let run = Run::new(SessionTime(start), Ticks(from), tempo);
        changes.into_iter().fold(run, |run, (at, tempo, ramp_ns)| run.with_ramp(Ticks(at), tempo, ramp_ns))
    })
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_time_of_a_tick_is_the_last_at_which_it_has_not_passed(run in run(), after in 0..1_i64 << 45) {
        let tick = run.first_tick() + after;
        let time = run.time_at(tick);
        prop_assert!(run.tick_at(time) <= tick && tick <= run.tick_at(time + 1));
    }

    #[test]
    fn a_ramp_moves_nothing_before_it_and_gets_where_it_goes(
        run in run(), after in 0..1_i64 << 44, new in tempo(), over in 1..=RAMP_MAX_NS, part in 0.0..=1.0,
    ) {
        let at = run.first_tick() + after;
        let from = run.tempo_at(at);
        let ramp = run.clone().with_ramp(at, new, over);
        prop_assert_eq!(ramp.time_at(at), run.time_at(at));
        let earlier = Ticks((at.0 as f64 * part) as i64).min(at);
        prop_assert_eq!(ramp.time_at(earlier), run.time_at(earlier));
        let end = ramp.last_change();
        prop_assert_eq!(ramp.last_tempo(), new);
        prop_assert_eq!(ramp.tempo_at(ramp.tick_at(end)), new);
        if from != new {
            prop_assert_eq!(end - ramp.time_at(at), over);
            // Halfway it has the mean tempo, and a quarter of the difference of ticks is still to be made up for.
            let half = ramp.tempo_at(ramp.tick_at(ramp.time_at(at) + over / 2)).micro_bpm() as i64;
            let mean = (from.micro_bpm() + new.micro_bpm()) as i64 / 2;
            prop_assert!((half - mean).abs() <= 1 + (new.micro_bpm() as i64 - from.micro_bpm() as i64).abs() / (over / 2).max(1) * 2);
        }
    }

    #[test]
    fn a_tick_survives_the_way_to_time_and_back(run in run(), after in 0..1_i64 << 45) {
        let tick = run.first_tick() + after;
        let back = run.tick_at(run.time_at(tick));
        prop_assert!(back <= tick && tick - back <= TICKS_PER_NANO_MAX, "{} ticks lost", tick - back);
    }

    #[test]
    fn a_time_survives_the_way_to_ticks_and_back(run in run(), after in 0..1_i64 << 50) {
        let time = run.start() + after;
        let back = run.time_at(run.tick_at(time));
        prop_assert!((-1..=1).contains(&(time - back)), "{} ns lost", time - back);
    }

    #[test]
    fn a_frame_survives_the_way_to_ticks_and_back(run in run(), frame in 0..1_i64 << 36) {
        let back = run.frame_at(run.tick_at_frame(Frames(frame)));
        prop_assert!((-1..=0).contains(&(back - Frames(frame))), "frame {frame} became {back:?}");
    }

    #[test]
    fn a_tick_sounds_on_the_first_frame_that_is_not_before_it(run in run(), after in 0..1_i64 << 45) {
        let tick = run.first_tick() + after;
        let frame = run.frame_at(tick);
        let late = run.tick_at_frame(frame) - tick;
        prop_assert!((-2 * TICKS_PER_NANO_MAX..=TICKS_PER_FRAME_MAX).contains(&late), "{late} ticks late");
        prop_assert_eq!(run.stream_frame_at(tick) - run.first_frame(), frame.0);
        prop_assert_eq!(run.tick_at_stream_frame(run.first_frame() + frame.0), run.tick_at_frame(frame));
    }

    #[test]
    fn later_is_never_earlier(run in any_run(), a in any::<i64>(), b in any::<i64>()) {
        let (early, late) = (a.min(b), a.max(b));
        prop_assert!(run.time_at(Ticks(early)) <= run.time_at(Ticks(late)));
        prop_assert!(run.tick_at(SessionTime(early)) <= run.tick_at(SessionTime(late)));
        prop_assert!(run.frame_at(Ticks(early)) <= run.frame_at(Ticks(late)));
        prop_assert!(run.tick_at_stream_frame(Frames(early)) <= run.tick_at_stream_frame(Frames(late)));
        prop_assert!(run.segments().is_sorted_by(|a, b| a.tick < b.tick && a.time <= b.time));
    }

    #[test]
    fn a_tempo_change_never_jumps(run in run(), after in 0..1_i64 << 44, new in tempo(), before in 0..1_i64 << 44) {
        let at = run.first_tick() + after;
        let changed = run.clone().with_tempo(at, new);
        let earlier = run.first_tick() + before.min(after);
        prop_assert_eq!(changed.time_at(earlier), run.time_at(earlier));
        prop_assert_eq!(changed.time_at(at), run.time_at(at));
        prop_assert_eq!(changed.tempo_at(at), new);
        prop_assert_eq!(changed.last_tempo(), new);
    }

    #[test]
    fn the_session_map_is_its_own_inverse(
        host in any::<i32>(), session in any::<i32>(), rate_ppb in -4_000_000_i64..4_000_000, at in -1_i64 << 50..1 << 50,
    ) {
        let map = SessionMap {
            timebase: TimebaseId(1),
            host: HostTime(i64::from(host)),
            session: SessionTime(i64::from(session)),
            rate_ppb,
        };
        let back = map.to_host(map.to_session(HostTime(at)));
        prop_assert!((back - HostTime(at)).abs() <= 1);
    }

    #[test]
    fn any_map_is_harmless(host: i64, session: i64, rate_ppb: i64, at: i64) {
        let (host, session) = (HostTime(host), SessionTime(session));
        let map = SessionMap { timebase: TimebaseId(1), host, session, rate_ppb };
        map.to_host(SessionTime(at));
        map.to_session(HostTime(at));
    }
}

#[test]
fn steps_at_round_tempos_lie_on_round_frames() {
    for (bpm, frames_per_step) in
        [(20.0, 36_000), (60.0, 12_000), (120.0, 6_000), (150.0, 4_800), (960.0, 750)]
    {
        let run = Run::new(SessionTime(1_000_000_000), Ticks::ZERO, Tempo::from_bpm(bpm).unwrap());
        for step in [0, 1, 2, 3, 63, 1_000_003, 100_000_000] {
            assert_eq!(
                run.frame_at(Ticks::from_steps(step)),
                Frames(step * frames_per_step),
                "{bpm} BPM, step {step}"
            );
        }
    }
}

#[test]
fn the_slowest_and_the_fastest_tempo_keep_time_for_a_week() {
    for (tempo, nanos) in [(Tempo::MIN, 3_000_000_000), (Tempo::MAX, 60_060_060)] {
        let run = Run::new(SessionTime::ZERO, Ticks::ZERO, tempo);
        assert_eq!(run.time_at(Ticks(TICKS_PER_QUARTER)), SessionTime(nanos));
        let week = SessionTime(7 * 24 * 3_600 * 1_000_000_000);
        let exact = i128::from(week.0) * i128::from(tempo.micro_bpm()) * i128::from(TICKS_PER_QUARTER);
        assert_eq!(i128::from(run.tick_at(week).0), exact / 60_000_000_000_000_000);
    }
}

#[test]
fn absurd_values_are_held_at_the_ends() {
    assert_eq!(Tempo::MIN.nanos_of(i64::MAX), i64::MAX / TICKS_PER_QUARTER * 3_000_000_000 + 2_999_999_999);
    assert_eq!((Tempo::MAX.ticks_in(i64::MAX), Tempo::MAX.ticks_in(i64::MIN)), (i64::MAX, i64::MIN));
    assert_eq!(Ticks::from_bars(i64::MAX), Ticks(i64::MAX));
    assert_eq!(Frames::at_or_after_nanos(i64::MAX), Frames(442_721_857_769_030));
    assert_eq!(Frames(i64::MIN).nanos(), i64::MIN);
}

#[test]
fn tempos_are_kept_to_a_hundredth_and_nonsense_is_refused() {
    assert_eq!(Tempo::from_bpm(127.994).unwrap(), Tempo::from_bpm(127.99).unwrap());
    for bpm in [19.99, 999.01, -120.0, f64::NAN, f64::INFINITY] {
        assert!(Tempo::from_bpm(bpm).is_err(), "{bpm}");
    }
}

#[test]
fn a_run_forgets_its_oldest_tempos_without_moving_the_newest() {
    let start = Run::new(SessionTime(0), Ticks::ZERO, Tempo::MIN);
    let tempo = |step: i64| Tempo::from_bpm(60.0 + (step % 100) as f64).unwrap();
    let (mut run, mut time) = (start, SessionTime(0));
    for step in 1..2 * SEGMENTS_MAX as i64 {
        run = run.with_tempo(Ticks::from_steps(step), tempo(step));
        let next = run.time_at(Ticks::from_steps(step));
        assert!(next > time);
        time = next;
    }
    assert_eq!(run.segments().len(), SEGMENTS_MAX);
    assert_eq!((run.start(), run.first_tick()), (SessionTime(0), Ticks::ZERO));
    assert_eq!(run.time_at(run.segments()[SEGMENTS_MAX - 1].tick), time);
}
