//! What others may do with a beat, as an SPDX expression.

use std::fmt;

use crate::limits::LICENCE_CHARS_MAX;

/// An SPDX licence expression, like `CC-BY-4.0` or `CC0-1.0 OR MIT`. Its form is checked, not whether SPDX lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Licence(String);

/// Text that is not a licence expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an SPDX licence expression; try CC0-1.0, CC-BY-4.0 or CC-BY-SA-4.0")]
pub struct LicenceError {
    /// What was given, shortened.
    pub text: String,
}

impl Licence {
    /// The expressions worth offering for music, from the freest on.
    pub const OFFERED: [&'static str; 6] = [
        "CC0-1.0",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC-BY-NC-4.0",
        "CC-BY-NC-SA-4.0",
        "LicenseRef-All-Rights-Reserved",
    ];

    /// Checks an expression: identifiers joined by `AND`, `OR` and `WITH`, each one space apart; parentheses.
    pub fn new(text: &str) -> Result<Self, LicenceError> {
        let error = || LicenceError { text: text.chars().take(80).collect() };
        if text.len() > LICENCE_CHARS_MAX || !parenthesised(text) {
            return Err(error());
        }
        let words: Vec<&str> = text.split(' ').map(|word| word.trim_matches(['(', ')'])).collect();
        let joined = words.iter().enumerate().all(|(index, word)| {
            let joins = matches!(*word, "AND" | "OR" | "WITH");
            joins == (index % 2 == 1) && (joins || is_identifier(word))
        });
        // Identifiers at both ends: an odd number of words.
        if joined && words.len() % 2 == 1 { Ok(Self(text.to_owned())) } else { Err(error()) }
    }

    /// The expression.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_identifier(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b':'))
}

fn parenthesised(text: &str) -> bool {
    let depth = text.bytes().try_fold(0_u32, |depth, byte| match byte {
        b'(' => Some(depth + 1),
        b')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}

#[cfg(test)]
mod tests {
    use super::Licence;

    #[test]
    fn every_offered_licence_is_one() {
        assert!(Licence::OFFERED.iter().all(|text| Licence::new(text).is_ok()));
    }

    #[test]
    fn expressions_are_told_from_other_text() {
        for good in
            ["MIT", "CC0-1.0 OR MIT", "(MIT AND CC-BY-4.0) OR CC0-1.0", "GPL-2.0+ WITH Bison-exception-2.2"]
        {
            assert!(Licence::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "MIT ",
            "MIT  OR CC0-1.0",
            "OR",
            "MIT OR",
            "MIT CC0-1.0",
            "(MIT",
            ")MIT(",
            "a/b",
            "<b>",
            "MIT\n",
        ] {
            assert!(Licence::new(bad).is_err(), "{bad}");
        }
        assert!(Licence::new(&"A".repeat(65)).is_err());
    }
}
