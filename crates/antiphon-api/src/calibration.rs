//! What the acoustic handshake asks and answers.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Adds to the trim of the output that is open.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AdjustTrim {
    /// Positive plays earlier, to make up for an output that is late.
    pub add_ms: f64,
}

/// An output and its trim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrimmedOutput {
    pub output: String,
    pub trim_ms: f64,
}
