//! What everybody hears at the same place in the music: launches on every grid, edits at bars, meters and ramps; and
//! what is said of acts that come too late for that.

mod lab;

use antiphon_membership::Role;
use antiphon_model::{Colour, Edit, Name, OrderKey, PatternId, Song, Sound, StepPatch, TrackId};
use antiphon_peer::{Change, Command, Heard, LateAct};
use antiphon_timeline::{
    Meter, Quantum, Run, SessionTime, TICKS_PER_QUARTER, TICKS_PER_STEP, Tempo, Ticks, Transport,
};
use lab::Lab;

const TRACK: TrackId = TrackId([7; 16]);
const PATTERN: PatternId = PatternId([8; 16]);
const OTHER: PatternId = PatternId([9; 16]);
const MS: i64 = 1_000_000;

/// So many friends in one session, on one clock.
fn band(peers: usize) -> Lab {
    let mut lab = Lab::new(peers);
    let kick = Edit::AddTrack {
        track: TRACK,
        pattern: PATTERN,
        name: Name::new("Kick").unwrap(),
        colour: Colour::DEFAULT,
        sound: "drum:kick".parse::<Sound>().unwrap(),
        order: OrderKey::first(),
        content: None,
    };
    lab.found(0, vec![kick]);
    for friend in 1..peers {
        join(&mut lab, friend);
    }
    lab.share_clock(77);
    let like = (**lab.desks[0].song().tracks[0].pattern()).clone();
    edit(&mut lab, 0, Edit::AddPattern { track: TRACK, pattern: OTHER, like: Box::new(like) });
    lab.run_for(1_000);
    lab
}

/// A friend comes in, connected to everybody who is there.
fn join(lab: &mut Lab, friend: usize) {
    lab.connect(0, friend);
    lab.join(friend, 0, Some(Role::Editor));
    (1..friend).for_each(|other| lab.connect(other, friend));
}

fn edit(lab: &mut Lab, at: usize, edit: Edit) {
    lab.command(at, Command::Edit(edit));
    lab.settle();
}

fn step(step: u16) -> Edit {
    let on = StepPatch { on: Some(true), ..StepPatch::default() };
    Edit::SetSteps { track: TRACK, pattern: PATTERN, steps: vec![(step, on)] }
}

fn play(lab: &mut Lab, at: usize) {
    lab.command(at, Command::Play { count_in_bars: 0 });
    lab.settle();
}

/// A band that plays with edits at bars, 500 ms into its first bar of two seconds.
fn playing_at_bars(peers: usize) -> Lab {
    let mut lab = band(peers);
    edit(&mut lab, 0, Edit::SetEditsAtBar { on: true });
    play(&mut lab, 0);
    lab.run_for(80 + 500);
    lab
}

fn transport(lab: &Lab, at: usize) -> Transport {
    lab.desks[at].peer.transport(lab.now().host).unwrap().0
}

fn run(lab: &Lab, at: usize) -> Run {
    match transport(lab, at) {
        Transport::Playing(run) => run,
        stopped => panic!("{stopped:?}"),
    }
}

/// Where the music is.
fn tick(lab: &Lab) -> Ticks {
    run(lab, 0).tick_at(SessionTime(lab.now().host.0))
}

fn heard(lab: &Lab, at: usize) -> Heard {
    lab.desks[at].peer.heard(lab.now().host).unwrap()
}

fn steps(song: &Song) -> Vec<u16> {
    let pattern = &song.tracks[0].patterns[&PATTERN];
    pattern.steps.iter().filter(|(_, step)| step.on).map(|(at, _)| *at).collect()
}

fn steps_heard(lab: &Lab) -> Vec<Vec<u16>> {
    (0..lab.desks.len()).map(|at| steps(&heard(lab, at).song)).collect()
}

/// The same is heard everywhere now, and follows at the same frame.
#[track_caller]
fn check_unison(lab: &Lab) {
    for at in 1..lab.desks.len() {
        assert_eq!(heard(lab, at), heard(lab, 0), "peer {at} hears something else");
    }
}

fn late(lab: &Lab, at: usize) -> Vec<(usize, LateAct, i64)> {
    let of = |change: &Change| match change {
        Change::Late { author, by_ns, what, .. } => {
            Some(((0..lab.desks.len()).find(|peer| lab.id(*peer) == *author)?, *what, *by_ns))
        }
        _ => None,
    };
    lab.desks[at].changes.iter().filter_map(of).collect()
}

