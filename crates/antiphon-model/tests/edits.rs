//! An edit is checked once, against the song it is for.

use std::sync::Arc;

use antiphon_model::{
    Colour, Condition, ConditionError, Edit, EditError, FreeNote, Gain, Moment, Name, NoteId, NoteLength,
    OrderKey, Param, Pattern, PatternId, PatternLength, Pitch, PlayMode, RangeError, Reshape, SampleId,
    SampleInfo, SceneId, SessionId, Song, Sound, StepPatch, Strip, StripPatch, Test, Track, TrackId,
    Velocity,
    limits::{CHORD_NOTES_MAX, NOTES_MAX, NOTES_PER_EDIT_MAX, SAMPLES_MAX, STEPS_PER_EDIT_MAX, TRACKS_MAX},
};
use antiphon_timeline::{SessionTime, Tempo, Ticks};

const TRACK: TrackId = TrackId([1; 16]);
const PATTERN: PatternId = PatternId([2; 16]);
const NOBODY: TrackId = TrackId([9; 16]);

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn track(id: TrackId, order: OrderKey) -> Track {
    let pattern = Pattern::empty(name("A"), OrderKey::first());
    Track::new(id, name("Kick"), Sound::read("drum:kick"), order, (PATTERN, pattern))
}

fn song() -> Song {
    Song { tracks: vec![track(TRACK, OrderKey::first())], ..Song::empty(SessionId([0; 16]), name("Jam")) }
}

fn info() -> SampleInfo {
    SampleInfo { name: name("Rain"), frames: 48_000, channels: 1, bytes: 90_000 }
}

fn add(track: TrackId, sound: Sound) -> Edit {
    let order = OrderKey::first();
    Edit::AddTrack {
        track,
        pattern: PATTERN,
        name: name("New"),
        colour: Colour::DEFAULT,
        sound,
        order,
        content: None,
    }
}

fn steps(steps: Vec<(u16, StepPatch)>) -> Edit {
    Edit::SetSteps { track: TRACK, pattern: PATTERN, steps }
}

fn on() -> StepPatch {
    StepPatch { on: Some(true), ..StepPatch::default() }
}

#[test]
fn an_edit_that_fits_is_kept_as_it_is() {
    for edit in [
        Edit::RenameSession { name: name("Evening") },
        Edit::SetTempo { tempo: Tempo::MAX, ramp_ns: 0 },
        Edit::RemoveTrack { track: TRACK },
        Edit::RestoreTrack { track: NOBODY },
        Edit::SetStrip { track: TRACK, strip: StripPatch { mute: Some(true), ..StripPatch::default() } },
        steps(vec![(0, on()), (15, StepPatch { velocity: Some(Velocity::MAX), ..StepPatch::default() })]),
        Edit::ClearPattern { track: TRACK, pattern: PATTERN },
        Edit::AddSample { sample: SampleId([3; 32]), info: info() },
        add(NOBODY, Sound::read("synth:bass")),
    ] {
        assert_eq!(edit.clone().validate(&song()).unwrap().edit(), &edit);
    }
}

#[test]
fn an_edit_of_a_track_that_is_not_there_says_so() {
    for edit in [
        Edit::RemoveTrack { track: NOBODY },
        Edit::RenameTrack { track: NOBODY, name: name("X") },
        Edit::SetTrackColour { track: NOBODY, colour: Colour::MAX },
        Edit::MoveTrack { track: NOBODY, order: OrderKey::first() },
        Edit::SetSound { track: NOBODY, sound: Sound::read("drum:kick") },
        Edit::SetStrip { track: NOBODY, strip: StripPatch { solo: Some(true), ..StripPatch::default() } },
        Edit::ClearPattern { track: NOBODY, pattern: PATTERN },
        Edit::SetPatternLength { track: NOBODY, pattern: PATTERN, length: PatternLength::MAX },
        Edit::SetSteps { track: NOBODY, pattern: PATTERN, steps: vec![(0, on())] },
    ] {
        assert_eq!(edit.validate(&song()), Err(EditError::NoTrack(NOBODY)));
    }
}

#[test]
fn an_edit_of_a_pattern_that_is_not_there_says_so() {
    let pattern = PatternId([8; 16]);
    let edit = Edit::SetSteps { track: TRACK, pattern, steps: vec![(0, on())] };
    assert_eq!(edit.validate(&song()), Err(EditError::NoPattern { track: TRACK, pattern }));
}

