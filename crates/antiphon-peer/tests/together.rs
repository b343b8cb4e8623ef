//! Peers that find one another, let one another in, and play together.

mod lab;

use antiphon_membership::Role;
use antiphon_model::{Colour, Edit, Name, OrderKey, PatternId, Sound, StepPatch, TrackId};
use antiphon_peer::{Change, Command, CommandError, Standing, Stream};
use antiphon_timeline::{Run, SessionTime, Tempo, Transport};
use lab::Lab;

const TRACK: TrackId = TrackId([7; 16]);
const PATTERN: PatternId = PatternId([8; 16]);

fn kick() -> Edit {
    Edit::AddTrack {
        track: TRACK,
        pattern: PATTERN,
        name: Name::new("Kick").unwrap(),
        colour: Colour::DEFAULT,
        sound: "drum:kick".parse::<Sound>().unwrap(),
        order: OrderKey::first(),
        content: None,
    }
}

fn toggle(step: u16) -> Command {
    let on = StepPatch { on: Some(true), ..StepPatch::default() };
    Command::Edit(Edit::SetSteps { track: TRACK, pattern: PATTERN, steps: vec![(step, on)] })
}

/// Ada founded a session; Bo was let in.
fn pair(eager: Stream) -> Lab {
    let mut lab = Lab::new(2);
    lab.eager = eager;
    lab.found(0, vec![kick()]);
    // Bo was busy with something of his own.
    lab.found(1, vec![]);
    lab.connect(0, 1);
    lab.join(1, 0, Some(Role::Editor));
    lab
}

fn run(lab: &Lab, at: usize) -> Run {
    match lab.desks[at].peer.transport(lab.now().host).unwrap().0 {
        Transport::Playing(run) => run,
        stopped => panic!("{stopped:?}"),
    }
}

#[test]
fn a_friend_who_is_let_in_has_the_session_at_once_whichever_stream_is_faster() {
    for eager in [Stream::Control, Stream::Sync] {
        let lab = pair(eager);
        assert_eq!(lab.desks[1].song(), lab.desks[0].song(), "{eager:?}");
        assert_eq!(lab.desks[1].peer.role(), Some(Role::Editor));
        assert_eq!(lab.desks[0].clock_members.len(), 1);
        assert_eq!(lab.desks[1].clock_members.len(), 1);
    }
}

#[test]
fn each_ones_edit_reaches_the_other_at_once_whichever_stream_is_faster() {
    for eager in [Stream::Control, Stream::Sync] {
        let mut lab = pair(eager);
        for (at, step) in [(1, 3), (0, 5), (1, 7), (0, 9)] {
            lab.command(at, toggle(step));
            lab.settle();
            for desk in &lab.desks {
                assert!(desk.song().tracks[0].pattern().steps[&step].on, "{eager:?}: step {step} of {at}");
            }
        }
    }
}

#[test]
fn an_edit_of_another_is_told_with_its_author() {
    let mut lab = pair(Stream::Sync);
    lab.command(1, toggle(3));
    lab.settle();
    let author = Some(lab.id(1));
    let told = |change: &Change| matches!(change, Change::Song { author: who, touched } if *who == author && !touched.steps.is_empty());
    assert!(lab.desks[0].changes.iter().any(told));
}

#[test]
fn a_stranger_gets_nothing_before_the_owner_says_yes() {
    let mut lab = Lab::new(2);
    lab.found(0, vec![kick()]);
    lab.connect(0, 1);
    lab.join(1, 0, None);
    assert!(lab.desks[1].peer.song().is_none());
    let nearby = lab.desks[1].peer.nearby();
    assert!(matches!(nearby[0].standing, Standing::Refused { .. }), "{nearby:?}");
}

#[test]
fn a_listener_hears_everything_and_changes_nothing() {
    let mut lab = Lab::new(2);
    lab.found(0, vec![kick()]);
    lab.connect(0, 1);
    lab.join(1, 0, Some(Role::Listener));
    assert_eq!(lab.desks[1].song(), lab.desks[0].song());
    assert!(matches!(lab.try_command(1, toggle(1)), Err(CommandError::Listener)));
    assert!(matches!(lab.try_command(1, Command::Play { count_in_bars: 0 }), Err(CommandError::Listener)));
}