#[test]
fn edits_are_seen_at_once_and_heard_on_the_same_frame_everywhere() {
    let mut lab = playing_at_bars(3);
    edit(&mut lab, 1, step(3));
    edit(&mut lab, 2, step(5));
    let bar = run(&lab, 0).stream_frame_at(Ticks::from_bars(1));
    for desk in 0..3 {
        assert_eq!(steps(&lab.desks[desk].song()), [3, 5]);
        let Heard { song, next } = heard(&lab, desk);
        assert_eq!(steps(&song), [0; 0]);
        assert_eq!(next, Some((lab.desks[desk].peer.song().unwrap().clone(), bar)));
        let waiting = lab.desks[desk].peer.waiting(lab.now().host).unwrap();
        let at = run(&lab, 0).time_at(Ticks::from_bars(1));
        assert_eq!((waiting.edits, waiting.bar, waiting.at), (2, 1, at));
        // It is woken when the bar has come, or before.
        assert!(lab.desks[desk].peer.poll_timeout().is_some_and(|due| due.0 <= at.0));
    }
    check_unison(&lab);
    lab.run_for(1_480);
    assert_eq!(steps_heard(&lab), [[0; 0]; 3]);
    lab.run_for(40);
    assert_eq!(steps_heard(&lab), [[3, 5]; 3]);
    for desk in &lab.desks {
        assert_eq!(desk.peer.heard(lab.now().host).unwrap().next, None);
        assert_eq!(desk.peer.waiting(lab.now().host), None);
        assert!(desk.changes.contains(&Change::Heard));
    }
    assert_eq!(late(&lab, 0), []);
}

#[test]
fn an_edit_too_close_to_a_bar_waits_for_the_next_and_takes_nothing_with_it() {
    let mut lab = playing_at_bars(3);
    edit(&mut lab, 1, step(3));
    lab.run_for(1_460);
    // Forty milliseconds before the bar: not everybody would hear of this one in time.
    edit(&mut lab, 2, step(5));
    check_unison(&lab);
    let next = heard(&lab, 0).next.unwrap();
    assert_eq!((steps(&next.0), next.1), (vec![3], run(&lab, 0).stream_frame_at(Ticks::from_bars(1))));
    lab.run_for(200);
    check_unison(&lab);
    assert_eq!(steps_heard(&lab), [[3]; 3]);
    let next = heard(&lab, 0).next.unwrap();
    assert_eq!((steps(&next.0), next.1), (vec![3, 5], run(&lab, 0).stream_frame_at(Ticks::from_bars(2))));
    lab.run_for(2_000);
    assert_eq!(steps_heard(&lab), [[3, 5]; 3]);
    assert_eq!(late(&lab, 0), []);
}

#[test]
fn edits_that_arrive_in_another_order_are_heard_at_their_own_bars() {
    let mut lab = playing_at_bars(3);
    lab.run_for(1_300);
    // Bo's is for this bar and on its way while Cy's, for the next bar, is there already.
    [0, 2].into_iter().for_each(|other| lab.hold(1, other));
    edit(&mut lab, 1, step(3));
    lab.run_for(160);
    edit(&mut lab, 2, step(5));
    assert_eq!(steps(&heard(&lab, 0).next.unwrap().0), [5]);
    [0, 2].into_iter().for_each(|other| lab.release(1, other));
    lab.settle();
    assert_eq!(steps(&heard(&lab, 0).next.unwrap().0), [3], "the edit of the later bar goes along");
    lab.run_for(200);
    check_unison(&lab);
    assert_eq!(steps_heard(&lab), [[3]; 3]);
    lab.run_for(2_000);
    assert_eq!(steps_heard(&lab), [[3, 5]; 3]);
}

#[test]
fn who_comes_in_while_edits_wait_hears_what_the_others_hear() {
    let mut lab = band(2);
    edit(&mut lab, 0, Edit::SetEditsAtBar { on: true });
    play(&mut lab, 0);
    lab.run_for(80 + 300);
    edit(&mut lab, 1, step(3));
    lab.add_desk();
    lab.share_clock(77);
    join(&mut lab, 2);
    lab.settle();
    assert_eq!(steps(&lab.desks[2].song()), [3]);
    check_unison(&lab);
    assert_eq!(steps_heard(&lab), [[0; 0]; 3]);
    lab.run_for(2_000);
    check_unison(&lab);
    assert_eq!(steps_heard(&lab), [[3]; 3]);
    assert_eq!(late(&lab, 2), [], "what was before it came is no lateness");
}

