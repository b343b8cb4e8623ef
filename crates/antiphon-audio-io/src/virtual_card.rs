//! A simulated sound card, as a cpal host with one device.
//!
//! Its crystal is off by some ppm, its timestamps are noisy and now and then wrong, its callbacks come late;
//! what it plays is recorded with the exact true time of each frame, which no real card can tell.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use cpal::{
    BufferSize, Data, DeviceDescription, DeviceDescriptionBuilder, DeviceId, Error, ErrorKind, FrameCount,
    InputCallbackInfo, OutputCallbackInfo, OutputStreamTimestamp, Sample, SampleFormat, SizedSample,
    StreamConfig, StreamInstant, SupportedBufferSize, SupportedStreamConfig, SupportedStreamConfigRange,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};

/// How a card behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct CardSpec {
    /// Its name.
    pub name: String,
    /// Frames per second by its own crystal.
    pub rate: u32,
    /// How fast that crystal is.
    pub ppm: f64,
    /// Channels it takes.
    pub channels: u16,
    /// The only sample format it takes.
    pub format: SampleFormat,
    /// The only buffer size it takes.
    pub buffer: u32,
    /// Playback timestamps are off by up to this much in both directions.
    pub timestamp_noise_ns: i64,
    /// Chance that a timestamp is off by 2 to 15 ms instead.
    pub outliers: f64,
    /// Callbacks come late by this much on average, exponentially distributed.
    pub lateness_ns: f64,
    /// What the card's own stream clock shows at true time 0.
    pub stream_clock_origin_ns: i64,
    /// Seed of its noise.
    pub seed: u64,
}

impl CardSpec {
    /// A consumer's card: its crystal is off by `ppm`, its timestamps are noisy and now and then wrong, its callbacks
    /// come late.
    pub fn consumer(ppm: f64, seed: u64) -> Self {
        Self {
            ppm,
            seed,
            timestamp_noise_ns: 80_000,
            outliers: 0.002,
            lateness_ns: 200_000.0,
            stream_clock_origin_ns: 5_000_000_000,
            ..Self::default()
        }
    }
}

impl Default for CardSpec {
    fn default() -> Self {
        Self {
            name: "virtual".to_owned(),
            rate: 48_000,
            ppm: 0.0,
            channels: 2,
            format: SampleFormat::F32,
            buffer: 512,
            timestamp_noise_ns: 0,
            outliers: 0.0,
            lateness_ns: 0.0,
            stream_clock_origin_ns: 1_000_000_000,
            seed: 1,
        }
    }
}

/// Callbacks come this many buffers before their frames are played.
const LEAD_BUFFERS: u64 = 2;

/// A simulated card. Clones are the same card.
#[derive(Clone)]
pub struct VirtualCard {
    spec: Arc<CardSpec>,
    now_ns: Arc<AtomicI64>,
    state: Arc<Mutex<CardState>>,
}

#[derive(Default)]
struct CardState {
    stream: Option<Callbacks>,
    playing: bool,
    starts_ns: f64,
    /// Frames the converter has been given.
    played: u64,
    due_ns: i64,
    last_stamp_ns: i64,
    noise: u64,
    recorded: Vec<f32>,
}

/// Has an output write one block, and appends it to the recording.
type RecordBlock = dyn FnMut(&mut Vec<f32>, &OutputCallbackInfo) + Send;

/// The two callbacks of a stream, its sample type erased.
struct Callbacks {
    data: Box<RecordBlock>,
    error: Box<dyn FnMut(Error) + Send>,
}

impl VirtualCard {
    pub(crate) fn new(spec: CardSpec, now_ns: Arc<AtomicI64>) -> Self {
        let state =
            CardState { noise: spec.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, ..CardState::default() };
        Self { spec: Arc::new(spec), now_ns, state: Arc::new(Mutex::new(state)) }
    }

    /// The true time at which frame `frame` of the recording is heard.
    pub fn heard_ns(&self, frame: f64) -> f64 {
        let rate = f64::from(self.spec.rate) * (1.0 + self.spec.ppm * 1e-6);
        self.state().starts_ns + frame * 1e9 / rate
    }

    /// Takes what was recorded since the last time, as f32 of the card's channels interleaved.
    pub fn take(&self) -> Vec<f32> {
        std::mem::take(&mut self.state().recorded)
    }

