//! The metronome clicks on the frames of the run's beats, and on nothing else.

mod support;

use antiphon_engine::{Metronome, RenderOptions, SamplePool, reference};
use antiphon_model::Gain;
use antiphon_timeline::{Frames, Meter, Run, SessionTime, TICKS_PER_QUARTER, TICKS_PER_STEP, Tempo, Ticks};
use proptest::prelude::*;
use support::*;

const ON: Metronome = Metronome { on: true, volume: Gain::DEFAULT };

/// A stage with a metronome and no music.
fn clicking(run: Run) -> Stage {
    let mut stage = Stage::new();
    stage.controller.set_metronome(ON);
    stage.controller.set_run(Some(run));
    stage
}

/// The frames at which clicks begin: silence before, a loud sine from there on. Clicks must not overlap.
fn onsets(pcm: &[f32]) -> Vec<i64> {
    let left = left(pcm);
    let mut frames = vec![];
    let mut at = 0;
    while at < left.len() {
        if left[at] != 0.0 {
            frames.push(at as i64);
            at += 1_440;
        } else {
            at += 1;
        }
    }
    frames
}

#[test]
fn clicks_lie_on_the_frames_of_the_beats() {
    let mut stage = clicking(run_at(1_000, Ticks::ZERO, 120.0));
    assert_eq!(onsets(&stage.play(100_000)), [1_000, 25_000, 49_000, 73_000, 97_000]);
}

#[test]
fn the_first_beat_of_a_bar_is_higher() {
    let mut stage = clicking(run_at(0, Ticks::ZERO, 120.0));
    let pcm = left(&stage.play(5 * 24_000));
    let click = |beat: usize| pcm[beat * 24_000..][..1_440].to_vec();
    let crossings = |click: &[f32]| click.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    let [one, two, three, four, five] = [0, 1, 2, 3, 4].map(click);
    assert_eq!((&two, &two, &one), (&three, &four, &five));
    // 30 ms of 1760 Hz and of 1175 Hz.
    assert!(crossings(&one) > crossings(&two) + 15, "{} {}", crossings(&one), crossings(&two));
}

#[test]
fn it_adds_to_the_music_and_changes_none_of_it() {
    let song = reference::song();
    let run = Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo);
    let play = |metronome| {
        let mut stage = Stage::with(&song, &SamplePool::new());
        stage.controller.set_metronome(metronome);
        stage.controller.set_run(Some(run.clone()));
        stage.play(80_000)
    };
    let (with, without) = (play(ON), play(Metronome::default()));
    let plain = rendered(&song, &SamplePool::new(), &RenderOptions::bars(1));
    assert!(without[..] == plain[..without.len()], "switched off it is heard");
    // Away from the clicks, which last 30 ms, every bit is the same.
    let beats: Vec<usize> =
        (0..4).map(|beat| run.frame_at(Ticks(beat * TICKS_PER_QUARTER)).0 as usize).collect();
    for (frame, (with, without)) in with.chunks(2).zip(without.chunks(2)).enumerate() {
        let clicks = beats.iter().any(|beat| (*beat..beat + 1_440).contains(&frame));
        assert!(clicks || with == without, "frame {frame}");
    }
    assert!(with != without && peak(&with) <= 1.0);
}

#[test]
fn meters_show_the_music_alone() {
    let mut stage = clicking(run_at(0, Ticks::ZERO, 120.0));
    assert!(peak(&stage.play(48_000)) > 0.3);
    assert_eq!(stage.controller.telemetry().unwrap().master_peak, [0.0; 2]);
}

#[test]
fn its_volume_is_its_own() {
    let loud = |volume| {
        let mut stage = clicking(run_at(0, Ticks::ZERO, 120.0));
        stage.controller.set_metronome(Metronome { on: true, volume: Gain::new(volume).unwrap() });
        peak(&stage.play(2_000))
    };
    let ratio = loud(-1_200) / loud(0);
    assert!((antiphon_dsp::gain_to_db(ratio) + 12.0).abs() < 0.01);
    assert_eq!(loud(-6_000), 0.0);
}

#[test]
fn a_tempo_change_moves_later_clicks_only() {
    let run = run_at(0, Ticks::ZERO, 120.0);
    let mut stage = clicking(run.clone());
    let mut heard = stage.play(30_000);
    stage
        .controller
        .set_run(Some(run.with_tempo(Ticks(2 * TICKS_PER_QUARTER), Tempo::from_bpm(60.0).unwrap())));
    heard.extend(stage.play(80_000));
    assert_eq!(onsets(&heard), [0, 24_000, 48_000, 96_000]);
}

