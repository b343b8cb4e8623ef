//! The frames that pass through every door: JSON text, one message each.

use antiphon_api::{ApiError, ErrorCode, Event};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest message accepted: an audio file of 64 MiB in base64 with room for its envelope.
pub const MESSAGE_BYTES_MAX: usize = 96 * 1024 * 1024;

/// A face asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Repeated by the answer.
    pub id: u64,
    /// A command of the table in `antiphon-api`.
    pub name: String,
    #[serde(default)]
    pub args: Value,
}

/// The peer answers, or tells something.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    Ok { id: u64, ok: Value },
    Error { id: u64, error: ApiError },
    Event { event: Box<Event> },
}

impl Reply {
    /// The answer to a request.
    pub fn to(id: u64, result: Result<Value, ApiError>) -> Self {
        match result {
            Ok(ok) => Self::Ok { id, ok },
            Err(error) => Self::Error { id, error },
        }
    }

    /// The text to send.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Reads a request; a message that is none is answered with the reason.
pub fn read_request(text: &str) -> Result<Request, ApiError> {
    serde_json::from_str(text)
        .map_err(|error| ApiError::new(ErrorCode::BadRequest, format!("not a request: {error}")))
}
