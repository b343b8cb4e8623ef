//! `--name value` pairs after the name of a measurement.

use std::collections::BTreeMap;

/// What was asked for.
#[derive(Debug)]
pub struct Arguments {
    pub measurement: String,
    options: BTreeMap<String, String>,
}

impl Arguments {
    pub fn of(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let measurement = words.next().ok_or("which measurement?")?;
        let mut options = BTreeMap::new();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or(format!("{word:?} is not an option"))?;
            let value = words.next().ok_or(format!("--{name} needs a value"))?;
            options.insert(name.to_owned(), value);
        }
        Ok(Self { measurement, options })
    }

    /// An option's text. Each is taken once.
    pub fn text(&mut self, name: &str, default: &str) -> String {
        self.options.remove(name).unwrap_or_else(|| default.to_owned())
    }

    /// An option's number.
    pub fn number(&mut self, name: &str, default: u64) -> Result<u64, String> {
        match self.options.remove(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("--{name} is {text:?}, which is not a number")),
        }
    }

    /// Nothing is left that nobody asked for.
    pub fn all_used(&self) -> Result<(), String> {
        match self.options.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("there is no option --{name} here")),
        }
    }
}