#[test]
fn a_run_that_arrives_a_moment_late_is_clicked_at_once() {
    let mut stage = Stage::new();
    stage.controller.set_metronome(ON);
    stage.play(1_024);
    stage.controller.set_run(Some(run_at(512, Ticks::ZERO, 120.0)));
    assert_eq!(onsets(&stage.play(30_000)), [0, 24_512 - 1_024]);
}

#[test]
fn a_run_that_is_set_again_clicks_nothing_twice() {
    let run = run_at(0, Ticks::ZERO, 120.0);
    let mut stage = clicking(run.clone());
    let mut heard = vec![];
    for _ in 0..200 {
        heard.extend(stage.play(256));
        stage.controller.set_run(Some(run.clone()));
        stage.set(&reference::SongBuilder::new(120.0, 0).build(), &SamplePool::new(), &Default::default());
    }
    assert_eq!(onsets(&heard), [0, 24_000, 48_000]);
}

#[test]
fn a_jump_of_the_stream_clicks_where_it_lands() {
    let mut stage = clicking(run_at(0, Ticks::ZERO, 120.0));
    stage.play(30_000);
    stage.next = 47_900;
    // What still sounded of a click has long ended.
    assert_eq!(onsets(&stage.play(30_000)), [100, 24_100]);
    stage.next = 0;
    assert_eq!(onsets(&stage.play(1_000)), [0]);
}

#[test]
fn a_relocation_clicks_from_its_own_beats() {
    let mut stage = clicking(run_at(0, Ticks::ZERO, 120.0));
    stage.play(30_000);
    // From the middle of a beat on: the next beat is half a beat away.
    stage.controller.set_run(Some(run_at(31_000, Ticks(TICKS_PER_QUARTER * 15 / 2), 120.0)));
    assert_eq!(onsets(&stage.play(40_000)), [13_000, 37_000]);
}

#[test]
fn it_ends_with_the_run() {
    let mut stage = clicking(run_at(0, Ticks::ZERO, 120.0).ending_at(Ticks(TICKS_PER_QUARTER * 2)));
    assert_eq!(onsets(&stage.play(120_000)), [0, 24_000]);
    stage.controller.set_run(None);
    assert_eq!(onsets(&stage.play(24_000)), [0; 0]);
}

#[test]
fn a_run_laid_at_the_ends_of_time_costs_no_more() {
    for start in [i64::MIN / 48_001, i64::MAX / 48_001] {
        for from in [Ticks(i64::MIN), Ticks(i64::MAX)] {
            let mut stage = clicking(run_at(start, from, 999.0));
            stage.play(4_096);
            stage.player.process(Frames(start), &mut [0.0; 256]);
        }
    }
}

#[test]
fn a_count_in_is_heard_before_the_run_and_without_a_metronome() {
    let run = run_at(100_000, Ticks::ZERO, 120.0).with_count_in(Ticks::from_bars(1));
    let mut stage = Stage::new();
    stage.controller.set_run(Some(run.clone()));
    let counted = [4_000, 28_000, 52_000, 76_000];
    assert_eq!(onsets(&stage.play(200_000)), counted);
    let mut stage = clicking(run);
    assert_eq!(onsets(&stage.play(130_000))[..], [&counted[..], &[100_000, 124_000]].concat());
}

#[test]
fn a_count_in_of_three_four_accents_its_own_bar() {
    let three = Meter::new(3, 4).unwrap();
    let run = run_at(72_000, Ticks::ZERO, 120.0).with_meter(Ticks::ZERO, three).with_count_in(three.bar());
    let mut stage = Stage::new();
    stage.controller.set_run(Some(run));
    let pcm = stage.play(100_000);
    assert_eq!(onsets(&pcm), [0, 24_000, 48_000]);
    let click = |frame: usize| &pcm[frame * 2..(frame + 1_440) * 2];
    assert!(click(0) != click(24_000) && click(24_000) == click(48_000));
}

#[test]
fn what_asks_for_a_count_in_that_is_over_clicks_no_more() {
    // A peer that joins in the middle of the count-in hears the rest of it.
    let run = run_at(100_000, Ticks::ZERO, 120.0).with_count_in(Ticks::from_bars(1));
    let mut stage = Stage::new();
    stage.play(30_080);
    stage.controller.set_run(Some(run));
    assert_eq!(onsets(&stage.play(150_000)), [52_000 - 30_080, 76_000 - 30_080]);
}

