//! Audio in, numbers out: the acoustic handshake of devices in one room.
//!
//! Session time is the same on every peer, but a loudspeaker is later than its driver says: by a codec, a wireless
//! link, a television's picture. Nobody can know by how much without listening. So two devices listen: each plays a
//! train of chirps of its own [`Voice`] at agreed session times, each records both trains, and
//!
//! ```text
//! later(b) = ((t_AB - t_AA) + (t_BB - t_BA)) / 2        t_XY: when the recording of X has the train of Y
//! ```
//!
//! Each bracket is a difference within one recording, so when the recording began and how late its microphone is
//! falls out; the way from one device to the other is in one bracket with each sign and falls out too. What is
//! left of the geometry is half the difference between the two own ways from speaker to microphone: 10 cm are
//! 0.15 ms. The other half of the same four times is the distance between the devices, which is how a mix-up shows.
//!
//! ```
//! use antiphon_analysis::{Recording, Voice, compare, listen, train};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Here the room is a wire, in which the device of voice b is 3 ms late.
//! let mixed: Vec<f32> = {
//!     let (a, b) = (train(Voice::A, 48_000), train(Voice::B, 48_000));
//!     let late = std::iter::repeat_n(0.0, 144).chain(b);
//!     a.into_iter().zip(late).map(|(a, b)| a + b).collect()
//! };
//! let heard = listen(Recording { samples: &mixed, rate: 48_000 })?;
//! let difference = compare(&heard, &heard)?;
//! assert!((difference.later_ns - 3_000_000).abs() < 2_000);
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here plays, records or knows a peer; the modules are in the order in which sound passes them.
#![forbid(unsafe_code)]

pub mod limits;

mod voice;

mod envelope;
mod listen;
mod rounds;

mod difference;
mod error;

pub use difference::{Adjustment, Difference, Reference, compare};
pub use error::{CompareError, HearError};
pub use listen::{Heard, Hearing, Recording, listen};
pub use voice::{ROUNDS, STAGGER_SECONDS, Voice, train, train_seconds};