#[test]
fn a_stop_a_move_and_the_next_run_bring_what_waits() {
    for act in [Command::Stop, Command::Pause, Command::Locate(Ticks::from_bars(16))] {
        let mut lab = playing_at_bars(2);
        edit(&mut lab, 1, step(3));
        let moves = matches!(act, Command::Locate(_));
        lab.command(0, act);
        lab.settle();
        if moves {
            // With the first frame of the music at its new place, not before.
            let upcoming = lab.desks[0].peer.transport(lab.now().host).unwrap().1.unwrap();
            assert_eq!(heard(&lab, 0).next.unwrap().1, upcoming.first_frame());
        }
        check_unison(&lab);
        assert_eq!(steps_heard(&lab), [[0; 0]; 2]);
        lab.run_for(100);
        check_unison(&lab);
        assert_eq!(steps_heard(&lab), [[3]; 2]);
        assert_eq!(heard(&lab, 0).next, None);
        if !moves {
            edit(&mut lab, 0, step(4));
            assert_eq!(steps_heard(&lab), [[3, 4]; 2], "while nothing plays, nothing waits");
        }
    }
}

#[test]
fn what_is_undone_before_its_bar_is_never_heard() {
    let mut lab = playing_at_bars(2);
    edit(&mut lab, 1, step(3));
    lab.command(1, Command::Undo);
    lab.settle();
    check_unison(&lab);
    for _ in 0..150 {
        lab.run_for(20);
        assert_eq!(steps_heard(&lab), [[0; 0]; 2]);
    }
    lab.command(1, Command::Redo);
    lab.settle();
    assert_eq!(steps_heard(&lab), [[0; 0]; 2], "a redo waits as well");
    lab.run_for(2_000);
    assert_eq!(steps_heard(&lab), [[3]; 2]);
}

#[test]
fn switched_off_what_waits_keeps_its_bar_and_what_comes_is_heard_at_once() {
    let mut lab = playing_at_bars(2);
    edit(&mut lab, 1, step(3));
    edit(&mut lab, 0, Edit::SetEditsAtBar { on: false });
    check_unison(&lab);
    assert_eq!(steps_heard(&lab), [[0; 0]; 2]);
    // It follows what waits, so it waits with it.
    edit(&mut lab, 0, step(4));
    assert_eq!(steps_heard(&lab), [[0; 0]; 2]);
    lab.run_for(1_600);
    assert_eq!(steps_heard(&lab), [[3, 4]; 2]);
    edit(&mut lab, 1, step(5));
    assert_eq!(steps_heard(&lab), [[3, 4, 5]; 2]);
}

#[test]
fn a_launch_does_not_wait_with_edits() {
    let mut lab = playing_at_bars(2);
    edit(&mut lab, 1, step(3));
    let launch = Edit::Launch { patterns: vec![(TRACK, OTHER)], at: None, quantum: Some(Quantum::Beat) };
    edit(&mut lab, 0, launch);
    let current = heard(&lab, 1).song.tracks[0].current;
    let at = current.change_in(run(&lab, 0).start()).unwrap();
    assert!(at < Ticks::from_bars(1) && at.0 % TICKS_PER_QUARTER == 0);
    check_unison(&lab);
    assert_eq!(heard(&lab, 0).next.unwrap().0.tracks[0].current, current);
}

#[test]
fn what_comes_after_its_bar_is_heard_at_once_and_said_to_be_late() {
    let mut lab = playing_at_bars(2);
    lab.cut(0, 1);
    edit(&mut lab, 1, step(3));
    edit(&mut lab, 1, step(5));
    let launch = Edit::SetFill { on: true, at: None, quantum: Some(Quantum::Now) };
    edit(&mut lab, 1, launch);
    lab.command(1, Command::Edit(Edit::SetTempo { tempo: Tempo::from_bpm(130.0).unwrap(), ramp_ns: 0 }));
    lab.run_for(6_000);
    assert_eq!((steps(&heard(&lab, 0).song), steps(&heard(&lab, 1).song)), (vec![], vec![3, 5]));
    lab.connect(0, 1);
    lab.run_for(200);
    check_unison(&lab);
    assert_eq!(steps_heard(&lab), [[3, 5]; 2]);
    assert_eq!(run(&lab, 0), run(&lab, 1));
    let told = late(&lab, 0);
    assert_eq!(told.len(), 1, "each author is told of once a second: {told:?}");
    assert!(told[0].0 == 1 && (4_000 * MS..6_300 * MS).contains(&told[0].2), "{told:?}");
    assert_eq!(lab.desks[0].peer.late_acts(lab.id(1)), 3, "edits, launch and tempo");
    // Nothing of mine is late to me.
    assert_eq!((late(&lab, 1), lab.desks[1].peer.late_acts(lab.id(1))), (vec![], 0));
}

#[test]
fn a_peer_that_starts_again_hears_nothing_early() {
    let mut lab = playing_at_bars(2);
    edit(&mut lab, 0, step(3));
    let session = lab.desks[1].peer.session().unwrap();
    lab.restart(1, session);
    lab.share_clock(77);
    lab.connect(0, 1);
    lab.settle();
    check_unison(&lab);
    assert_eq!(steps_heard(&lab), [[0; 0]; 2]);
    lab.run_for(2_000);
    assert_eq!(steps_heard(&lab), [[3]; 2]);
}

