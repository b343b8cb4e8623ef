//! The whole program from outside: what it promises about sound, saving, beats and bad input.
#![forbid(unsafe_code)]

mod bad_bytes;
mod bad_commands;
mod bad_folders;
mod beats;
mod durability;
mod envelopes;
mod full_disk;
mod gateway;
mod render;
mod session_list;
mod verbs;
