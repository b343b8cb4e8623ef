//! Where in the music something that was asked for takes effect.

/// The grid on which a launch waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Quantum {
    /// At the next sixteenth.
    Now,
    /// At the next beat of the meter.
    Beat,
    /// At the next bar.
    #[default]
    Bar,
    /// At the next bar whose number four divides.
    FourBars,
}

impl Quantum {
    /// Every quantum, finest first.
    pub const ALL: [Self; 4] = [Self::Now, Self::Beat, Self::Bar, Self::FourBars];

    /// The name in documents and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Beat => "beat",
            Self::Bar => "bar",
            Self::FourBars => "4bars",
        }
    }

    /// The quantum called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quantum| quantum.key() == key)
    }
}
