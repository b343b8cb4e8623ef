//! What a card played, and when each frame of it was heard.

/// Frames in the order in which they were heard. Between segments nothing was.
#[derive(Debug, Default)]
pub(super) struct Recording {
    segments: Vec<Segment>,
    /// Frames given by now; those not yet taken are in `samples`.
    given: u64,
    samples: Vec<f32>,
    channels: usize,
}

/// Frames that were heard at a steady rate.
#[derive(Debug, Clone, Copy)]
struct Segment {
    first: u64,
    starts_ns: f64,
    rate: f64,
}

impl Segment {
    fn heard_ns(&self, frame: f64) -> f64 {
        self.starts_ns + (frame - self.first as f64) * 1e9 / self.rate
    }
}

impl Recording {
    /// What is given from now on is heard from `starts_ns` on, at `rate` frames a second.
    pub(super) fn begin(&mut self, starts_ns: f64, rate: f64, channels: u16) {
        self.channels = usize::from(channels);
        self.segments.push(Segment { first: self.given, starts_ns, rate });
    }

    /// When this frame is heard.
    pub(super) fn heard_ns(&self, frame: f64) -> f64 {
        let after = self.segments.partition_point(|segment| segment.first as f64 <= frame);
        self.segments[after.saturating_sub(1)].heard_ns(frame)
    }

    /// When the next frame will be.
    pub(super) fn next_heard_ns(&self) -> f64 {
        self.segments.last().map_or(0.0, |segment| segment.heard_ns(self.given as f64))
    }

    /// Where the samples of the next frames go; `frames` of them are about to be written.
    pub(super) fn space(&mut self, frames: u32) -> &mut Vec<f32> {
        self.given += u64::from(frames);
        self.samples.reserve(frames as usize * self.channels);
        &mut self.samples
    }

    /// Nothing is heard for this long.
    pub(super) fn silence(&mut self, frames: u32) {
        let samples = frames as usize * self.channels;
        self.space(frames).extend(std::iter::repeat_n(0.0, samples));
    }

    /// The card stops: what was given and not heard by now never will be.
    pub(super) fn cut(&mut self, now_ns: i64) {
        let heard = self.heard_until(now_ns).min(self.given);
        let lost = usize::try_from(self.given - heard).unwrap_or(0) * self.channels;
        self.samples.truncate(self.samples.len().saturating_sub(lost));
        self.given = heard;
    }

    /// Takes what was heard by now.
    pub(super) fn take(&mut self, now_ns: i64) -> Vec<f32> {
        let ahead = self.given.saturating_sub(self.heard_until(now_ns));
        let kept = self.samples.len().min(usize::try_from(ahead).unwrap_or(0) * self.channels);
        let rest = self.samples.split_off(self.samples.len() - kept);
        std::mem::replace(&mut self.samples, rest)
    }

    fn heard_until(&self, now_ns: i64) -> u64 {
        self.segments.last().map_or(0, |segment| {
            let frames = ((now_ns as f64 - segment.starts_ns) * segment.rate / 1e9).floor();
            segment.first + frames.max(0.0) as u64
        })
    }
}