#[test]
fn steps_lie_in_their_pattern() {
    assert_eq!(steps(vec![(16, on())]).validate(&song()), Err(EditError::NoStep { step: 16, length: 16 }));
}

#[test]
fn an_edit_that_sets_nothing_is_refused() {
    assert_eq!(steps(vec![]).validate(&song()), Err(EditError::Empty));
    assert_eq!(steps(vec![(0, on()), (1, StepPatch::default())]).validate(&song()), Err(EditError::Empty));
    let strip = StripPatch::default();
    assert_eq!(Edit::SetStrip { track: TRACK, strip }.validate(&song()), Err(EditError::Empty));
}

#[test]
fn one_edit_has_a_bounded_number_of_steps() {
    let edit = steps(vec![(0, on()); STEPS_PER_EDIT_MAX + 1]);
    assert_eq!(edit.validate(&song()), Err(EditError::TooManySteps));
    assert!(steps(vec![(0, on()); STEPS_PER_EDIT_MAX]).validate(&song()).is_ok());
}

#[test]
fn a_track_plays_with_a_sound_that_is_there() {
    let unknown = || Sound::Unknown("theremin".into());
    assert_eq!(add(NOBODY, unknown()).validate(&song()), Err(EditError::UnknownSound));
    assert_eq!(
        Edit::SetSound { track: TRACK, sound: unknown() }.validate(&song()),
        Err(EditError::UnknownSound)
    );
    let id = SampleId([5; 32]);
    let edit = Edit::SetSound { track: TRACK, sound: Sound::Sample(id) };
    assert_eq!(edit.clone().validate(&song()), Err(EditError::NoSample(id)));
    let mut song = song();
    song.samples.insert(id, info());
    assert!(edit.validate(&song).is_ok());
}

#[test]
fn a_session_is_full_at_its_limits() {
    let mut song = song();
    assert_eq!(add(TRACK, Sound::read("drum:kick")).validate(&song), Err(EditError::TrackExists(TRACK)));
    for n in 1..TRACKS_MAX as u8 {
        song.tracks.push(track(TrackId([100 + n; 16]), OrderKey::first()));
    }
    assert_eq!(add(NOBODY, Sound::read("drum:kick")).validate(&song), Err(EditError::TooManyTracks));
    song.samples = (0..SAMPLES_MAX)
        .map(|n| (SampleId(std::array::from_fn(|at| if at < 2 { (n >> (8 * at)) as u8 } else { 0 })), info()))
        .collect();
    let known = *song.samples.keys().next().unwrap();
    assert!(Edit::AddSample { sample: known, info: info() }.validate(&song).is_ok());
    let new = Edit::AddSample { sample: SampleId([255; 32]), info: info() };
    assert_eq!(new.validate(&song), Err(EditError::TooManySamples));
}

#[test]
fn a_track_moves_to_the_index_it_was_dragged_to() {
    let ids: Vec<TrackId> = (0..5).map(|n| TrackId([n; 16])).collect();
    for from in 0..ids.len() {
        for to in 0..ids.len() {
            let mut song = song();
            song.tracks.clear();
            for id in &ids {
                let order = song.order_at(song.tracks.len(), None);
                song.tracks.push(track(*id, order));
            }
            let order = song.order_at(to, Some(ids[from]));
            song.tracks[from].order = order;
            song.tracks.sort_by(|a, b| (&a.order, a.id).cmp(&(&b.order, b.id)));
            assert_eq!(song.tracks.iter().position(|track| track.id == ids[from]), Some(to));
        }
    }
}

#[test]
fn a_strip_patch_sets_only_its_fields() {
    let strip = Strip { mute: true, ..Strip::default() };
    let patch = StripPatch { gain: Some(Gain::MAX), ..StripPatch::default() };
    assert_eq!(patch.applied_to(strip), Strip { gain: Gain::MAX, ..strip });
}

