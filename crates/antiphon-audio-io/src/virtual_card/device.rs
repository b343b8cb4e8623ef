//! The virtual card as cpal sees it.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use cpal::{
    BufferSize, Data, DeviceDescription, DeviceDescriptionBuilder, DeviceId, Error, ErrorKind, FrameCount,
    HostId, InputCallbackInfo, OutputCallbackInfo, Sample, SampleFormat, SizedSample, StreamConfig,
    StreamInstant, SupportedStreamConfig, SupportedStreamConfigRange,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};

use super::{Callbacks, VirtualCard};

impl HostTrait for VirtualCard {
    type Devices = std::option::IntoIter<Self>;
    type Device = Self;

    fn is_available() -> bool {
        true
    }

    fn devices(&self) -> Result<Self::Devices, Error> {
        Ok(self.default_output_device().into_iter())
    }

    fn default_input_device(&self) -> Option<Self> {
        None
    }

    fn default_output_device(&self) -> Option<Self> {
        self.state().plugged.then(|| self.clone())
    }
}

impl DeviceTrait for VirtualCard {
    type SupportedInputConfigs = std::iter::Empty<SupportedStreamConfigRange>;
    type SupportedOutputConfigs = std::iter::Once<SupportedStreamConfigRange>;
    type Stream = VirtualStream;

    fn description(&self) -> Result<DeviceDescription, Error> {
        Ok(DeviceDescriptionBuilder::new(&*self.name).build())
    }

    fn id(&self) -> Result<DeviceId, Error> {
        Ok(DeviceId::new(HostId::Custom, &*self.name))
    }

    fn supported_input_configs(&self) -> Result<Self::SupportedInputConfigs, Error> {
        Ok(std::iter::empty())
    }

    fn supported_output_configs(&self) -> Result<Self::SupportedOutputConfigs, Error> {
        Ok(std::iter::once(self.state().spec.range()))
    }

    fn default_input_config(&self) -> Result<SupportedStreamConfig, Error> {
        Err(Error::new(ErrorKind::UnsupportedOperation))
    }

    fn default_output_config(&self) -> Result<SupportedStreamConfig, Error> {
        Ok(self.state().spec.range().with_max_sample_rate())
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
        let mut state = self.state();
        if !state.plugged {
            return Err(Error::new(ErrorKind::DeviceNotAvailable));
        }
        if state.stream.is_some() {
            // Like most cards without a server before them.
            return Err(Error::new(ErrorKind::DeviceBusy));
        }
        let (buffer, channels) = (state.spec.buffer, state.spec.channels);
        let fits = T::FORMAT == state.spec.format
            && config.channels == channels
            && config.sample_rate == state.spec.rate
            && config.buffer_size == BufferSize::Fixed(buffer);
        if !fits {
            return Err(Error::new(ErrorKind::UnsupportedConfig));
        }
        let samples = buffer as usize * usize::from(channels);
        let data = move |recorded: &mut Vec<f32>, info: &OutputCallbackInfo| {
            typed_block(samples, recorded, |block: &mut [T]| data(block, info));
        };
        state.stream = Some(Callbacks { data: Box::new(data), error: Box::new(error) });
        state.streams += 1;
        Ok(VirtualStream { card: self.clone(), number: state.streams })
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
    number: u64,
}

impl StreamTrait for VirtualStream {
    fn play(&self) -> Result<(), Error> {
        let now_ns = self.card.true_ns();
        let state = &mut *self.card.state();
        if !std::mem::replace(&mut state.playing, true) {
            state.last_stamp_ns = i64::MIN;
            state.start_at(now_ns);
        }
        Ok(())
    }

    fn pause(&self) -> Result<(), Error> {
        self.card.state().playing = false;
        Ok(())
    }

    fn buffer_size(&self) -> Result<FrameCount, Error> {
        Ok(self.card.state().spec.buffer)
    }

    fn now(&self) -> StreamInstant {
        let state = self.card.state();
        let now_ns = self.card.true_ns() + state.spec.stream_clock_origin_ns - state.slept_ns;
        StreamInstant::from_nanos(now_ns.max(0).cast_unsigned())
    }
}

impl Drop for VirtualStream {
    fn drop(&mut self) {
        let now_ns = self.card.true_ns();
        let mut state = self.card.state();
        if state.streams != self.number {
            return;
        }
        if std::mem::replace(&mut state.playing, false) {
            state.recording.cut(now_ns);
        }
        // Taken first and dropped after the lock: the callback's own drop must not find it held.
        let stream = state.stream.take();
        drop(state);
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
        self.name.hash(state);
    }
}

impl fmt::Debug for VirtualCard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("VirtualCard").field(&self.name).finish()
    }
}

impl fmt::Display for VirtualCard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

cpal::assert_stream_send!(VirtualStream);
cpal::assert_stream_sync!(VirtualStream);