#[test]
fn a_launch_takes_effect_on_the_same_bar_everywhere() {
    let mut lab = pair(Stream::Sync);
    lab.share_clock(77);
    let second = PatternId([9; 16]);
    let like = (**lab.desks[0].song().tracks[0].pattern()).clone();
    lab.command(0, Command::Edit(Edit::AddPattern { track: TRACK, pattern: second, like: Box::new(like) }));
    lab.command(1, Command::Play { count_in_bars: 0 });
    lab.run_for(700);
    let launch = Edit::Launch { patterns: vec![(TRACK, second)], at: None, quantum: None };
    lab.command(1, Command::Edit(launch));
    lab.run_for(400);
    let current = lab.desks[0].song().tracks[0].current;
    assert_eq!(lab.desks[1].song().tracks[0].current, current);
    let bar = current.change_in(run(&lab, 0).start()).expect("it waits for a bar");
    assert_eq!(bar.0 % antiphon_timeline::TICKS_PER_BAR, 0);
    for desk in 0..2 {
        let run = run(&lab, desk);
        assert!(run.tick_at(SessionTime(lab.now().host.0)) < bar, "it had come already");
        assert_eq!((current.at(run.start(), bar + -1), current.at(run.start(), bar)), (PATTERN, second));
    }
    // My launch is mine to undo.
    lab.command(1, Command::Undo);
    lab.settle();
    assert!(lab.desks.iter().all(|desk| desk.song().tracks[0].current.to == PATTERN));
}

#[test]
fn a_launch_that_arrives_after_its_bar_is_followed_at_once() {
    let mut lab = pair(Stream::Sync);
    lab.share_clock(77);
    let second = PatternId([9; 16]);
    let like = (**lab.desks[0].song().tracks[0].pattern()).clone();
    lab.command(0, Command::Edit(Edit::AddPattern { track: TRACK, pattern: second, like: Box::new(like) }));
    lab.command(0, Command::Play { count_in_bars: 0 });
    lab.run_for(700);
    lab.cut(0, 1);
    lab.command(0, Command::Edit(Edit::Launch { patterns: vec![(TRACK, second)], at: None, quantum: None }));
    lab.run_for(5_000);
    let heard = |lab: &Lab, desk: usize| {
        let run = run(lab, desk);
        let tick = run.tick_at(SessionTime(lab.now().host.0));
        lab.desks[desk].song().tracks[0].current.at(run.start(), tick)
    };
    assert_eq!((heard(&lab, 0), heard(&lab, 1)), (second, PATTERN));
    lab.connect(0, 1);
    lab.run_for(400);
    assert_eq!((heard(&lab, 0), heard(&lab, 1)), (second, second));
}

#[test]
fn everybody_knows_who_pressed_last() {
    let mut lab = pair(Stream::Sync);
    lab.share_clock(77);
    lab.command(1, Command::Play { count_in_bars: 0 });
    lab.run_for(400);
    let (ada, bo) = (lab.id(0), lab.id(1));
    let pressed = |lab: &Lab| [0, 1].map(|desk: usize| lab.desks[desk].peer.pressed_by());
    assert_eq!(pressed(&lab), [Some(bo), None]);
    lab.command(0, Command::Stop);
    lab.run_for(400);
    assert_eq!(pressed(&lab), [None, Some(ada)]);
}

#[test]
fn play_stop_and_tempo_land_on_the_same_tick_everywhere() {
    let mut lab = pair(Stream::Sync);
    lab.share_clock(77);
    lab.command(1, Command::Play { count_in_bars: 0 });
    lab.run_for(400);
    assert_eq!(run(&lab, 0), run(&lab, 1));
    lab.command(0, Command::Edit(Edit::SetTempo { tempo: Tempo::from_bpm(150.0).unwrap(), ramp_ns: 0 }));
    lab.run_for(400);
    assert_eq!(run(&lab, 0), run(&lab, 1));
    assert_eq!(run(&lab, 0).segments().len(), 2);
    lab.command(1, Command::Pause);
    lab.run_for(400);
    for desk in &lab.desks {
        let at = desk.peer.transport(lab.now().host).unwrap().0;
        assert!(matches!(at, Transport::Stopped { .. }), "{at:?}");
    }
}

