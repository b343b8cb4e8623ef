//! "Tin Roof": a slow swung groove in D minor with a dusty acid line.

use super::notation::{Row, Steps};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "Kick",
        sound: "drum:kick",
        colour: 0,
        gain: -100,
        pan: 0,
        steps: Steps::Hits("X--x --x- --x- ----"),
    },
    Row {
        name: "Snare",
        sound: "drum:snare",
        colour: 1,
        gain: -400,
        pan: 0,
        steps: Steps::Hits("---- X--. -.-- X---"),
    },
    Row {
        name: "Hat",
        sound: "drum:closed-hat",
        colour: 2,
        gain: -850,
        pan: 15,
        steps: Steps::Hits("x.x. x.xx x.x. x.x."),
    },
    Row {
        name: "Rim",
        sound: "drum:rim",
        colour: 8,
        gain: -900,
        pan: -35,
        steps: Steps::Hits("---- x--- -.-- x---"),
    },
    Row {
        name: "Bass",
        sound: "synth:bass",
        colour: 4,
        gain: -300,
        pan: 0,
        steps: Steps::Notes("2! _ - - - 2? - 5 - - 0 _ - - -3? - | 2! _ - - - 2? - 9 - - 7 _ 5? - 0? -"),
    },
    Row {
        name: "Acid",
        sound: "synth:acid",
        colour: 9,
        gain: -1000,
        pan: -12,
        steps: Steps::Notes("2 - 14? 2 - 9? - 5! - 2 - 12? - 2? 0 -"),
    },
    Row {
        name: "Pad",
        sound: "synth:pad",
        colour: 6,
        gain: -1000,
        pan: 20,
        steps: Steps::Notes("5? _ _ _ _ _ _ _ _ _ _ _ _ _ _ - | 0? _ _ _ _ _ _ _ _ _ _ _ _ _ _ -"),
    },
];
