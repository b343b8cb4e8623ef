//! "Tin Roof": a slow swung groove in D minor with a dusty acid line.

use super::row::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "Kick", sound: "drum:kick", colour: 0, gain: -100, pan: 0, steps: "X--x --x- --x- ----" },
    Row { name: "Snare", sound: "drum:snare", colour: 1, gain: -400, pan: 0, steps: "---- X--o -o-- X---" },
    Row {
        name: "Hat",
        sound: "drum:closed-hat",
        colour: 2,
        gain: -850,
        pan: 15,
        steps: "xoxo xoxx xoxo xoxo",
    },
    Row { name: "Rim", sound: "drum:rim", colour: 8, gain: -900, pan: -35, steps: "---- x--- -o-- x---" },
    Row {
        name: "Bass",
        sound: "synth:bass",
        colour: 4,
        gain: -300,
        pan: 0,
        steps: "2! _ - - - 2' - 5 - - 0 _ - - -3' - | 2! _ - - - 2' - 9 - - 7 _ 5' - 0' -",
    },
    Row {
        name: "Acid",
        sound: "synth:acid",
        colour: 9,
        gain: -1000,
        pan: -12,
        steps: "2 - 14' 2 - 9' - 5! - 2 - 12' - 2' 0 -",
    },
    Row {
        name: "Pad",
        sound: "synth:pad",
        colour: 6,
        gain: -1000,
        pan: 20,
        steps: "5' _ _ _ _ _ _ _ _ _ _ _ _ _ _ - | 0' _ _ _ _ _ _ _ _ _ _ _ _ _ _ -",
    },
];
