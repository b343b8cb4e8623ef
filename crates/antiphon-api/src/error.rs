//! The error every command answers with.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A refusal: what happened and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct ApiError {
    pub code: ErrorCode,
    /// One sentence: the cause.
    pub message: String,
    /// One sentence: what to do.
    pub next_step: Option<String>,
}

/// What kind of refusal, for the interface to match and the command line to exit with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// No such command, or arguments that do not fit it.
    BadRequest,
    /// A value outside its range.
    Invalid,
    /// No such session, track, sample, beat or file on this device.
    NotFound,
    /// My role does not allow it, or the session is read-only.
    NotAllowed,
    /// Nobody answers there, or the network is off.
    Unreachable,
    /// A file that cannot be read as what it should be.
    BadFile,
    /// Disk full, or the folder cannot be written.
    Storage,
    /// A defect of this program.
    Internal,
}

impl ApiError {
    /// An error with its cause.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), next_step: None }
    }

    /// The same, with what to do next.
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }
}
