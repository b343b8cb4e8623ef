//! Where an output gets its sound.

use antiphon_timeline::Frames;

/// The canonical stream, as pulled by an output.
pub trait Source: Send + 'static {
    /// Writes the canonical frames from `first` on into `out`, interleaved stereo at 48 kHz.
    ///
    /// `first` is consecutive from call to call, unless the output jumped (its start, a seek of the session
    /// clock, a restart of the card); the output crossfades over a jump by itself. Block sizes vary.
    ///
    /// Thread: audio. Must be real-time safe: no allocation, lock, log or system call.
    fn render(&mut self, first: Frames, out: &mut [f32]);
}

impl<F: FnMut(Frames, &mut [f32]) + Send + 'static> Source for F {
    fn render(&mut self, first: Frames, out: &mut [f32]) {
        self(first, out);
    }
}
