//! The moment that an edit waits for, behind the label in its change's message: `label␟run|tick`.
//!
//! U+001F stands in no name, so no label holds it. Whatever is not written in just this way is label.

use antiphon_model::Moment;
use antiphon_timeline::{SessionTime, TICKS_PER_STEP, Ticks};

use crate::codes::whole;

const SEPARATOR: char = '\u{1f}';
/// Bytes that a moment takes at most: two numbers of 20 characters and two separators.
pub(crate) const MOMENT_BYTES_MAX: usize = 42;

/// A message with the moment behind it.
pub(crate) fn with_moment(message: String, at: Option<Moment>) -> String {
    match at {
        Some(at) => format!("{message}{SEPARATOR}{}|{}", at.run.0, at.tick.0),
        None => message,
    }
}

/// The label of a message, and the moment that its change waits for.
pub(crate) fn split(message: &str) -> (&str, Option<Moment>) {
    let read = || {
        let (label, moment) = message.rsplit_once(SEPARATOR)?;
        let (run, tick) = moment.split_once('|')?;
        let at = Moment { run: SessionTime(whole(run)?), tick: Ticks(whole(tick)?) };
        // Every bar line of every meter lies on a sixteenth.
        (at.tick >= Ticks::ZERO && at.tick.0 % TICKS_PER_STEP == 0).then_some((label, Some(at)))
    };
    read().unwrap_or((message, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_written_and_nothing_else_is_one() {
        for (run, bar) in [(0, 0), (-7, 3), (i64::MIN, 1 << 20), (i64::MAX, 5)] {
            let at = Moment { run: SessionTime(run), tick: Ticks::from_bars(bar) };
            let message = with_moment("step 5 of Kick".into(), Some(at));
            assert!(message.len() <= "step 5 of Kick".len() + MOMENT_BYTES_MAX);
            assert_eq!(split(&message), ("step 5 of Kick", Some(at)));
        }
        for message in [
            "",
            "a",
            "a\u{1f}",
            "a\u{1f}1",
            "a\u{1f}1|",
            "a\u{1f}1|1",
            "a\u{1f}01|0",
            "a\u{1f}1|-17179869184",
        ] {
            assert_eq!(split(message), (message, None), "{message:?}");
        }
    }
}
