//! "First Light": A minor, four bars of Am, F, C, G under a walking bass and a pluck that answers itself.

use super::row::Row;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "Kick",
        sound: "drum:kick",
        colour: 0,
        gain: -150,
        pan: 0,
        steps: "X--- ---- X-x- ---- | X--- ---- X--- --x-",
    },
    Row { name: "Clap", sound: "drum:clap", colour: 1, gain: -500, pan: 6, steps: "---- X--- ---- X---" },
    Row {
        name: "Hat",
        sound: "drum:closed-hat",
        colour: 2,
        gain: -800,
        pan: -18,
        steps: "x-ox x-o- x-ox xoxo",
    },
    Row {
        name: "Open hat",
        sound: "drum:open-hat",
        colour: 3,
        gain: -1050,
        pan: 18,
        steps: "--x- ---- --x- --o- | --x- ---- --x- ---x",
    },
    Row {
        name: "Bass",
        sound: "synth:bass",
        colour: 4,
        gain: -350,
        pan: 0,
        steps: "-3! _ - -3' - - -3 - 9' - -3 - - -3 7' - | \
             -7! _ - -7' - - -7 - 5' - -7 - - -7 4' - | \
             0! _ - 0' - - 0 - 12' - 0 - - 0 7' - | \
             -5! _ - -5' - - -5 - 7' - -5 - - -5 -1 2'",
    },
    Row {
        name: "Pluck",
        sound: "synth:pluck",
        colour: 5,
        gain: -620,
        pan: -24,
        steps: "9 - - 12' - - 16 - - 12' - - 9' - 12 - | \
             5 - - 9' - - 12 - - 9' - - 17' - 16 - | \
             7 - - 12' - - 16 - - 12' - - 19' - 16 - | \
             7 - - 11' - - 14 - - 11' - - 14' - 11' 7'",
    },
    Row {
        name: "Pad",
        sound: "synth:pad",
        colour: 6,
        gain: -900,
        pan: 14,
        steps: "9' _ _ _ _ _ _ _ _ _ _ _ _ _ _ - | 5' _ _ _ _ _ _ _ _ _ _ _ _ _ _ - | \
             7' _ _ _ _ _ _ _ _ _ _ _ _ _ _ - | 2' _ _ _ _ _ _ _ _ _ _ _ _ _ _ -",
    },
    Row {
        name: "Lead",
        sound: "synth:lead",
        colour: 7,
        gain: -820,
        pan: 10,
        steps: "- - - - - - - - - - - - 4' _ 7' _ | 9 _ _ _ _ _ 7' _ 5' _ _ _ - - - - | \
             - - - - - - - - - - - - 4' _ 7' _ | 11 _ _ _ 9' _ 7' _ 2' _ _ _ _ _ - -",
    },
];