    /// The card runs dry for `frames` frames: silence is heard, and what follows is that much later.
    pub fn run_dry(&self, frames: u32) {
        let mut state = self.state();
        state.played += u64::from(frames);
        let silent = frames as usize * usize::from(self.spec.channels);
        state.recorded.extend(std::iter::repeat_n(0.0, silent));
        if let Some(stream) = &mut state.stream {
            (stream.error)(Error::new(ErrorKind::Xrun));
        }
    }

    /// Somebody pulls the plug.
    pub fn unplug(&self) {
        let mut state = self.state();
        state.playing = false;
        if let Some(stream) = &mut state.stream {
            (stream.error)(Error::new(ErrorKind::DeviceNotAvailable));
        }
    }

    pub(crate) fn due_ns(&self) -> Option<i64> {
        let state = self.state();
        (state.playing && state.stream.is_some()).then_some(state.due_ns)
    }

    /// Makes the callback that is due, inside `guard`.
    pub(crate) fn call_back(&self, guard: &mut dyn FnMut(&mut dyn FnMut())) {
        let spec = &*self.spec;
        let now_ns = self.now_ns.load(Ordering::Relaxed);
        let played = self.state().played;
        let heard_ns = self.heard_ns(played as f64) as i64;
        let state = &mut *self.state();
        let stamp_ns = (heard_ns + spec.stamp_error_ns(&mut state.noise)).max(state.last_stamp_ns);
        state.last_stamp_ns = stamp_ns;
        let instant =
            |ns: i64| StreamInstant::from_nanos((ns + spec.stream_clock_origin_ns).max(0).cast_unsigned());
        let info = OutputCallbackInfo::new(OutputStreamTimestamp {
            callback: instant(now_ns),
            playback: instant(stamp_ns),
        });
        let recorded = &mut state.recorded;
        recorded.reserve(spec.buffer as usize * usize::from(spec.channels));
        if let Some(stream) = &mut state.stream {
            guard(&mut || (stream.data)(recorded, &info));
        }
        state.played += u64::from(spec.buffer);
        let late_ns = -spec.lateness_ns * (1.0 - unit(&mut state.noise)).ln();
        let rate = f64::from(spec.rate) * (1.0 + spec.ppm * 1e-6);
        let lead = (LEAD_BUFFERS * u64::from(spec.buffer)) as f64;
        let wanted_ns = state.starts_ns + (state.played as f64 - lead) * 1e9 / rate;
        state.due_ns = ((wanted_ns + late_ns) as i64).max(now_ns);
    }

    fn state(&self) -> MutexGuard<'_, CardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CardSpec {
    fn stamp_error_ns(&self, noise: &mut u64) -> i64 {
        let side = if unit(noise) < 0.5 { -1.0 } else { 1.0 };
        if unit(noise) < self.outliers {
            return (side * (2e6 + 13e6 * unit(noise))) as i64;
        }
        (side * unit(noise) * self.timestamp_noise_ns as f64) as i64
    }

    fn range(&self) -> SupportedStreamConfigRange {
        let buffer = SupportedBufferSize::Range { min: self.buffer, max: self.buffer };
        SupportedStreamConfigRange::new(self.channels, self.rate, self.rate, buffer, self.format)
    }
}

