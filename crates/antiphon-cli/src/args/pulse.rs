//! Arguments of what beats: tempo, meter, and the grid that changes wait for.

use clap::{Subcommand, ValueEnum};

use super::finite;

/// One change of the session's pulse, by itself or after `edit`.
#[derive(Debug, Subcommand)]
pub enum Pulse {
    /// 20 to 999 beats per minute.
    Tempo {
        #[arg(value_parser = finite)]
        bpm: f64,
        /// Take so long to get there while it plays: `4s`, `500ms`.
        #[arg(long, value_parser = seconds, value_name = "TIME")]
        over: Option<f64>,
    },
    /// 3/4, 6/8, 7/16: from the next bar on.
    Meter {
        #[arg(value_parser = meter)]
        meter: (i64, i64),
    },
    /// Where launches take effect that do not say so themselves.
    Quantum { grid: LaunchGrid },
    /// Edits made while it plays are heard from the next bar on, on every peer at once; or as soon as they arrive.
    EditsAt { when: When },
}

/// The grid on which a launch waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LaunchGrid {
    /// The next sixteenth.
    Now,
    Beat,
    Bar,
    #[value(name = "4bars")]
    FourBars,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    Bar,
    Once,
}

/// A length of time in seconds: `4s`, `4`, `500ms`.
fn seconds(text: &str) -> Result<f64, String> {
    let (number, scale) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1e-3),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 1.0),
    };
    finite(number).map(|number| number * scale).map_err(|_| "write it as 4s or 500ms".to_owned())
}

/// Two numbers of a time signature; whether a bar can have them is the session's to say.
fn meter(text: &str) -> Result<(i64, i64), String> {
    let numbers =
        text.split_once('/').and_then(|(beats, unit)| Some((beats.parse().ok()?, unit.parse().ok()?)));
    numbers.ok_or_else(|| "write it as 3/4".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_meters_are_read_as_people_write_them() {
        assert_eq!(["4s", "4", "0.5s", "500ms"].map(|text| seconds(text).unwrap()), [4.0, 4.0, 0.5, 0.5]);
        assert!(["", "s", "four", "NaN", "4m"].iter().all(|text| seconds(text).is_err()));
        assert_eq!(meter("7/16"), Ok((7, 16)));
        assert!(["", "7", "7/", "/4", "a/b", "3/4/4"].iter().all(|text| meter(text).is_err()));
    }
}
