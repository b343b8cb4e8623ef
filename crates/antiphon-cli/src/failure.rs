//! How a command ends badly: one sentence, a next step, an exit code.

use std::{io, process::ExitCode};

use antiphon_api::{ApiError, ErrorCode};
use antiphon_door::{FolderError, OpenError};
use antiphon_node::StartNodeError;

/// Exit code of a defect in this program.
pub const INTERNAL: u8 = 70;

/// Exit code of a doctor that found something bad: the command itself did what it was asked.
const UNWELL: u8 = 1;

/// Why the command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    refusal: ApiError,
    exit: u8,
}

impl Failure {
    /// A failure with its cause.
    pub fn new(code: ErrorCode, cause: impl Into<String>) -> Self {
        ApiError::new(code, cause).into()
    }

    /// So many of the doctor's checks are bad.
    pub fn unwell(bad: usize, all: usize) -> Self {
        let failure = Self::new(ErrorCode::Internal, format!("{bad} of {all} checks failed"))
            .next("follow the steps above, then run `antiphon doctor` again");
        Self { exit: UNWELL, ..failure }
    }

    /// The same with what to do next.
    pub fn next(self, step: impl Into<String>) -> Self {
        Self { refusal: self.refusal.next(step), ..self }
    }

    pub fn from_io(error: io::Error) -> Self {
        Self::new(ErrorCode::Internal, error.to_string())
    }

    /// Prints the failure and gives the exit code (docs: README, "Exit codes").
    pub fn report(&self) -> ExitCode {
        eprintln!("antiphon: {}", self.refusal.message);
        if let Some(step) = &self.refusal.next_step {
            eprintln!("  next: {step}");
        }
        ExitCode::from(self.exit)
    }
}

impl From<ApiError> for Failure {
    fn from(refusal: ApiError) -> Self {
        let exit = match refusal.code {
            ErrorCode::BadRequest | ErrorCode::Invalid => 2,
            ErrorCode::NotFound => 3,
            ErrorCode::NotAllowed => 4,
            ErrorCode::Unreachable => 5,
            ErrorCode::BadFile => 6,
            ErrorCode::Storage => 7,
            ErrorCode::Internal => INTERNAL,
        };
        Self { refusal, exit }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let code = match &error {
            OpenError::Node(StartNodeError::Net(_)) => ErrorCode::Unreachable,
            _ => ErrorCode::Storage,
        };
        let step = match &error {
            OpenError::Node(StartNodeError::Net(_)) => {
                "name another with --peer-port, or leave it away to take a free one"
            }
            OpenError::Folder(FolderError::Unusable { .. }) => {
                "check its permissions, or name another with --data"
            }
            OpenError::OwnerSilent(_) => "it may be starting or ending: try again in a moment",
            // The doctor needs an open folder too.
            _ => "put that right, or name another folder with --data",
        };
        Self::new(code, error.to_string()).next(step)
    }
}
