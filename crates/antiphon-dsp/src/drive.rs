//! Soft saturation.
//!
//! The curve is x / √(1 + x²). Bending a waveform makes harmonics that would fold back at the Nyquist frequency;
//! integrating the curve over each frame instead of sampling it (antiderivative anti-aliasing, Parker et al.,
//! DAFx 2016) keeps most of that away. For this curve the integral's difference quotient simplifies to
//! (a + b) / (√(1 + a²) + √(1 + b²)), which needs no special case for equal neighbours.
//!
//! A lopsided waveform (a resonating filter's) comes out with an offset, which [`DcBlock`] takes away.

/// A saturating stage. Delays by half a frame.
#[derive(Debug, Clone, Copy)]
pub struct Drive {
    last: f32,
    last_root: f32,
}

impl Default for Drive {
    fn default() -> Self {
        Self { last: 0.0, last_root: 1.0 }
    }
}

impl Drive {
    /// The next frame. Small inputs pass as they are, large ones approach ±1.
    #[inline]
    pub fn process(&mut self, input: f32) -> f32 {
        let root = (1.0 + input * input).sqrt();
        let output = (input + self.last) / (root + self.last_root);
        (self.last, self.last_root) = (input, root);
        output
    }
}

/// A high-pass at 8 Hz.
#[derive(Debug, Clone, Copy, Default)]
pub struct DcBlock {
    offset: f32,
}

/// 2π · 8 Hz / 48 kHz
const OFFSET_PER_FRAME: f32 = 0.001_047;

impl DcBlock {
    /// Is the offset that it still takes away below `level`?
    pub fn is_quieter_than(&self, level: f32) -> bool {
        self.offset.abs() < level
    }

    /// The next frame.
    #[inline]
    pub fn process(&mut self, input: f32) -> f32 {
        let output = input - self.offset;
        self.offset += output * OFFSET_PER_FRAME;
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_what_is_quiet_and_bounds_what_is_loud() {
        let mut drive = Drive::default();
        drive.process(0.01);
        assert!((drive.process(0.01) - 0.01).abs() < 1e-5);
        drive.process(100.0);
        assert!((0.99..1.0).contains(&drive.process(100.0)));
    }
}