/// One change of a run that goes on.
#[derive(Debug, Clone)]
enum Turn {
    Ramp(f64, i64),
    Meter(Meter),
}

fn turns() -> impl Strategy<Value = Vec<(i64, Turn)>> {
    let ramp = (20.0..999.0, prop_oneof![Just(0), 1_000_000..2_000_000_000i64]);
    let turn = prop_oneof![
        ramp.prop_map(|(bpm, over)| Turn::Ramp(bpm, over)),
        (1..=16i64, 0..4usize)
            .prop_map(|(beats, unit)| { Turn::Meter(Meter::new(beats, Meter::UNITS[unit].into()).unwrap()) }),
    ];
    // Each some steps after the one before it.
    prop::collection::vec((1..40i64, turn), 0..6)
}

/// The run after each change, and the tick up to which the change before it holds.
fn stages(mut run: Run, turns: &[(i64, Turn)]) -> Vec<(Ticks, Run)> {
    let mut stages = vec![(Ticks(i64::MIN), run.clone())];
    let mut at = run.first_tick();
    for (steps, turn) in turns {
        at = at + steps * TICKS_PER_STEP;
        match turn {
            Turn::Ramp(bpm, over_ns) => run.set_ramp(at, Tempo::from_bpm(*bpm).unwrap(), *over_ns),
            Turn::Meter(meter) => run.set_meter(at, *meter),
        }
        stages.push((at, run.clone()));
    }
    stages
}

/// The frames of every beat before `end`, bar by bar, with whether it opens one.
fn beats(run: &Run, on: bool, end: i64) -> Vec<(i64, bool)> {
    let first = run.first_tick();
    let begin = first + -run.count_in().0;
    let bars = (run.bar_at(begin).number..).map(|number| run.bar_at(run.bar_start(number)));
    let ticks = bars.flat_map(|bar| {
        (0..i64::from(bar.meter.beats())).map(move |beat| (bar.start + beat * bar.meter.beat().0, beat == 0))
    });
    ticks
        .filter(|(tick, _)| *tick >= if on { begin } else { begin.min(first) })
        .take_while(|(tick, _)| on || *tick < first)
        .map(|(tick, accent)| (run.stream_frame_at(tick).0, accent))
        .take_while(|(frame, _)| *frame < end)
        .collect()
}

/// What an accent and a beat sound like.
fn sounds() -> [Vec<f32>; 2] {
    let mut stage = clicking(run_at(0, Ticks::ZERO, 120.0));
    let pcm = stage.play(48_000);
    [0, 24_000].map(|frame| pcm[frame * 2..(frame + 1_440) * 2].to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("ANTIPHON_LONG").is_some() { 2_000 } else { 60 }))]

    #[test]
    fn clicks_are_the_beats_of_the_run_whatever_changes(
        bpm in 30.0..999.0,
        from in 0..64i64,
        count_in in 0..12i64,
        on in any::<bool>(),
        turns in turns(),
        sizes in prop::collection::vec(1..900usize, 1..8),
    ) {
        const END: i64 = 200_000;
        let run = run_at(60_000, Ticks::from_steps(from), bpm).with_count_in(Ticks(count_in * TICKS_PER_QUARTER));
        let stages = stages(run, &turns);
        let last = &stages[stages.len() - 1].1;
        let mut expected = vec![0.0; END as usize * 2];
        let sounds = sounds();
        for (frame, accent) in beats(last, on, END) {
            let sound = if accent { &sounds[0] } else { &sounds[1] };
            // What began before the stream did is heard no more.
            let Ok(frame) = usize::try_from(frame) else { continue };
            expected[frame * 2..].iter_mut().zip(sound).for_each(|(out, click)| *out += click);
        }

        let mut stage = Stage::new();
        stage.controller.set_metronome(Metronome { on, ..ON });
        let (mut pending, mut heard) = (stages.iter().peekable(), vec![]);
        for size in sizes.iter().cycle() {
            if stage.next >= END { break }
            // Each change arrives some blocks before it counts, as a peer sends it.
            while let Some((_, run)) = pending.next_if(|(at, run)| {
                run.stream_frame_at(*at).0 < stage.next + 6_000
            }) {
                stage.controller.set_run(Some(run.clone()));
            }
            stage.block = *size;
            heard.extend(stage.play(*size));
        }
        let far = |(heard, expected): (&f32, &f32)| (heard - expected).abs() > 1e-6;
        let differs = heard.iter().zip(&expected).position(far);
        prop_assert_eq!(differs.map(|at| at / 2), None);
    }
}
