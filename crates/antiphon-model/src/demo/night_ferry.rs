//! "Night Ferry": four to the floor in E minor, an arpeggio against a 12-step bell that drifts over the bar.

use super::row::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "Kick", sound: "drum:kick", colour: 0, gain: -50, pan: 0, steps: "X--- X--- X--- X---" },
    Row { name: "Clap", sound: "drum:clap", colour: 1, gain: -600, pan: 0, steps: "---- x--- ---- x---" },
    Row {
        name: "Open hat",
        sound: "drum:open-hat",
        colour: 3,
        gain: -850,
        pan: 10,
        steps: "--x- --x- --x- --x-",
    },
    Row {
        name: "Hat",
        sound: "drum:closed-hat",
        colour: 2,
        gain: -1000,
        pan: -20,
        steps: "oxoo oxoo oxoo oxox",
    },
    Row {
        name: "Bass",
        sound: "synth:bass",
        colour: 4,
        gain: -350,
        pan: 0,
        steps: "- - 4! - - - 4 - - - 4! - - 4' 7 - | - - 0! - - - 0 - - - 2! - - 2' -1 -",
    },
    Row {
        name: "Arp",
        sound: "synth:pluck",
        colour: 5,
        gain: -750,
        pan: -22,
        steps: "4 7' 11 16' 4 7' 11 19' 4 7' 11 16' 14 11' 7 4' | 0 7' 12 16' 0 7' 12 19' 2 6' 9 14' 18 14' 9 6'",
    },
    Row {
        name: "Bell",
        sound: "synth:lead",
        colour: 7,
        gain: -1250,
        pan: 30,
        steps: "11' _ - - - - 16' _ - - - -",
    },
    Row {
        name: "Pad",
        sound: "synth:pad",
        colour: 6,
        gain: -950,
        pan: 0,
        steps: "4' _ _ _ _ _ _ _ _ _ _ _ _ _ _ - | 0' _ _ _ _ _ _ - 2' _ _ _ _ _ _ -",
    },
];
