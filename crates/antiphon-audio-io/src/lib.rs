//! The audio output: cpal stream, null output, edge resampler, virtual card.
#![forbid(unsafe_code)]