#[test]
fn a_whole_pattern_from_outside_is_checked_to_the_last_note() {
    use antiphon_model::Step;

    let verdict = |fill: &dyn Fn(&mut Pattern)| {
        let mut pattern = Pattern::empty(name("B"), OrderKey::first());
        fill(&mut pattern);
        let content = Box::new(pattern.clone());
        let set = Edit::SetPattern { track: TRACK, pattern: PATTERN, content: content.clone() };
        let add = Edit::AddPattern { track: TRACK, pattern: PatternId([77; 16]), like: content };
        let (set, add) = (set.validate(&song()), add.validate(&song()));
        assert_eq!(set.is_ok(), add.is_ok());
        set.map(|_| ())
    };
    let chord = |pattern: &mut Pattern, notes: i64| {
        pattern.chords.extend((0..notes).map(|n| ((3, Pitch::clamped(n)), NoteLength::DEFAULT)));
    };
    let note = |start| {
        let (pitch, velocity) = (Pitch::DEFAULT, Velocity::DEFAULT);
        (NoteId([1; 16]), FreeNote { start: Ticks(start), length: Ticks(1), pitch, velocity })
    };
    let full = CHORD_NOTES_MAX as i64;
    assert_eq!(
        verdict(&|pattern| {
            pattern.steps.insert(255, Step::default());
            chord(pattern, full);
            pattern.chords.insert((4, Pitch::MIN), NoteLength::DEFAULT);
        }),
        Ok(())
    );
    let outside = EditError::NoStep { step: 256, length: 256 };
    assert_eq!(verdict(&|pattern| pattern.steps.extend([(256, Step::default())])), Err(outside.clone()));
    assert_eq!(verdict(&|pattern| pattern.locks.extend([((256, Param::Pan), 0)])), Err(outside));
    assert_eq!(verdict(&|pattern| chord(pattern, full + 1)), Err(EditError::TooManyChordNotes));
    assert!(matches!(
        verdict(&|pattern| pattern.locks.extend([((0, Param::Start), -1)])),
        Err(EditError::Range(_))
    ));
    let never = Condition { negated: true, ..Condition::ALWAYS };
    assert_eq!(
        verdict(&|pattern| pattern.steps.extend([(9, Step { condition: never, ..Step::default() })])),
        Err(EditError::Condition(ConditionError::Never))
    );
    let notes =
        |start| verdict(&|pattern| pattern.notes = std::sync::Arc::new([note(start)].into_iter().collect()));
    assert_eq!((notes(0), notes(-1)), (Ok(()), Err(EditError::NotePlace)));
}

/// The error of the first parameter that is out of its range.
#[track_caller]
fn refused(edit: Edit) -> EditError {
    edit.validate(&song()).unwrap_err()
}

#[test]
fn a_tool_is_given_numbers_it_can_use() {
    let out_of_range = |reshape, what, value, min, max| {
        let edit = Edit::Reshape { track: TRACK, pattern: PATTERN, reshape };
        assert_eq!(refused(edit), EditError::Range(RangeError { what, value, min, max }));
    };
    out_of_range(Reshape::Euclid { hits: 17, rotation: 0 }, "number of hits", 17, 0, 16);
    out_of_range(Reshape::Euclid { hits: 16, rotation: -257 }, "rotation", -257, -256, 256);
    out_of_range(Reshape::Rotate { steps: 257 }, "rotation", 257, -256, 256);
    out_of_range(Reshape::Transpose { semitones: -73 }, "transposition", -73, -72, 72);
    for reshape in [
        Reshape::Euclid { hits: 0, rotation: -256 },
        Reshape::Rotate { steps: 256 },
        Reshape::Transpose { semitones: 72 },
        Reshape::Mirror,
    ] {
        assert!(Edit::Reshape { track: TRACK, pattern: PATTERN, reshape }.validate(&song()).is_ok());
    }
}

#[test]
fn mirrored_notes_still_fit_the_pattern() {
    let mut song = song();
    let note = |n: u32| {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let (pitch, velocity) = (Pitch::DEFAULT, Velocity::DEFAULT);
        (NoteId(id), FreeNote { start: Ticks(n.into()), length: Ticks(1), pitch, velocity })
    };
    let mut with_notes = |count: usize| {
        let mut pattern = Pattern::empty(name("A"), OrderKey::first());
        pattern.notes = Arc::new((0..count as u32).map(note).collect());
        song.tracks[0].patterns.insert(PATTERN, Arc::new(pattern));
        Edit::Reshape { track: TRACK, pattern: PATTERN, reshape: Reshape::Mirror }.validate(&song).map(|_| ())
    };
    assert_eq!(with_notes(NOTES_MAX / 2), Ok(()));
    assert_eq!(with_notes(NOTES_MAX / 2 + 1), Err(EditError::TooManyNotes));
}