#[test]
fn music_that_plays_goes_on_when_the_clock_follows_another_that_nobody_played_by() {
    let mut lab = pair(Stream::Sync);
    lab.share_clock(77);
    lab.command(0, Command::Play { count_in_bars: 0 });
    lab.run_for(1_000);
    let before = run(&lab, 0).tick_at(lab.desks[0].peer.session_time(lab.now().host));
    lab.share_clock(78);
    lab.run_for(1_000);
    let after = run(&lab, 0).tick_at(lab.desks[0].peer.session_time(lab.now().host));
    let second = Tempo::DEFAULT.ticks_in(1_000_000_000);
    assert!((after - before - second).abs() <= 4, "{} ticks off", after - before - second);
    assert_eq!(run(&lab, 0), run(&lab, 1));
}

#[test]
fn what_both_did_apart_is_there_after_they_meet_again() {
    let mut lab = pair(Stream::Sync);
    lab.cut(0, 1);
    for step in 0..8 {
        lab.command(0, toggle(step));
        lab.command(1, toggle(step + 8));
    }
    lab.connect(0, 1);
    lab.run_for(5_000);
    assert_eq!(lab.desks[0].song(), lab.desks[1].song());
    let on = lab.desks[0].song().tracks[0].pattern().steps.values().filter(|step| step.on).count();
    assert_eq!(on, 16);
}

#[test]
fn a_member_comes_back_without_asking_after_a_restart() {
    let mut lab = pair(Stream::Sync);
    let session = lab.desks[0].peer.session().unwrap();
    lab.restart(1, session);
    lab.command(0, toggle(2));
    lab.connect(0, 1);
    lab.run_for(3_000);
    assert!(lab.desks[0].peer.join_requests().is_empty());
    assert_eq!(lab.desks[0].song(), lab.desks[1].song());
}

#[test]
fn two_members_who_never_met_find_together_while_the_owner_is_away() {
    for eager in [Stream::Control, Stream::Sync] {
        let mut lab = Lab::new(3);
        lab.eager = eager;
        lab.found(0, vec![kick()]);
        for guest in [1, 2] {
            lab.connect(0, guest);
            lab.join(guest, 0, Some(Role::Editor));
            lab.cut(0, guest);
        }
        lab.command(1, toggle(4));
        lab.connect(1, 2);
        lab.run_for(3_000);
        assert_eq!(lab.desks[1].song(), lab.desks[2].song(), "{eager:?}");
        lab.command(2, toggle(6));
        lab.settle();
        assert!(lab.desks[1].song().tracks[0].pattern().steps[&6].on, "{eager:?}");
    }
}

#[test]
fn undo_takes_back_my_own_edit_only() {
    let mut lab = pair(Stream::Sync);
    lab.command(0, toggle(1));
    lab.command(1, toggle(2));
    lab.settle();
    lab.command(0, Command::Undo);
    lab.settle();
    for desk in &lab.desks {
        let pattern = desk.song().tracks[0].pattern().clone();
        assert!(!pattern.steps.get(&1).is_some_and(|step| step.on));
        assert!(pattern.steps[&2].on);
    }
}

#[test]
fn control_bytes_of_any_kind_are_harmless() {
    let mut lab = pair(Stream::Sync);
    let peer = lab.id(1);
    for length in [0, 1, 3, 4, 5, 100, 300_000] {
        for fill in [0u8, 1, 7, 0x80, 0xff] {
            for stream in [Stream::Control, Stream::Sync, Stream::Blob] {
                // Frames that name no session of ours are ignored; none may panic.
                let bytes = vec![fill; length];
                lab.input(0, antiphon_peer::Input::Frame { peer, stream, bytes });
            }
        }
    }
    // Some of these bytes are a hello that shows another session: Bo says again where he is.
    lab.command(1, Command::SetName(Name::new("Bo").unwrap()));
    lab.settle();
    lab.command(0, toggle(1));
    lab.run_for(3_000);
    assert_eq!(lab.desks[0].song(), lab.desks[1].song());
}

#[test]
fn a_rename_reaches_everyone_nearby() {
    let mut lab = pair(Stream::Sync);
    let shown = |lab: &Lab, at: usize| lab.desks[at].peer.nearby()[0].session.clone().map(|(_, name)| name);
    // Bo shows the name that he received, not the empty session's.
    assert_eq!(shown(&lab, 0).as_deref(), Some("Jam"));
    lab.command(0, Command::Edit(Edit::RenameSession { name: Name::new("Night bus").unwrap() }));
    lab.settle();
    assert_eq!(shown(&lab, 0).as_deref(), Some("Night bus"));
    assert_eq!(shown(&lab, 1).as_deref(), Some("Night bus"));
}
