//! The signed roster of a session: genesis, grants, roles.
#![forbid(unsafe_code)]
