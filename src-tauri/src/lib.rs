//! The desktop window: routes commands to the door and events to the page; no domain logic.
#![forbid(unsafe_code)]
