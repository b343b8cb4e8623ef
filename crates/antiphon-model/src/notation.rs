//! Patterns as text: what a person types, pastes from a chat, or keeps under version control.
//!
//! One character is one step of the grid, in rows of sixteen: `x` strikes, `-` rests. What a step has beyond
//! that follows it in short marks, so simple things stay simple and everything can be said. `docs/NOTATION.md`
//! is the page for people; in brief:
//!
//! | Written | Means |
//! |---|---|
//! | `x` `X` `o` | a step with velocity 100, hard (120), soft (62) |
//! | `-` `.` | a rest; `_` a rest through which the note before it lasts a step longer |
//! | `7` `-5` | a step with that pitch; stands by itself, between blanks |
//! | `~` `~7` | a tied step |
//! | `[x*3]` | a step that is off and remembers the rest |
//! | `!` `!90` `'` | hard, velocity 90, soft |
//! | `=8` `*3` `%50` `?1:4` | length in sixteenths of a step, ratchet, chance, condition |
//! | `>12` `<12` | late, early by 128ths of a step |
//! | `(4,7=32)` `{cutoff:-1200,pan:20}` | notes beside its own, locked parameters |
//! | `/` | the loop ends here; the steps after it are kept and silent |
//! | `@5+1/2 7 for 2 #…` | a free note: place in steps counted from 1, pitch, length in steps, id |
//! | `track "Kick" drum:kick`, `speed 3/2 humanise 20` | lines of words, before the steps |
//!
//! What holds: [`parse`] of [`print`] is the same pattern, for every pattern. Only its name and place among its
//! siblings are not in the text: they are not what it plays.
//!
//! ```
//! use antiphon_model::notation;
//!
//! let mut fresh = || [7; 16]; // Random bytes for the ids of free notes.
//! let pattern = notation::parse("x---x---x*3 x?fill -- X--o", &mut fresh)?;
//! assert_eq!(pattern.length.get(), 16);
//! assert_eq!(pattern.step(8).ratchet.get(), 3);
//! assert_eq!(notation::print(&pattern, false), "x--- | x--- | x*3 x?fill -- | X--o");
//!
//! let slip = notation::parse("x---x---x*9-x---", &mut fresh).unwrap_err();
//! assert_eq!(slip.to_string(), "line 1, column 11: ratchet 9 is outside 1 to 8");
//! # Ok::<(), notation::NotationError>(())
//! ```

mod cursor;
mod error;
mod free_note;
mod parse;
mod print;
mod row;
mod sheet;

#[cfg(test)]
pub(crate) mod tests;

pub use error::{NotationError, NotationReason};
pub use parse::{TrackText, parse, parse_track};
pub use print::{print, print_track};

use crate::values::Velocity;

/// Velocity of `X` and of `!`: hard, with room above it.
pub(crate) const HARD: Velocity = Velocity::of_mark(120);
/// Velocity of `o` and of `'`: a ghost note.
pub(crate) const SOFT: Velocity = Velocity::of_mark(62);
