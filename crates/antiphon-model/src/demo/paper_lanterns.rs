//! "Paper Lanterns": a pentatonic lullaby in G with a cowbell far away.

use super::row::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "Kick", sound: "drum:kick", colour: 0, gain: -300, pan: 0, steps: "x--- ---- ---- --o-" },
    Row {
        name: "Tom",
        sound: "drum:tom",
        colour: 10,
        gain: -700,
        pan: -30,
        steps: "---- --o- ---- ---- | ---- --o- ---- -ox-",
    },
    Row { name: "Rim", sound: "drum:rim", colour: 8, gain: -800, pan: 22, steps: "---- x--- ---- x---" },
    Row {
        name: "Cowbell",
        sound: "drum:cowbell",
        colour: 11,
        gain: -1500,
        pan: 45,
        steps: "---- ---- --o- ----",
    },
    Row {
        name: "Bass",
        sound: "synth:bass",
        colour: 4,
        gain: -400,
        pan: 0,
        steps: "-5 _ _ _ - - -5' _ -3 _ _ _ - - - - | 0 _ _ _ - - 0' _ -1 _ _ _ -3' _ - -",
    },
    Row {
        name: "Lantern",
        sound: "synth:pluck",
        colour: 5,
        gain: -550,
        pan: -10,
        steps: "7 - - 9' 11 - - - 14 - 11' - 9 - - - | 7 - - 4' 2 - - - 4 - 7' - 9 - - -",
    },
    Row {
        name: "Pad",
        sound: "synth:pad",
        colour: 6,
        gain: -850,
        pan: 12,
        steps: "2' _ _ _ _ _ _ _ _ _ _ _ _ _ _ - | 4' _ _ _ _ _ _ _ _ _ _ _ _ _ _ -",
    },
];
