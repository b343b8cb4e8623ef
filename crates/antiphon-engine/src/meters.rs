//! Levels on their way from the audio thread to the screen.

use antiphon_model::{TrackId, limits::TRACKS_MAX};

/// Levels since the last reading, linear. After the strip, before the master.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackMeter {
    /// Whose.
    pub track: TrackId,
    /// The largest magnitude of either channel.
    pub peak: f32,
    /// Root mean square over both channels.
    pub rms: f32,
}

/// One reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Meters {
    /// Every track of the plan that plays, in song order.
    pub tracks: Vec<TrackMeter>,
    /// Left and right, as sent to the output.
    pub master_peak: [f32; 2],
    /// Left and right.
    pub master_rms: [f32; 2],
    /// The strongest reduction by the limiter, in dB, zero or positive.
    pub limiter_db: f32,
    /// Voices that sounded at the end.
    pub voices: u32,
    /// Frames measured.
    pub frames: u32,
}

/// What the audio thread sends: sums that can be added up over several snapshots.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot {
    pub tracks: [LevelSum; TRACKS_MAX],
    pub ids: [TrackId; TRACKS_MAX],
    pub count: usize,
    pub master: [LevelSum; 2],
    pub limiter_gain: f32,
    pub voices: u32,
    pub frames: u32,
}

/// Peak and energy.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LevelSum {
    pub peak: f32,
    pub energy: f32,
}

impl LevelSum {
    /// Adds one channel's samples.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn add(&mut self, samples: &[f32]) {
        // Four sums side by side, so that the processor need not wait for one addition before the next.
        let mut sums = [Self::default(); 4];
        let (quads, rest) = samples.as_chunks::<4>();
        for quad in quads {
            sums.iter_mut().zip(quad).for_each(|(sum, sample)| sum.add_one(*sample));
        }
        sums.iter_mut().zip(rest).for_each(|(sum, sample)| sum.add_one(*sample));
        sums.into_iter().for_each(|sum| self.merge(sum));
    }

    #[inline]
    fn add_one(&mut self, sample: f32) {
        let magnitude = sample.abs();
        self.peak = if magnitude > self.peak { magnitude } else { self.peak };
        self.energy += sample * sample;
    }

    fn merge(&mut self, other: Self) {
        self.peak = self.peak.max(other.peak);
        self.energy += other.energy;
    }

    fn rms(self, samples: u32) -> f32 {
        (self.energy / samples.max(1) as f32).sqrt()
    }
}

impl Snapshot {
    pub(crate) const EMPTY: Self = Self {
        tracks: [LevelSum { peak: 0.0, energy: 0.0 }; TRACKS_MAX],
        ids: [TrackId([0; 16]); TRACKS_MAX],
        count: 0,
        master: [LevelSum { peak: 0.0, energy: 0.0 }; 2],
        limiter_gain: 1.0,
        voices: 0,
        frames: 0,
    };

    /// Adds a later snapshot; where the tracks have changed in between, the later ones count.
    pub(crate) fn merge(&mut self, later: &Self) {
        let same = self.count == later.count && self.ids[..self.count] == later.ids[..later.count];
        if same {
            for (sum, other) in self.tracks.iter_mut().zip(&later.tracks) {
                sum.merge(*other);
            }
        } else {
            (self.tracks, self.ids, self.count) = (later.tracks, later.ids, later.count);
        }
        self.master[0].merge(later.master[0]);
        self.master[1].merge(later.master[1]);
        self.limiter_gain = self.limiter_gain.min(later.limiter_gain);
        self.voices = later.voices;
        self.frames += later.frames;
    }

    pub(crate) fn read(&self) -> Meters {
        let tracks = (self.ids.iter().zip(&self.tracks).take(self.count))
            .map(|(id, sum)| TrackMeter { track: *id, peak: sum.peak, rms: sum.rms(self.frames * 2) })
            .collect();
        Meters {
            tracks,
            master_peak: self.master.map(|sum| sum.peak),
            master_rms: self.master.map(|sum| sum.rms(self.frames)),
            limiter_db: antiphon_dsp::gain_to_db(1.0 / self.limiter_gain.max(1e-6)).max(0.0),
            voices: self.voices,
            frames: self.frames,
        }
    }
}
