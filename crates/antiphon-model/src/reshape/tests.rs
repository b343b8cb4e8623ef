//! What every tool keeps, and what each one promises.

use std::collections::BTreeSet;

use antiphon_timeline::{TICKS_PER_STEP, Ticks};
use proptest::prelude::*;

use super::*;
use crate::{
    FreshId, Micro, NoteLength, Param, Step,
    limits::CHORD_NOTES_MAX,
    notation::{
        self,
        tests::{any_pattern, cases},
    },
};

fn read(text: &str) -> Pattern {
    let mut next = 0u8;
    let fresh: &mut FreshId = &mut || {
        next += 1;
        [next; 16]
    };
    notation::parse(text, fresh).unwrap()
}

fn text(pattern: &Pattern) -> String {
    notation::print(pattern, false)
}

/// Compares what was made with what text stands for.
fn check(made: &Pattern, expected: &str) {
    assert_eq!(text(made), text(&read(expected)));
}

fn any_block() -> impl Strategy<Value = Block> {
    (0i64..12).prop_map(Block::clamped)
}

fn any_grid() -> impl Strategy<Value = QuantiseGrid> {
    use QuantiseGrid::*;
    prop::sample::select(vec![ThirtySecond, Sixteenth, SixteenthTriplet, Eighth, EighthTriplet, Quarter])
}

fn any_tool() -> impl Strategy<Value = Reshape> {
    prop_oneof![
        (0u16..=256, -256i16..=256).prop_map(|(hits, rotation)| Reshape::Euclid { hits, rotation }),
        any::<i16>().prop_map(|steps| Reshape::Rotate { steps }),
        Just(Reshape::Invert),
        Just(Reshape::Reverse),
        Just(Reshape::Mirror),
        any::<i8>().prop_map(|semitones| Reshape::Transpose { semitones }),
        (any_grid(), 0i64..=100)
            .prop_map(|(grid, strength)| Reshape::Quantise { grid, strength: Percent::clamped(strength) }),
        (any_block(), any_block()).prop_map(|(colour, rhythm)| Reshape::Block { colour, rhythm }),
    ]
}

/// A note of the steps as it is heard: where it begins, through how many steps it lasts by its ties, and what it is.
type Heard = (usize, usize, Step, Vec<(Pitch, NoteLength)>, Vec<(Param, i16)>);

fn heard(pattern: &Pattern) -> Vec<Heard> {
    let cells = cells::of(pattern);
    let mut notes: Vec<Heard> = cells::spans(&cells)
        .into_iter()
        .filter(|span| cells[span.first].strikes())
        .map(|span| {
            let cell = cells[span.first].clone();
            // With ties, the own length of the step that strikes does not count, and the last one's does.
            let last = (span.first + span.cells - 1) % cells.len();
            let length = cells[last].step.unwrap().length;
            (span.first, span.cells, Step { length, ..cell.step.unwrap() }, cell.chord, cell.locks)
        })
        .collect();
    notes.sort_by_key(|note| note.0);
    notes
}

fn beyond(pattern: &Pattern) -> Pattern {
    let length = pattern.length.get();
    let end = Ticks(cells::ticks(pattern));
    let mut pattern = pattern.clone();
    pattern.steps.retain(|step, _| *step >= length);
    pattern.chords.retain(|(step, _), _| *step >= length);
    pattern.locks.retain(|(step, _), _| *step >= length);
    let notes = pattern.notes.iter().filter(|(_, note)| note.start >= end).map(|(id, note)| (id, *note));
    pattern.notes = std::sync::Arc::new(notes.collect());
    pattern
}

fn micro(pattern: &Pattern, step: u16) -> i64 {
    pattern.step(step).micro.get().into()
}

