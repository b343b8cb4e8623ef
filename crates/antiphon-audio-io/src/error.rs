//! Why an output could not be opened.

/// Why an output could not be opened. The way out is always [`crate::Output::silent`].
#[derive(Debug, thiserror::Error)]
pub enum OpenOutputError {
    /// Nobody wants sound.
    #[error("{reason}")]
    SwitchedOff {
        /// Why.
        reason: String,
    },
    /// There is no audio output.
    #[error("this machine has no audio output")]
    NoOutput,
    /// The chosen one is not there.
    #[error("there is no audio output {wanted:?} (there is: {})", list(available))]
    NotFound {
        /// The id or name that was asked for.
        wanted: String,
        /// The names of those that are there.
        available: Vec<String>,
    },
    /// It plays nothing that we can give it.
    #[error("output {name:?} offers no format of 1 to 8 channels at 8 to 192 kHz in 16 or 32 bits")]
    NoUsableFormat {
        /// The output.
        name: String,
    },
    /// The system refused to open it.
    #[error("output {name:?} could not be opened")]
    Refused {
        /// The output.
        name: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What went wrong, and why, and why that.
pub(crate) fn with_cause(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none at all".to_owned() } else { names.join(", ") }
}
