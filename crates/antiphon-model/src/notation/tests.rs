//! Text to pattern and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use antiphon_timeline::{Speed, TICKS_PER_STEP, Ticks};
use proptest::prelude::*;

use super::*;
use crate::{
    Chance, Condition, FreeNote, Humanise, Micro, Name, NoteId, NoteLength, OrderKey, Param, Pattern,
    PatternId, PatternLength, Pitch, Ratchet, Sound, Step, Test, Track, TrackId,
    limits::{CHORD_NOTES_MAX, NOTATION_BYTES_MAX},
};

fn read(text: &str) -> Result<Pattern, NotationError> {
    let mut next = 0u64;
    parse(text, &mut || {
        next += 1;
        let mut id = [0xee; 16];
        id[..8].copy_from_slice(&next.to_be_bytes());
        id
    })
}

/// How many cases a property is tried with; `ANTIPHON_LONG=1` for a long sweep.
pub(crate) fn cases() -> u32 {
    if std::env::var_os("ANTIPHON_LONG").is_some() { 20_000 } else { 250 }
}

fn slip(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

fn plain() -> Pattern {
    Pattern::empty(Name::new("A").unwrap(), OrderKey::first())
}

fn on(pattern: &Pattern) -> String {
    (0..pattern.length.get()).map(|step| if pattern.step(step).on { 'x' } else { '-' }).collect()
}

fn any_step() -> impl Strategy<Value = Step> {
    let conditions: Vec<Condition> = Condition::all()
        .flat_map(|plain| [plain, Condition { negated: plain.test != Test::Always, ..plain }])
        .collect();
    // Most values of most steps are the default.
    let velocity = prop_oneof![Just(100i64), Just(120), Just(62), 1i64..=127].prop_map(Velocity::clamped);
    let length =
        prop_oneof![Just(16i64), (1i64..=6).prop_map(|n| n * 16), 1i64..=4096].prop_map(NoteLength::clamped);
    let pitch = prop_oneof![Just(0i64), -36i64..=36].prop_map(Pitch::clamped);
    let micro = prop_oneof![Just(0i64), -127i64..=127].prop_map(Micro::clamped);
    let ratchet = prop_oneof![Just(1i64), 1i64..=8].prop_map(Ratchet::clamped);
    let chance = prop_oneof![Just(100i64), 0i64..=100].prop_map(Chance::clamped);
    let condition = prop_oneof![Just(Condition::ALWAYS), prop::sample::select(conditions)];
    let any = (any::<bool>(), velocity, pitch, length, any::<bool>(), micro, ratchet, chance, condition)
        .prop_map(|(on, velocity, pitch, length, tie, micro, ratchet, chance, condition)| Step {
            on,
            velocity,
            pitch,
            length,
            tie,
            micro,
            ratchet,
            chance,
            condition,
        });
    prop_oneof![Just(Step { on: true, ..Step::default() }), Just(Step::default()), any]
}

/// Any valid pattern with the name and place that text leaves open.
pub(crate) fn any_pattern() -> impl Strategy<Value = Pattern> {
    let index = prop_oneof![0u16..20, 0u16..256];
    let steps = prop::collection::btree_map(index.clone(), any_step(), 0..24);
    let chord =
        prop::collection::btree_map(-36i64..=36, prop_oneof![Just(16i64), 1i64..=4096], 1..=CHORD_NOTES_MAX);
    let chords = prop::collection::btree_map(index.clone(), chord, 0..6);
    let lock = (index, prop::sample::select(Param::ALL.to_vec()), any::<i16>());
    let locks = prop::collection::vec(lock, 0..12);
    let note = (
        any::<[u8; 16]>(),
        prop_oneof![0..256 * TICKS_PER_STEP, (0i64..256 * 12).prop_map(|n| n * TICKS_PER_STEP / 12)],
        prop_oneof![Just(TICKS_PER_STEP), 1..=256 * TICKS_PER_STEP],
        -36i64..=36,
        prop_oneof![Just(100i64), 1i64..=127],
    );
    let notes = prop::collection::vec(note, 0..8);
    let rest = (prop_oneof![1i64..=20, 1i64..=256], prop::sample::select(Speed::ALL.to_vec()), 0i64..=100);
    (steps, chords, locks, notes, rest).prop_map(
        |(steps, chords, locks, notes, (length, speed, humanise))| Pattern {
            length: PatternLength::clamped(length),
            speed,
            humanise: Humanise::clamped(humanise),
            steps,
            chords: chords
                .into_iter()
                .flat_map(|(step, chord)| {
                    chord.into_iter().map(move |(pitch, length)| {
                        ((step, Pitch::clamped(pitch)), NoteLength::clamped(length))
                    })
                })
                .collect(),
            locks: locks
                .into_iter()
                .map(|(step, param, value)| ((step, param), param.clamped(value.into())))
                .collect::<BTreeMap<_, _>>(),
            notes: Arc::new(
                notes
                    .into_iter()
                    .map(|(id, start, length, pitch, velocity)| {
                        let (start, length) = (Ticks(start), Ticks(length));
                        let (pitch, velocity) = (Pitch::clamped(pitch), Velocity::clamped(velocity));
                        (NoteId(id), FreeNote { start, length, pitch, velocity })
                    })
                    .collect(),
            ),
            ..plain()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn what_is_printed_is_read_as_the_same_pattern(pattern in any_pattern(), melodic in any::<bool>()) {
        let text = print(&pattern, melodic);
        let back = read(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&back, &pattern, "{}", text);
        prop_assert_eq!(print(&back, melodic), text);
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error_at_a_place_of_it(text in "\\PC{0,200}|[-xXo_~.|/ \n\\[\\](){}@#0-9!'=*%?<>:+,a-z]{0,80}") {
        check_hostile(&text)?;
    }

    #[test]
    fn a_damaged_pattern_is_a_pattern_or_an_error_at_a_place_of_it(
        pattern in any_pattern(),
        at in any::<prop::sample::Index>(),
        cut in 0usize..4,
        put in "[-xX~_/\\[\\](){}@#0-9!'=*%?<>:+,\" \nfé—]{0,3}",
    ) {
        let mut text: Vec<char> = print(&pattern, true).chars().collect();
        let at = at.index(text.len());
        text.splice(at..(at + cut).min(text.len()), put.chars());
        check_hostile(&text.into_iter().collect::<String>())?;
    }
}

/// Whatever the text is: what is read prints and reads again; an error lies within the text.
fn check_hostile(text: &str) -> Result<(), TestCaseError> {
    match read(text) {
        Ok(pattern) => {
            prop_assert!(pattern.steps.keys().all(|step| *step < 256));
            prop_assert_eq!(read(&print(&pattern, false)), Ok(pattern));
        }
        Err(error) => {
            let line = text.lines().nth(error.line as usize - 1).unwrap_or_default();
            prop_assert!((1..=line.chars().count() + 1).contains(&(error.column as usize)), "{error}");
        }
    }
    Ok(())
}

#[test]
fn a_line_of_hits_looks_as_it_is_typed() {
    let pattern = read("x---X---o---x---").unwrap();
    assert_eq!(print(&pattern, false), "x---X---o---x---");
    let velocities: Vec<u8> = pattern.steps.values().map(|step| step.velocity.get()).collect();
    assert_eq!(velocities, [100, 120, 62, 100]);
    assert_eq!(pattern.length.get(), 16);
    assert_eq!(print(&plain(), true), "----------------");
}

#[test]
fn what_people_paste_from_a_chat_is_read() {
    for text in [
        "x---x---x---x---",
        "x...x...x...x...",
        "|x---|x---|x---|x---|",
        "  x - - - x - - - x - - - x - - -  ",
        "```\nx---x---\nx---x---\n```",
        "x---x---\r\nx---x---\r\n",
        "# four to the floor\n\u{feff}x---x---x---x---",
    ] {
        assert_eq!(on(&read(text).unwrap()), "x---x---x---x---", "{text:?}");
    }
    assert_eq!(read("O---").unwrap().step(0).velocity, HARD);
}

#[test]
fn every_mark_sets_its_value() {
    let step = |text: &str| read(text).unwrap().step(0);
    let base = Step { on: true, ..Step::default() };
    assert_eq!(step("x!90"), Step { velocity: Velocity::clamped(90), ..base });
    assert_eq!(step("-7!"), Step { velocity: HARD, pitch: Pitch::clamped(-7), ..base });
    assert_eq!(step("+7’"), Step { velocity: SOFT, pitch: Pitch::clamped(7), ..base });
    assert_eq!(step("x=8"), Step { length: NoteLength::clamped(8), ..base });
    assert_eq!(step("x___"), Step { length: NoteLength::clamped(64), ..base });
    assert_eq!(step("x*3%50"), Step { ratchet: Ratchet::clamped(3), chance: Chance::clamped(50), ..base });
    assert_eq!(step("x>12"), Step { micro: Micro::clamped(12), ..base });
    assert_eq!(step("x<12"), Step { micro: Micro::clamped(-12), ..base });
    assert_eq!(step("x?!3:4"), Step { condition: "!3:4".parse().unwrap(), ..base });
    assert_eq!(step("~5"), Step { tie: true, pitch: Pitch::clamped(5), ..base });
    assert_eq!(step("[X*2]"), Step { on: false, velocity: HARD, ratchet: Ratchet::clamped(2), ..base });
    let pattern = read("0(4,7=32) _ x{cutoff:-1200 pan:20}").unwrap();
    let chord: Vec<_> = pattern.chord(0).map(|(pitch, length)| (pitch.get(), length.get())).collect();
    assert_eq!(chord, [(4, 32), (7, 32)]);
    assert_eq!(pattern.locks_of(2).collect::<Vec<_>>(), [(Param::Pan, 20), (Param::Cutoff, -1200)]);
    assert_eq!(print(&pattern, true), "0(4,7) _ 0{pan:20,cutoff:-1200}");
    let pattern = read("speed 3/2 humanise 20\nx--- / x").unwrap();
    assert_eq!((pattern.speed, pattern.humanise.get()), (Speed::ThreeHalves, 20));
    assert_eq!((pattern.length.get(), pattern.step(4).on), (4, true));
}

#[test]
fn a_free_note_without_an_id_gets_a_fresh_one() {
    let pattern = read("x---\n@1 7\n@2+1/3 -5' for 1/2").unwrap();
    let notes: Vec<_> = pattern.notes.iter().map(|(_, note)| *note).collect();
    assert_eq!(notes[0].start, Ticks::ZERO);
    assert_eq!(notes[0].length, Ticks(TICKS_PER_STEP));
    assert_eq!(notes[1].start, Ticks(TICKS_PER_STEP + TICKS_PER_STEP / 3));
    assert_eq!((notes[1].length, notes[1].velocity), (Ticks(TICKS_PER_STEP / 2), SOFT));
    assert!(print(&pattern, false).contains("\n@2+1/3 -5' for 1/2 #"));
    // A caller whose ids repeat loses no note in silence.
    let error = parse("x\n@1 7\n@2 7", &mut || [1; 16]).unwrap_err();
    assert_eq!((error.line, error.reason), (3, NotationReason::NoteExists(NoteId([1; 16]))));
}

#[test]
fn a_slip_is_told_with_its_place_and_what_should_be_there() {
    for (text, told) in [
        ("", "line 1, column 1: there is no step; write x for one that sounds and - for a rest"),
        (
            "x---x---*9",
            "line 1, column 9: '*' stands where a step (x X o - _ ~ [ or a note's number) should be",
        ),
        ("x---x---x*9", "line 1, column 11: ratchet 9 is outside 1 to 8"),
        ("x---\nx%101", "line 2, column 3: chance 101 is outside 0 to 100"),
        ("x=0", "line 1, column 3: note length 0 is outside 1 to 4096"),
        ("x>128", "line 1, column 3: micro-timing 128 is outside -127 to 127"),
        (
            "x<999999999999999999999999",
            "line 1, column 3: micro-timing -1000000000000 is outside -127 to 127",
        ),
        ("37", "line 1, column 1: pitch 37 is outside -36 to 36"),
        ("x!0", "line 1, column 3: velocity 0 is outside 1 to 127"),
        ("x*", "line 1, column 3: the line ends where how often it strikes should be"),
        ("x*2*3", "line 1, column 4: the ratchet is given twice"),
        ("X!90", "line 1, column 2: the velocity is given twice"),
        ("x-5", "line 1, column 2: a note's number stands by itself; put a blank before it"),
        ("x—", "line 1, column 2: a chat has made one long dash of several -; write rests as . instead"),
        ("- _", "line 1, column 3: _ prolongs the note right before it, and there is none"),
        ("[x", "line 1, column 3: the line ends where ] after a step that is off should be"),
        ("x(4", "line 1, column 4: the line ends where a comma or ) should be"),
        ("x(4,4)", "line 1, column 5: a note of the chord is given twice"),
        ("x(1,2,3,4,5,6,7,8)", "line 1, column 17: a step has at most 7 notes beside its own"),
        ("x{pan:101}", "line 1, column 7: pan 101 is outside -100 to 100"),
        ("x{pan:1,pan:2}", "line 1, column 9: pan is given twice"),
        ("/ x", "line 1, column 1: the loop ends before its first step"),
        ("x / x / x", "line 1, column 7: the end of the loop is given twice"),
        ("speed 5\nx", "line 1, column 7: \"5\" is no speed; there are 1/8, 1/4, 1/2, 3/4, 1, 3/2 and 2"),
        ("x\nspeed 2 speed 2", "line 2, column 9: speed is given twice"),
        ("humanise 101", "line 1, column 10: humanise 101 is outside 0 to 100"),
        (
            "@1+1/0 7",
            "line 1, column 6: a free note starts at a step from 1 to 256, and lasts more than 0 and at most 256 steps",
        ),
        (
            "@0 7",
            "line 1, column 1: a free note starts at a step from 1 to 256, and lasts more than 0 and at most 256 steps",
        ),
        (
            "@257 7",
            "line 1, column 1: a free note starts at a step from 1 to 256, and lasts more than 0 and at most 256 steps",
        ),
        ("@1 7 #12", "line 1, column 7: \"12\" is not an identifier of 32 hexadecimal digits"),
        ("@1 7 x", "line 1, column 6: 'x' stands where the end of the line should be"),
        ("track \"Kick", "line 1, column 12: the line ends where \" after a name should be"),
        ("track \"\"", "line 1, column 7: a name needs at least one visible character"),
    ] {
        assert_eq!(slip(text), told, "{text:?}");
    }
    for (text, part) in [
        ("x?maybe", "line 1, column 3: \"maybe\" is no condition"),
        ("x{wobble:3}", "line 1, column 3: no parameter is called \"wobble\""),
        ("kick x---", "line 1, column 1: \"kick\" begins no line"),
        ("track Kick drum:gong", "line 1, column 12: no sound is called \"drum:gong\""),
        ("hello", "line 1, column 1: \"hello\" begins no line"),
    ] {
        assert!(slip(text).starts_with(part), "{}", slip(text));
    }
    assert!(matches!(read(&"x".repeat(257)).unwrap_err().reason, NotationReason::TooManySteps));
    assert_eq!(read(&"x".repeat(256)).unwrap().length, PatternLength::MAX);
}

#[test]
fn too_long_a_text_is_not_read_at_all() {
    let text = "#".repeat(NOTATION_BYTES_MAX + 1);
    assert_eq!(read(&text).unwrap_err().reason, NotationReason::TooLong { bytes: text.len() });
}

#[test]
fn the_fullest_pattern_fits_the_longest_text() {
    let full = Step {
        on: false,
        velocity: Velocity::clamped(111),
        pitch: Pitch::MIN,
        length: NoteLength::clamped(4095),
        tie: true,
        micro: Micro::MIN,
        ratchet: Ratchet::MAX,
        chance: Chance::clamped(11),
        condition: "!8:8".parse().unwrap(),
    };
    let note = FreeNote {
        start: Ticks(256 * TICKS_PER_STEP - 1),
        length: Ticks(256 * TICKS_PER_STEP - 1),
        pitch: Pitch::MIN,
        velocity: Velocity::clamped(111),
    };
    let mut pattern = plain();
    let mut step_bytes = 0;
    for step in 0..256 {
        pattern.steps.insert(step, full);
        pattern.chords.extend((1..=7).map(|n| ((step, Pitch::clamped(-36 + n)), NoteLength::MAX)));
        pattern.locks.extend(Param::ALL.map(|param| ((step, param), param.range().0)));
    }
    step_bytes += print(&pattern, true).len();
    pattern.notes = Arc::new([(NoteId([9; 16]), note)].into_iter().collect());
    let note_bytes = print(&pattern, true).len() - step_bytes;
    assert_eq!(read(&print(&pattern, true)), Ok(pattern));
    assert!(
        step_bytes + note_bytes * crate::limits::NOTES_MAX <= NOTATION_BYTES_MAX,
        "{step_bytes} {note_bytes}"
    );
}

#[test]
fn a_track_is_pasted_with_its_name_and_sound() {
    let mut fresh = || [1; 16];
    let text = "track \"Kick\" drum:kick\nx---x---";
    let track = parse_track(text, &mut fresh).unwrap();
    assert_eq!(track.name, Some(Name::new("Kick").unwrap()));
    assert_eq!(track.sound, Some(Sound::read("drum:kick")));
    assert_eq!(parse(text, &mut fresh).unwrap(), track.pattern);
    let bare = parse_track("x---", &mut fresh).unwrap();
    assert_eq!((bare.name, bare.sound), (None, None));
    let named = parse_track("track Kick speed 2\nx---", &mut fresh).unwrap();
    assert_eq!((named.sound, named.pattern.speed), (None, Speed::Double));

    for (name, sound) in [("Kick", "drum:kick"), ("a \"b\" \\ c: d", "synth:acid")] {
        let name = Name::new(name).unwrap();
        let sound = Sound::read(sound);
        let track = Track::new(
            TrackId([1; 16]),
            name.clone(),
            sound.clone(),
            OrderKey::first(),
            (PatternId([2; 16]), plain()),
        );
        let back = parse_track(&print_track(&track, track.pattern()), &mut fresh).unwrap();
        assert_eq!(back, TrackText { name: Some(name), sound: Some(sound), pattern: plain() });
    }
}

#[test]
fn a_note_is_drawn_as_long_as_it_sounds_where_nothing_is_in_the_way() {
    let mut pattern = read("7 _ _ -").unwrap();
    assert_eq!(print(&pattern, true), "7 _ _ -");
    pattern.steps.insert(2, Step::default());
    assert_eq!(print(&pattern, true), "7=48 - [0] -");
    let over_the_end = read("- - - x=32").unwrap();
    assert_eq!(print(&over_the_end, false), "--- x=32");
}

#[test]
fn more_notes_than_a_pattern_holds_are_refused_where_they_begin() {
    let text = "@1 7\n".repeat(crate::limits::NOTES_MAX + 1);
    let error = read(&text).unwrap_err();
    assert_eq!(
        (error.line as usize, error.reason),
        (crate::limits::NOTES_MAX + 1, NotationReason::TooManyNotes)
    );
}

#[test]
fn the_page_about_the_notation_is_right() {
    let page = include_str!("../../../../docs/NOTATION.md");
    let examples: Vec<&str> = page.split("\n```\n").skip(1).step_by(2).collect();
    assert!(examples.len() >= 4);
    for line in examples.iter().flat_map(|example| example.lines()).filter(|line| !line.starts_with('#')) {
        read(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    let mut errors = 0;
    for row in page.lines().filter(|row| row.contains("| line 1, ")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let text = cells[0].trim_start_matches("| `").trim_end_matches('`');
        assert_eq!(slip(text), cells[1].trim_end_matches(" |"));
        errors += 1;
    }
    assert!(errors >= 7);
}
