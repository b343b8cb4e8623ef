//! Song to Plan to audio: compiler, scheduler, voices, mixer, offline render.
#![forbid(unsafe_code)]
