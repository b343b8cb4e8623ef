//! The click, and the places where two channels have it.

use std::path::Path;

use antiphon_testkit::sound::{clicks, smooth_click};

const RATE: f64 = 48_000.0;
/// A fifth of the loudest sample counts as a click.
const THRESHOLD: f32 = 0.2;
/// Clicks come every 48,000 frames; within this many there is one.
const APART: usize = 12_000;
/// Onsets of one click are never further apart than this.
const PAIR_MS: f64 = 100.0;

/// Writes a click that is smooth enough to be placed between frames.
pub fn write_click(path: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE as u32,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a temporary file");
    for frame in 0..2_400 {
        writer.write_sample(0.9 * smooth_click(f64::from(frame) - 24.0)).expect("a temporary file");
    }
    writer.finalize().expect("a temporary file");
}

/// When each channel had a click, in seconds of the recording.
#[derive(Debug)]
pub struct Heard {
    channels: [Vec<f64>; 2],
}

impl Heard {
    pub fn of(channels: &[Vec<f32>; 2]) -> Self {
        Self { channels: channels.each_ref().map(|samples| onsets(samples)) }
    }

    /// How much earlier the left channel had each click than the right, in milliseconds; only those whose moment
    /// is `wanted`.
    pub fn leads_ms(&self, wanted: impl Fn(f64) -> bool) -> Vec<f64> {
        let [left, right] = &self.channels;
        let judged = left.iter().filter(|at| wanted(**at));
        judged.filter_map(|at| Some((nearest(right, *at)? - at) * 1e3)).collect()
    }

    /// How far apart both channels had each click.
    pub fn differences_ms(&self, wanted: impl Fn(f64) -> bool) -> Vec<f64> {
        self.leads_ms(wanted).into_iter().map(f64::abs).collect()
    }

    /// Clicks that only one channel has, but for the last second, where one may be cut off.
    pub fn lonely(&self, wanted: impl Fn(f64) -> bool) -> usize {
        let [left, right] = &self.channels;
        let end =
            left.last().copied().unwrap_or_default().min(right.last().copied().unwrap_or_default()) - 1.0;
        let alone = |here: &[f64], there: &[f64]| {
            here.iter().filter(|at| **at < end && wanted(**at) && nearest(there, **at).is_none()).count()
        };
        alone(left, right) + alone(right, left)
    }
}

fn onsets(samples: &[f32]) -> Vec<f64> {
    let loudest = samples.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
    if loudest <= 0.0 {
        return Vec::new();
    }
    clicks(samples, THRESHOLD * loudest, APART).into_iter().map(|frame| frame / RATE).collect()
}

fn nearest(onsets: &[f64], at: f64) -> Option<f64> {
    let nearest = onsets.iter().copied().min_by(|a, b| (a - at).abs().total_cmp(&(b - at).abs()))?;
    ((nearest - at).abs() * 1e3 <= PAIR_MS).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(places: &[f64]) -> Vec<f32> {
        let mut samples = vec![0.0; 200_000];
        for place in places {
            (0..200_000).for_each(|at| samples[at] += smooth_click(at as f64 - place));
        }
        samples
    }

    #[test]
    fn the_lead_of_one_channel_is_found_to_a_microsecond() {
        let heard = Heard::of(&[
            recording(&[50_000.0, 98_000.5, 146_000.0]),
            recording(&[50_004.8, 98_005.3, 190_000.0]),
        ]);
        let leads = heard.leads_ms(|_| true);
        assert_eq!(leads.len(), 2);
        assert!(leads.iter().all(|lead| (lead - 0.1).abs() < 0.001), "{leads:?}");
        assert_eq!(heard.lonely(|seconds| seconds < 3.0), 0, "the last second is not judged");
    }

    #[test]
    fn a_click_of_one_channel_alone_is_lonely() {
        let heard =
            Heard::of(&[recording(&[48_000.0, 96_000.0, 190_000.0]), recording(&[48_000.0, 190_000.0])]);
        assert_eq!(heard.lonely(|_| true), 1);
    }
}