/// The next number of a xorshift sequence, in [0, 1).
fn unit(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

impl HostTrait for VirtualCard {
    type Devices = std::iter::Once<Self>;
    type Device = Self;

    fn is_available() -> bool {
        true
    }

    fn devices(&self) -> Result<Self::Devices, Error> {
        Ok(std::iter::once(self.clone()))
    }

    fn default_input_device(&self) -> Option<Self> {
        None
    }

    fn default_output_device(&self) -> Option<Self> {
        Some(self.clone())
    }
}

impl DeviceTrait for VirtualCard {
    type SupportedInputConfigs = std::iter::Empty<SupportedStreamConfigRange>;
    type SupportedOutputConfigs = std::iter::Once<SupportedStreamConfigRange>;
    type Stream = VirtualStream;

    fn description(&self) -> Result<DeviceDescription, Error> {
        Ok(DeviceDescriptionBuilder::new(&self.spec.name).build())
    }

    fn id(&self) -> Result<DeviceId, Error> {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }

    fn supported_input_configs(&self) -> Result<Self::SupportedInputConfigs, Error> {
        Ok(std::iter::empty())
    }

    fn supported_output_configs(&self) -> Result<Self::SupportedOutputConfigs, Error> {
        Ok(std::iter::once(self.spec.range()))
    }

    fn default_input_config(&self) -> Result<SupportedStreamConfig, Error> {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }

    fn default_output_config(&self) -> Result<SupportedStreamConfig, Error> {
        Ok(self.spec.range().with_max_sample_rate())
    }

    /// The typed door: unlike the raw one it needs no pointer.
    fn build_output_stream<T, D, E>(
        &self,
        config: StreamConfig,
        mut data: D,
        error: E,
        _timeout: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        T: SizedSample,
        D: FnMut(&mut [T], &OutputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        let fits = T::FORMAT == self.spec.format
            && config.channels == self.spec.channels
            && config.sample_rate == self.spec.rate
            && config.buffer_size == BufferSize::Fixed(self.spec.buffer);
        if !fits {
            return Err(Error::new(ErrorKind::UnsupportedConfig));
        }
        let samples = self.spec.buffer as usize * usize::from(self.spec.channels);
        let data = move |recorded: &mut Vec<f32>, info: &OutputCallbackInfo| {
            typed_block(samples, recorded, |block: &mut [T]| data(block, info));
        };
        self.state().stream = Some(Callbacks { data: Box::new(data), error: Box::new(error) });
        Ok(VirtualStream { card: self.clone() })
    }

    fn build_input_stream_raw<D, E>(
        &self,
        _config: StreamConfig,
        _format: SampleFormat,
        _data: D,
        _error: E,
        _timeout: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&Data, &InputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }

    fn build_output_stream_raw<D, E>(
        &self,
        _config: StreamConfig,
        _format: SampleFormat,
        _data: D,
        _error: E,
        _timeout: Option<Duration>,
    ) -> Result<Self::Stream, Error>
    where
        D: FnMut(&mut Data, &OutputCallbackInfo) + Send + 'static,
        E: FnMut(Error) + Send + 'static,
    {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }
}

/// Has `fill` write one block, and records it.
///
/// The block lives on the stack, because it is part of what a test of allocations watches.
fn typed_block<T: SizedSample>(samples: usize, recorded: &mut Vec<f32>, fill: impl FnOnce(&mut [T])) {
    let mut block = [T::EQUILIBRIUM; BLOCK_SAMPLES_MAX];
    let block = &mut block[..samples.min(BLOCK_SAMPLES_MAX)];
    fill(block);
    recorded.extend(block.iter().map(|sample| sample.to_float_sample().to_sample::<f32>()));
}

/// 4096 frames of stereo, 1024 of eight channels.
const BLOCK_SAMPLES_MAX: usize = 8192;

/// A stream on a virtual card. Dropping it stops the card.
pub struct VirtualStream {
    card: VirtualCard,
}

impl StreamTrait for VirtualStream {
    fn play(&self) -> Result<(), Error> {
        let now_ns = self.card.now_ns.load(Ordering::Relaxed);
        let lead_s = LEAD_BUFFERS as f64 * f64::from(self.card.spec.buffer) / f64::from(self.card.spec.rate);
        let mut state = self.card.state();
        if !state.playing {
            (state.playing, state.due_ns, state.played) = (true, now_ns, 0);
            state.starts_ns = now_ns as f64 + lead_s * 1e9;
        }
        Ok(())
    }

    fn pause(&self) -> Result<(), Error> {
        self.card.state().playing = false;
        Ok(())
    }

    fn buffer_size(&self) -> Result<FrameCount, Error> {
        Ok(self.card.spec.buffer)
    }

    fn now(&self) -> StreamInstant {
        let now_ns = self.card.now_ns.load(Ordering::Relaxed) + self.card.spec.stream_clock_origin_ns;
        StreamInstant::from_nanos(now_ns.max(0).cast_unsigned())
    }
}

impl Drop for VirtualStream {
    fn drop(&mut self) {
        // Taken first and dropped after the lock: the callback's own drop must not find it held.
        let stream = self.card.state().stream.take();
        self.card.state().playing = false;
        drop(stream);
    }
}

impl PartialEq for VirtualCard {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }
}

impl Eq for VirtualCard {}

impl Hash for VirtualCard {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.spec.name.hash(state);
    }
}

impl fmt::Debug for VirtualCard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("VirtualCard").field(&self.spec).finish()
    }
}

impl fmt::Display for VirtualCard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.spec.name)
    }
}

cpal::assert_stream_send!(VirtualStream);
cpal::assert_stream_sync!(VirtualStream);