#[test]
fn what_plays_changes_at_bars() {
    let at = |tick| Some(Moment { run: SessionTime(0), tick: Ticks(tick) });
    let launch = |at| Edit::Launch { patterns: vec![(TRACK, PATTERN)], at, quantum: None };
    assert_eq!(refused(launch(at(1))), EditError::NotOnASixteenth);
    assert_eq!(refused(Edit::SetFill { on: true, at: at(-1), quantum: None }), EditError::NotOnASixteenth);
    assert_eq!(
        refused(Edit::SetPlayMode { mode: PlayMode::Chain, at: at(7), quantum: None }),
        EditError::NotOnASixteenth
    );
    for at in [None, at(0), Some(Moment { run: SessionTime(0), tick: Ticks::from_bars(3) })] {
        assert!(launch(at).validate(&song()).is_ok());
    }
    let many = vec![(TRACK, PATTERN); TRACKS_MAX + 1];
    assert_eq!(
        refused(Edit::Launch { patterns: many.clone(), at: None, quantum: None }),
        EditError::TooManySlots
    );
    let scene = Edit::AddScene {
        scene: SceneId([1; 16]),
        name: name("Verse"),
        order: OrderKey::first(),
        slots: many,
    };
    assert_eq!(refused(scene), EditError::TooManySlots);
}

#[test]
fn a_condition_counts_cycles_that_there_are() {
    let condition = |test, negated| {
        let condition = Some(Condition { test, negated });
        steps(vec![(0, StepPatch { condition, ..StepPatch::default() })])
    };
    for (hit, of) in [(0, 0), (1, 1), (0, 4), (5, 4), (1, 9)] {
        let error = refused(condition(Test::Ratio { hit, of }, false));
        assert!(matches!(error, EditError::Condition(ConditionError::Range(_))), "{hit}:{of} {error}");
    }
    assert_eq!(refused(condition(Test::Always, true)), EditError::Condition(ConditionError::Never));
    assert!(condition(Test::Ratio { hit: 8, of: 8 }, true).validate(&song()).is_ok());
}

#[test]
fn every_list_of_an_edit_is_bounded_and_in_range() {
    let (track, pattern) = (TRACK, PATTERN);
    let chords = |notes| refused(Edit::SetChords { track, pattern, notes });
    let chord = |step: u16, n: i64| (step, Pitch::clamped(n), Some(NoteLength::DEFAULT));
    assert_eq!(chords(vec![]), EditError::Empty);
    assert_eq!(chords(vec![chord(16, 0)]), EditError::NoStep { step: 16, length: 16 });
    assert_eq!(chords((0..8).map(|n| chord(0, n)).collect()), EditError::TooManyChordNotes);
    assert_eq!(chords(vec![chord(0, 0); 7 * 256 + 1]), EditError::TooManySteps);
    let locks = |locks| refused(Edit::SetLocks { track, pattern, locks });
    assert_eq!(locks(vec![]), EditError::Empty);
    assert_eq!(locks(vec![(16, Param::Pan, None)]), EditError::NoStep { step: 16, length: 16 });
    assert_eq!(locks(vec![(0, Param::Pan, None); 2561]), EditError::TooManySteps);
    for param in Param::ALL {
        let (min, max) = param.range();
        for value in [min - 1, max + 1] {
            let range =
                RangeError { what: param.key(), value: value.into(), min: min.into(), max: max.into() };
            assert_eq!(locks(vec![(0, param, Some(value))]), EditError::Range(range.clone()));
            let expected =
                if param == Param::Pan { EditError::PanIsTheStrips } else { EditError::Range(range) };
            assert_eq!(refused(Edit::SetParam { track, param, value: Some(value) }), expected);
        }
    }
    let notes = |notes| refused(Edit::SetNotes { track, pattern, notes });
    let note = |start: i64, length: i64| {
        let (pitch, velocity) = (Pitch::DEFAULT, Velocity::DEFAULT);
        Some(FreeNote { start: Ticks(start), length: Ticks(length), pitch, velocity })
    };
    assert_eq!(notes(vec![]), EditError::Empty);
    let end = Ticks::from_steps(256).0;
    for (start, length) in [(-1, 1), (end, 1), (0, 0), (0, -1), (0, end + 1)] {
        assert_eq!(notes(vec![(NoteId([1; 16]), note(start, length))]), EditError::NotePlace);
    }
    assert_eq!(notes(vec![(NoteId([1; 16]), None); NOTES_PER_EDIT_MAX + 1]), EditError::TooManyNotes);
    let info = SampleInfo { channels: 3, ..info() };
    let channels = RangeError { what: "channels", value: 3, min: 1, max: 2 };
    assert_eq!(refused(Edit::AddSample { sample: SampleId([1; 16 * 2]), info }), EditError::Range(channels));
}
