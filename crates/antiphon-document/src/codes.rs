//! Values of several parts that stand in one scalar, because they only make sense together.

use antiphon_model::{Change, FreeNote, Groove, Moment, Percent, Pitch, Switch, Velocity, limits::STEPS_MAX};
use antiphon_timeline::{GrooveTemplate, SessionTime, TICKS_PER_STEP, Ticks};

/// A switch as text: `to`, or `to|from|run|tick` while it is about to change.
pub(crate) fn switch_text<T: Copy>(switch: &Switch<T>, text: impl Fn(T) -> String) -> String {
    match switch.change {
        None => text(switch.to),
        Some(Change { from, at }) => {
            format!("{}|{}|{}|{}", text(switch.to), text(from), at.run.0, at.tick.0)
        }
    }
}

/// The switch that text stands for; `None` where it is not one. Music changes on sixteenths, on which every beat and
/// bar of every meter lies: what would change anywhere else has changed.
pub(crate) fn read_switch<T: Copy + PartialEq>(
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<Switch<T>> {
    let parts: Vec<&str> = text.splitn(5, '|').collect();
    match parts.as_slice() {
        [to] => Some(Switch::settled(read(to)?)),
        [to, from, run, tick] => {
            let at = Moment { run: SessionTime(whole(run)?), tick: Ticks(whole(tick)?) };
            let (from, to) = (read(from)?, read(to)?);
            let is_on_grid = at.tick >= Ticks::ZERO && at.tick.0 % TICKS_PER_STEP == 0;
            Some(if is_on_grid { Switch::scheduled(from, to, at) } else { Switch::settled(to) })
        }
        _ => None,
    }
}

/// A number in the one way that it is written.
pub(crate) fn whole<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    text.parse::<T>().ok().filter(|number| number.to_string() == text)
}

/// Is something switched on?
pub(crate) fn on_text(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

pub(crate) fn read_on(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// A groove as text: `shuffle@60`.
pub(crate) fn groove_text(groove: Groove) -> String {
    format!("{}@{}", groove.template.key(), groove.amount.get())
}

pub(crate) fn read_groove(text: &str) -> Option<Groove> {
    let (template, amount) = text.split_once('@')?;
    let amount = Percent::new(whole::<u8>(amount)?.into()).ok()?;
    Some(Groove { template: GrooveTemplate::of_key(template)?, amount })
}

/// Bytes of a start or a length: four times what 256 steps take.
const TICK_BYTES: usize = 5;
const NOTE_BYTES: usize = 2 * TICK_BYTES + 2;

/// A note as it was made: start and length in five bytes each, little endian, pitch, velocity.
pub(crate) fn note_bytes(note: &FreeNote) -> Vec<u8> {
    let ticks = |ticks: Ticks| ticks.0.to_le_bytes().into_iter().take(TICK_BYTES);
    let values = [note.pitch.get().to_le_bytes(), note.velocity.get().to_le_bytes()];
    ticks(note.start).chain(ticks(note.length)).chain(values.concat()).collect()
}

/// The note that bytes stand for, its numbers held to their range; `None` where they are not one.
pub(crate) fn read_note(bytes: &[u8]) -> Option<FreeNote> {
    let bytes: &[u8; NOTE_BYTES] = bytes.try_into().ok()?;
    let ticks = |bytes: &[u8]| bytes.iter().rev().fold(0, |ticks, byte| ticks << 8 | i64::from(*byte));
    let (start, rest) = bytes.split_at(TICK_BYTES);
    let (length, rest) = rest.split_at(TICK_BYTES);
    let [pitch, velocity] = rest.try_into().ok()?;
    Some(FreeNote {
        start: note_start(ticks(start)),
        length: note_length(ticks(length)),
        pitch: Pitch::clamped(i8::from_le_bytes([pitch]).into()),
        velocity: Velocity::clamped(i64::from(velocity)),
    })
}

/// The nearest start that a note can have.
pub(crate) fn note_start(ticks: i64) -> Ticks {
    Ticks(ticks.clamp(0, Ticks::from_steps(STEPS_MAX.into()).0 - 1))
}

/// The nearest length that a note can have.
pub(crate) fn note_length(ticks: i64) -> Ticks {
    Ticks(ticks.clamp(1, Ticks::from_steps(STEPS_MAX.into()).0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_switch_and_a_note_are_read_as_they_are_written(
            to: bool, from: bool, run: i64, bar in 0i64..1_000_000,
            start in 0..Ticks::from_steps(256).0, length in 1..=Ticks::from_steps(256).0,
            pitch in -36i64..=36, velocity in 1i64..=127,
        ) {
            let at = Moment { run: SessionTime(run), tick: Ticks::from_bars(bar) };
            for switch in [Switch::settled(to), Switch::scheduled(from, to, at)] {
                prop_assert_eq!(read_switch(&switch_text(&switch, on_text), read_on), Some(switch));
            }
            let (pitch, velocity) = (Pitch::clamped(pitch), Velocity::clamped(velocity));
            let note = FreeNote { start: Ticks(start), length: Ticks(length), pitch, velocity };
            prop_assert!(note.is_placed());
            prop_assert_eq!(read_note(&note_bytes(&note)), Some(note));
        }

        #[test]
        fn any_bytes_are_a_placed_note_or_none(bytes in prop::collection::vec(any::<u8>(), 0..14)) {
            if let Some(note) = read_note(&bytes) {
                prop_assert!(note.is_placed());
            }
        }
    }

    #[test]
    fn what_would_change_off_the_grid_has_changed() {
        for tick in [-1, 1, TICKS_PER_STEP - 1, -TICKS_PER_STEP, i64::MIN, i64::MAX] {
            let text = format!("on|off|5|{tick}");
            assert_eq!(read_switch(&text, read_on), Some(Switch::settled(true)), "{text}");
        }
    }

    #[test]
    fn text_written_another_way_is_no_switch_and_no_groove() {
        for text in
            ["", "ON", "on|off", "on|off|1", "on|off|1|2|3", "on|off|01|2", "on|off|1|+2", "on|on |1|2", "|"]
        {
            assert_eq!(read_switch(text, read_on), None, "{text}");
        }
        for text in
            ["", "shuffle", "shuffle@", "shuffle@101", "shuffle@060", "Shuffle@60", "shuffle@60@1", "waltz@3"]
        {
            assert_eq!(read_groove(text), None, "{text}");
        }
        for template in GrooveTemplate::ALL {
            let groove = Groove { template, amount: Percent::clamped(60) };
            assert_eq!(read_groove(&groove_text(groove)), Some(groove));
        }
    }
}