fn quantised(pattern: &Pattern, grid: QuantiseGrid, strength: i64) -> Pattern {
    reshaped(pattern, Reshape::Quantise { grid, strength: Percent::clamped(strength) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn every_tool_keeps_what_is_not_its_business(pattern in any_pattern(), tool in any_tool()) {
        let after = reshaped(&pattern, tool);
        // Name, place, length, speed and humanise are among what is compared.
        prop_assert_eq!(beyond(&after), beyond(&pattern));
        for step in 0..256 {
            prop_assert!(after.chord(step).count() <= CHORD_NOTES_MAX);
        }
        prop_assert!(after.locks.iter().all(|((_, param), value)| param.value((*value).into()).is_ok()));
        prop_assert!(after.notes.iter().all(|(_, note)| note.is_placed()));
    }

    #[test]
    fn rotating_there_and_back_changes_nothing(pattern in any_pattern(), steps in -256i16..=256) {
        let there = reshaped(&pattern, Reshape::Rotate { steps });
        prop_assert_eq!(reshaped(&there, Reshape::Rotate { steps: -steps }), pattern);
    }

    #[test]
    fn inverting_twice_sounds_as_before(pattern in any_pattern()) {
        let once = reshaped(&pattern, Reshape::Invert);
        let twice = reshaped(&once, Reshape::Invert);
        for step in 0..pattern.length.get() {
            prop_assert_eq!(once.step(step).on, !pattern.step(step).on);
            prop_assert_eq!(twice.step(step), pattern.step(step));
        }
    }

    #[test]
    fn reversing_twice_sounds_as_before(pattern in any_pattern()) {
        let once = reshaped(&pattern, Reshape::Reverse);
        let twice = reshaped(&once, Reshape::Reverse);
        prop_assert_eq!(heard(&twice), heard(&pattern));
        prop_assert_eq!(&twice.notes, &pattern.notes);
        // Once, it is the mirror image: every note begins where its end was.
        let length = usize::from(pattern.length.get());
        let mut turned: Vec<_> = heard(&pattern)
            .into_iter()
            .map(|(first, cells, step, chord, locks)| {
                let micro = Micro::clamped(-i64::from(step.micro.get()));
                ((2 * length - first - cells) % length, cells, micro, chord, locks)
            })
            .collect();
        turned.sort_by_key(|note| note.0);
        let found: Vec<_> = heard(&once)
            .into_iter()
            .map(|(first, cells, step, chord, locks)| (first, cells, step.micro, chord, locks))
            .collect();
        prop_assert_eq!(found, turned);
    }

    #[test]
    fn a_mirrored_pattern_is_the_same_backwards(pattern in any_pattern()) {
        let mirrored = reshaped(&pattern, Reshape::Mirror);
        let length = usize::from(pattern.length.get());
        let spans = |pattern: &Pattern| -> BTreeSet<_> {
            heard(pattern).into_iter().map(|(first, cells, ..)| (first, first + cells)).collect()
        };
        let turned: BTreeSet<_> = spans(&mirrored).into_iter().map(|(from, to)| (length - to, length - from)).collect();
        prop_assert_eq!(spans(&mirrored), turned);
        let total = cells::ticks(&pattern);
        let notes = |turn: bool| -> BTreeSet<_> {
            let inside = mirrored.notes.starting_in(Ticks::ZERO..Ticks(total));
            inside.map(|(_, note)| {
                let (from, to) = (note.start.0, note.start.0 + note.length.0);
                if turn { (total - to, total - from, note.pitch) } else { (from, to, note.pitch) }
            }).collect()
        };
        prop_assert_eq!(notes(true), notes(false));
        prop_assert_eq!(spans(&reshaped(&mirrored, Reshape::Mirror)), spans(&mirrored));
    }

    #[test]
    fn transposing_up_and_down_changes_nothing_inside_the_range(pattern in any_pattern(), semitones in -12i8..=12) {
        let inside = |pitch: Pitch| Pitch::clamped((pitch.get() / 2).into());
        let mut narrow = pattern.clone();
        narrow.steps.values_mut().for_each(|step| step.pitch = inside(step.pitch));
        narrow.chords = narrow.chords.iter().map(|((step, pitch), length)| ((*step, inside(*pitch)), *length)).collect();
        let notes = narrow.notes.iter().map(|(id, note)| (id, crate::FreeNote { pitch: inside(note.pitch), ..*note }));
        narrow.notes = std::sync::Arc::new(notes.collect());
        let up = reshaped(&narrow, Reshape::Transpose { semitones });
        prop_assert_eq!(reshaped(&up, Reshape::Transpose { semitones: -semitones }), narrow);
        // Outside of it no note is lost.
        let far = reshaped(&pattern, Reshape::Transpose { semitones: semitones.saturating_mul(8) });
        prop_assert_eq!(far.chords.len(), pattern.chords.len());
    }

    #[test]
    fn quantising_fully_is_done_once(pattern in any_pattern(), grid in any_grid()) {
        let once = quantised(&pattern, grid, 100);
        prop_assert_eq!(text(&quantised(&once, grid, 100)), text(&once));
        prop_assert_eq!(quantised(&pattern, grid, 0), pattern.clone());
        // No note is lost on the way, nor any of what belongs to one.
        let parts = |pattern: &Pattern| {
            let mut parts: Vec<_> = heard(pattern)
                .into_iter()
                .map(|(_, cells, step, chord, locks)| (cells, format!("{:?}", Step { micro: Micro::DEFAULT, ..step }), chord, locks))
                .collect();
            parts.sort();
            parts
        };
        prop_assert_eq!(parts(&once), parts(&pattern));
        prop_assert_eq!(once.steps.len(), pattern.steps.len());
        prop_assert_eq!((once.chords.len(), once.locks.len()), (pattern.chords.len(), pattern.locks.len()));
        prop_assert_eq!(once.notes.len(), pattern.notes.len());
    }

    #[test]
    fn steps_apart_from_one_another_are_exactly_on_the_grid(
        places in prop::collection::btree_map(0i64..15, -127i64..=127, 1..4),
        grid in any_grid(),
    ) {
        // Far enough from one another that nobody is in the way.
        let mut pattern = read(&"-".repeat(128));
        for (place, micro) in places {
            let step = Step { on: true, micro: Micro::clamped(micro), ..Step::default() };
            pattern.steps.insert((place * 8 + 4) as u16, step);
        }
        let after = quantised(&pattern, grid, 100);
        prop_assert_eq!(after.steps.len(), pattern.steps.len());
        for step in after.steps.keys() {
            let at = i64::from(*step) * 128 + micro(&after, *step);
            let (above, below) = match grid {
                QuantiseGrid::ThirtySecond => (64, 1),
                QuantiseGrid::Sixteenth => (128, 1),
                QuantiseGrid::SixteenthTriplet => (256, 3),
                QuantiseGrid::Eighth => (256, 1),
                QuantiseGrid::EighthTriplet => (512, 3),
                QuantiseGrid::Quarter => (512, 1),
            };
            // Within half a 128th of a step of a whole number of grid steps.
            let off = (at * below + above / 2).rem_euclid(above) - above / 2;
            prop_assert!(2 * off.abs() <= below, "{at} {grid:?}");
        }
    }

    #[test]
    fn half_the_strength_goes_half_the_way(micro_before in -60i64..=60) {
        let pattern = read(&format!("-x{}{}--", if micro_before < 0 { '<' } else { '>' }, micro_before.abs()));
        let after = quantised(&pattern, QuantiseGrid::Sixteenth, 50);
        prop_assert!((2 * micro(&after, 1) - micro_before).abs() <= 1);
    }
}

#[test]
fn a_rhythm_is_spread_and_turned_and_keeps_what_steps_remember() {
    let pattern = read("X*3 ~ - [o] x x x x");
    let after = reshaped(&pattern, Reshape::Euclid { hits: 3, rotation: 0 });
    check(&after, "X*3 [~] - o | [x] [x] x [x]");
    let turned = reshaped(&read("--------"), Reshape::Euclid { hits: 3, rotation: 1 });
    check(&turned, "-x--x--x");
    let turned = reshaped(&read("--------"), Reshape::Euclid { hits: 3, rotation: -9 });
    check(&turned, "--x--x-x");
    // A tie that becomes a hit strikes.
    check(&reshaped(&read("x~"), Reshape::Euclid { hits: 2, rotation: 0 }), "xx");
}

#[test]
fn a_step_moves_with_its_chord_and_locks() {
    let pattern = read("x(4,7){pan:20} - - - / X");
    let after = reshaped(&pattern, Reshape::Rotate { steps: 5 });
    check(&after, "- x(4,7){pan:20} --\n/ X");
}

#[test]
fn a_tied_note_played_backwards_is_still_one_note() {
    let turn = |before: &str, after: &str| check(&reshaped(&read(before), Reshape::Reverse), after);
    turn("X~~-x---", "---x-X~~");
    // Over the end of the loop.
    turn("~~--x--X", "~--x--X~");
    // A tie that prolonged nothing does not begin to.
    turn("~x--", "--x [~]");
    turn("x>20 - - -", "--- x<20");
    let notes = reshaped(&read("----\n@1 7 for 1/2"), Reshape::Reverse).notes;
    assert_eq!(notes.iter().next().unwrap().1.start, Ticks(7 * TICKS_PER_STEP / 2));
}

#[test]
fn the_second_half_mirrors_the_first() {
    let mirror = |before: &str, after: &str| check(&reshaped(&read(before), Reshape::Mirror), after);
    mirror("Xo-x----", "Xo-xx-oX");
    mirror("Xo-x---", "Xo-x-oX");
    mirror("X~-ox---", "X~-oo-X~");
    mirror("-X~--", "-X~ ~! -");
    mirror("x", "x");
    let notes = reshaped(&read("----\n@1+1/2 7\n@2+1/2 5 for 1\n@4 3"), Reshape::Mirror).notes;
    let found: Vec<_> =
        notes.iter().map(|(_, note)| (note.start.0 * 2 / TICKS_PER_STEP, note.pitch.get())).collect();
    assert_eq!(found, [(1, 7), (3, 5), (5, 7)]);
}

#[test]
fn notes_that_would_leave_the_range_stay() {
    let up = |before: &str, semitones| {
        notation::print(&reshaped(&read(before), Reshape::Transpose { semitones }), true)
    };
    assert_eq!(up("0 30 -", 7), "7 30 -");
    assert_eq!(up("0(33,34,35)", 1), "1(34,35,36)");
    assert_eq!(up("0(34,35,36)", 1), "1(34,35,36)");
    assert_eq!(up("0(-36,-35)", -1), "-1(-36,-35)");
}

#[test]
fn notes_move_to_the_step_they_are_drawn_to() {
    let draw = |before: &str, grid, after: &str| check(&quantised(&read(before), grid, 100), after);
    use QuantiseGrid::*;
    draw("- x>100(4,7){pan:20} - -", Sixteenth, "-- x(4,7){pan:20} -");
    draw("- x<100 - -", Eighth, "x---");
    // The next step sounds: it stays as it is.
    draw("- x>100 X -", Sixteenth, "- x>100 X -");
    // Two that change places do.
    draw("- x>127 X<127 -", Sixteenth, "-Xx-");
    // Over the end of the loop.
    draw("- - - x>100", Sixteenth, "x---");
    draw("x<100 - - -", Sixteenth, "---x");
    // With what prolongs it, and what a silent step remembers goes where there is room.
    draw("- x>100 ~ - [o]", Sixteenth, "-- x ~ | [o]");
    draw("- x>100 ~ [o] -", Sixteenth, "- [o] x ~ | -");
    draw("x - - - - x - -", EighthTriplet, "x--- | - x>43 --");
    // Half way to the next step it stays in its own.
    draw("- x>60 x<60 -", ThirtySecond, "- x>64 x<64 -");
    // A tie that prolonged nothing does not begin to.
    draw("- x>100 - ~", Sixteenth, "- - x [~]");
    draw("x>20 - x<20 -", ThirtySecond, "x-x-");
}

#[test]
fn any_two_blocks_are_consonant_and_no_two_are_alike() {
    let empty = read(&"-".repeat(32));
    let mut seen = BTreeSet::new();
    let mut classes = BTreeSet::new();
    for colour in (0..12).map(Block::clamped) {
        for rhythm in (0..12).map(Block::clamped) {
            let block = reshaped(&empty, Reshape::Block { colour, rhythm });
            let chords = block.chords.keys().map(|(_, pitch)| *pitch);
            let pitches: Vec<i8> =
                block.steps.values().map(|step| step.pitch).chain(chords).map(Pitch::get).collect();
            assert!(!pitches.is_empty());
            classes.extend(pitches.iter().map(|pitch| pitch.rem_euclid(12)));
            assert!(seen.insert(text(&block)), "{} {}", colour_name(colour), rhythm_name(rhythm));
            // A bar, and then the same bar.
            for step in 0..16 {
                assert_eq!(block.step(step), block.step(step + 16));
            }
        }
    }
    assert_eq!(seen.len(), 144);
    for a in &classes {
        for b in &classes {
            assert!(![1, 6, 11].contains(&(a - b).rem_euclid(12)), "{a} and {b}");
        }
    }
    assert_eq!(COLOUR_NAMES.into_iter().chain(RHYTHM_NAMES).collect::<BTreeSet<_>>().len(), 24);
}

#[test]
fn a_block_leaves_nothing_that_might_not_fit() {
    let full = read("x{tune:50} 1(2,3) x - - / x\n@1 1\n@6 1 #000000000000000000000000000000ff");
    let block = reshaped(&full, Reshape::Block { colour: Block::MIN, rhythm: Block::MIN });
    check(&block, "x!104(4,7) ___ | _\n/ x\n@6 1 #000000000000000000000000000000ff");
}
