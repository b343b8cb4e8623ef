//! How a command ends badly: one sentence, a next step, an exit code.

use std::{io, process::ExitCode};

use antiphon_api::{ApiError, ErrorCode};
use antiphon_door::{FolderError, OpenError};

/// Exit code of a defect in this program.
pub const INTERNAL: u8 = 70;

/// Why the command did not do what it was asked.
#[derive(Debug)]
pub struct Failure(ApiError);

impl Failure {
    /// A failure with its cause.
    pub fn new(code: ErrorCode, cause: impl Into<String>) -> Self {
        Self(ApiError::new(code, cause))
    }

    /// The same with what to do next.
    pub fn next(self, step: impl Into<String>) -> Self {
        Self(self.0.next(step))
    }

    pub fn from_io(error: io::Error) -> Self {
        Self::new(ErrorCode::Internal, error.to_string())
    }

    /// Prints the failure and gives the exit code (docs: README, "Exit codes").
    pub fn report(&self) -> ExitCode {
        eprintln!("antiphon: {}", self.0.message);
        if let Some(step) = &self.0.next_step {
            eprintln!("  next: {step}");
        }
        ExitCode::from(match self.0.code {
            ErrorCode::BadRequest | ErrorCode::Invalid => 2,
            ErrorCode::NotFound => 3,
            ErrorCode::NotAllowed => 4,
            ErrorCode::Unreachable => 5,
            ErrorCode::BadFile => 6,
            ErrorCode::Storage => 7,
            ErrorCode::Audio => 8,
            ErrorCode::Internal => INTERNAL,
        })
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let step = match &error {
            OpenError::Folder(FolderError::Unusable { .. }) => {
                "check its permissions, or name another with --data"
            }
            OpenError::OwnerSilent(_) => "it may be starting or ending: try again in a moment",
            // The doctor needs an open folder too.
            _ => "put that right, or name another folder with --data",
        };
        Self::new(ErrorCode::Storage, error.to_string()).next(step)
    }
}