#[test]
fn launches_wait_for_their_own_grid_at_the_same_tick_everywhere() {
    let mut lab = band(3);
    edit(&mut lab, 0, Edit::SetMeter { meter: Meter::new(3, 4).unwrap() });
    edit(&mut lab, 1, Edit::SetQuantum { quantum: Quantum::FourBars });
    play(&mut lab, 0);
    // Some time into bar 5 of 1.5 seconds.
    lab.run_for(80 + 5 * 1_500 + 310);
    let launched = |lab: &mut Lab, quantum| {
        let to = if lab.desks[0].song().tracks[0].current.to == OTHER { PATTERN } else { OTHER };
        edit(lab, 1, Edit::Launch { patterns: vec![(TRACK, to)], at: None, quantum });
        let (now, start) = (tick(lab), run(lab, 0).start());
        let of = |desk: usize| lab.desks[desk].song().tracks[0].current.change_in(start).unwrap();
        let at = of(0);
        assert!([of(1), of(2)] == [at, at] && at > now);
        while tick(lab) < at {
            lab.run_for(20);
        }
        (at - now, at.0 / TICKS_PER_STEP)
    };
    let (wait, at) = launched(&mut lab, Some(Quantum::Now));
    assert!(wait <= TICKS_PER_STEP + Tempo::DEFAULT.ticks_in(80 * MS), "{at}");
    let (wait, at) = launched(&mut lab, Some(Quantum::Beat));
    assert!(at % 4 == 0 && wait <= TICKS_PER_QUARTER + Tempo::DEFAULT.ticks_in(80 * MS), "{at}");
    let (_, at) = launched(&mut lab, Some(Quantum::Bar));
    assert!(at % 12 == 0, "{at}");
    let (_, at) = launched(&mut lab, Some(Quantum::FourBars));
    assert_eq!(at, 8 * 12);
    let (_, at) = launched(&mut lab, None);
    assert_eq!(at, 12 * 12, "the session's quantum counts where a launch has none");
}

#[test]
fn alone_a_launch_leads_by_one_buffer() {
    let mut lab = band(1);
    play(&mut lab, 0);
    // 30 ms before a sixteenth of 125 ms.
    lab.run_for(80 + 20);
    let boundary = run(&lab, 0).next_step(tick(&lab));
    while run(&lab, 0).time_at(boundary) - SessionTime(lab.now().host.0) > 45 * MS {
        lab.run_for(20);
    }
    edit(&mut lab, 0, Edit::SetFill { on: true, at: None, quantum: Some(Quantum::Now) });
    let at = lab.desks[0].song().fill.change_in(run(&lab, 0).start());
    assert_eq!(at, Some(boundary));
}

#[test]
fn a_count_in_a_ramp_and_a_meter_are_the_same_run_everywhere() {
    let mut lab = band(3);
    edit(&mut lab, 2, Edit::SetMeter { meter: Meter::new(7, 8).unwrap() });
    lab.command(1, Command::Play { count_in_bars: 2 });
    lab.settle();
    let counted = run(&lab, 0);
    // Two bars of 7/8 at 120 BPM are 3.5 seconds.
    assert_eq!(counted.start() - SessionTime(lab.now().host.0), (80 + 3_500) * MS);
    assert_eq!(
        (counted.count_in(), counted.meter_at(Ticks::ZERO).to_string()),
        (Ticks(7 * TICKS_PER_QUARTER), "7/8".into())
    );
    lab.run_for(3_580 + 1_000);
    edit(&mut lab, 0, Edit::SetTempo { tempo: Tempo::from_bpm(60.0).unwrap(), ramp_ns: 4_000 * MS });
    lab.run_for(1_000);
    edit(&mut lab, 1, Edit::SetMeter { meter: Meter::DEFAULT });
    lab.run_for(500);
    let run = |lab: &Lab| [0, 1, 2].map(|desk| run(lab, desk));
    let [ada, bo, cy] = run(&lab);
    assert!(ada == bo && bo == cy);
    let slowing = lab.desks[0].peer.tempo(lab.now().host).unwrap().bpm();
    assert!((95.0..101.0).contains(&slowing), "{slowing} BPM after 1.42 s of 4");
    assert_eq!(ada.last_tempo().bpm(), 60.0);
    // The change of meter waited for a bar line of the old one: bars of 3.5 quarters.
    let (at, meter) = ada.meters().last().unwrap();
    assert_eq!((at.0 % (TICKS_PER_QUARTER * 7 / 2), meter), (0, Meter::DEFAULT));
}
