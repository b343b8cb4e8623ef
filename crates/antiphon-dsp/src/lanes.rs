//! Eight signals side by side.
//!
//! Oscillators and mixers run along one signal, filters and envelopes across eight: between them the same samples are
//! turned round.

use wide::{
    bytemuck::{cast, cast_ref},
    f32x4, f32x8,
};

/// Signals that run in lock step.
pub const LANES: usize = 8;

/// Frames turned round in one go.
const BLOCK: usize = 4;

/// Turns rows, one signal each, into frames of all eight. `count` of the `N` frames count (`N`: a multiple of four);
/// up to three behind them come along.
pub fn to_frames<const N: usize>(rows: &[[f32; N]; LANES], count: usize, frames: &mut [f32x8; N]) {
    let rows = rows.each_ref().map(|row| row.as_chunks::<BLOCK>().0);
    let blocks = frames.as_chunks_mut::<BLOCK>().0.iter_mut().take(count.div_ceil(BLOCK));
    for (at, block) in blocks.enumerate() {
        let half =
            |from: usize| f32x4::transpose(std::array::from_fn(|lane| f32x4::from(rows[from + lane][at])));
        let halves = half(0).into_iter().zip(half(BLOCK));
        for (frame, (low, high)) in block.iter_mut().zip(halves) {
            *frame = cast([low, high]);
        }
    }
}

/// Turns frames back into rows.
pub fn to_rows<const N: usize>(frames: &[f32x8; N], count: usize, rows: &mut [[f32; N]; LANES]) {
    let mut rows = rows.each_mut().map(|row| row.as_chunks_mut::<BLOCK>().0);
    let blocks = frames.as_chunks::<BLOCK>().0.iter().take(count.div_ceil(BLOCK));
    for (at, block) in blocks.enumerate() {
        for half in 0..2 {
            let lanes = f32x4::transpose(block.each_ref().map(|frame| {
                let halves: &[f32x4; 2] = cast_ref(frame);
                halves[half]
            }));
            for (row, lane) in rows[half * BLOCK..].iter_mut().zip(lanes) {
                row[at] = lane.to_array();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same() {
        let rows: [[f32; 12]; LANES] =
            std::array::from_fn(|lane| std::array::from_fn(|at| (lane * 100 + at) as f32));
        let mut frames = [f32x8::ZERO; 12];
        to_frames(&rows, 9, &mut frames);
        for (at, frame) in frames.iter().enumerate() {
            assert_eq!(frame.to_array(), std::array::from_fn(|lane| rows[lane][at]), "frame {at}");
        }
        let mut back = [[0.0; 12]; LANES];
        to_rows(&frames, 12, &mut back);
        assert_eq!(back, rows);
        to_frames(&rows, 4, &mut frames);
        let mut part = [[0.0; 12]; LANES];
        to_rows(&frames, 4, &mut part);
        assert!(part.iter().zip(&rows).all(|(part, row)| part[..4] == row[..4] && part[4..] == [0.0; 8]));
    }
}
