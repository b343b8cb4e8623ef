//! The Automerge document of a session and its typed edits.
#![forbid(unsafe_code)]
