//! Which cards there are, and how to talk to one.

use cpal::{
    BufferSize, FrameCount, HostId, SampleFormat, StreamConfig, SupportedBufferSize,
    SupportedStreamConfigRange,
    traits::{DeviceTrait, HostTrait},
};

use crate::{
    error::OpenOutputError,
    limits::{
        BUFFER_FRAMES_WANTED, BUFFER_FRAMES_WANTED_OF_A_SERVER, CARD_CHANNELS_MAX, CARD_RATE_MAX,
        CARD_RATE_MIN,
    },
};

/// An audio output of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputInfo {
    /// What to store and to open it by.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it is the one that the system would choose.
    pub is_default: bool,
}

/// The outputs there are: the system's, or those of a simulated room.
pub trait Cards: Send + Sync + 'static {
    /// One of them.
    type Card: DeviceTrait<Stream: Send + Sync + 'static>;

    /// All of them, the default one first.
    fn outputs(&self) -> Vec<OutputInfo>;

    /// The one with this id or name, or the default one.
    fn find(&self, wanted: Option<&str>) -> Result<Self::Card, OpenOutputError>;
}

/// The audio outputs of this machine.
pub(crate) struct SystemCards;

impl Cards for SystemCards {
    type Card = cpal::Device;

    fn outputs(&self) -> Vec<OutputInfo> {
        outputs()
    }

    fn find(&self, wanted: Option<&str>) -> Result<cpal::Device, OpenOutputError> {
        find(wanted)
    }
}

/// No output at all, for a reason.
pub(crate) struct NoCards {
    pub(crate) reason: String,
}

impl Cards for NoCards {
    type Card = cpal::Device;

    fn outputs(&self) -> Vec<OutputInfo> {
        Vec::new()
    }

    fn find(&self, _wanted: Option<&str>) -> Result<cpal::Device, OpenOutputError> {
        Err(OpenOutputError::SwitchedOff { reason: self.reason.clone() })
    }
}

/// The audio outputs of this machine, the default one first.
pub fn outputs() -> Vec<OutputInfo> {
    let mut found: Vec<OutputInfo> = hosts().flat_map(|host| outputs_of(&host)).collect();
    found.sort_by_key(|output| !output.is_default);
    found
}

/// Names under which ALSA lists its plugins. They are no outputs; some have no clock and would run as fast as the
/// machine can. Who wants one can still open it by id.
const ALSA_PLUGINS: [&str; 13] = [
    "null",
    "file",
    "lavrate",
    "samplerate",
    "speexrate",
    "speex",
    "upmix",
    "vdownmix",
    "jack",
    "oss",
    "pulse",
    "pipewire",
    "usbstream",
];

fn is_plugin(id: &cpal::DeviceId) -> bool {
    let name = id.id().split(':').next().unwrap_or_default();
    id.host().to_string() == "alsa" && ALSA_PLUGINS.contains(&name)
}

/// The host that the system prefers, and JACK when it is built in and running.
fn hosts() -> impl Iterator<Item = cpal::Host> {
    let default = cpal::default_host();
    let first = default.id();
    let jack = cpal::available_hosts()
        .into_iter()
        .filter(move |id| *id != first && id.to_string() == "jack")
        .filter_map(|id: HostId| cpal::host_from_id(id).ok());
    std::iter::once(default).chain(jack)
}

fn outputs_of(host: &cpal::Host) -> Vec<OutputInfo> {
    let is_preferred = host.id() == cpal::default_host().id();
    let default = host.default_output_device().and_then(|card| card.id().ok()).filter(|_| is_preferred);
    let describe = |card: cpal::Device| {
        let id = card.id().ok().filter(|id| !is_plugin(id))?;
        Some(OutputInfo {
            is_default: default.as_ref() == Some(&id),
            name: name_of(&card),
            id: id.to_string(),
        })
    };
    host.output_devices().into_iter().flatten().filter_map(describe).collect()
}

/// What people call it; its id where it has no name.
pub(crate) fn name_of(card: &impl DeviceTrait) -> String {
    card.description().map_or_else(|_| card.to_string(), |description| description.name().to_owned())
}

/// What to keep of a card: its id; its name where it has none.
pub(crate) fn id_of(card: &impl DeviceTrait) -> String {
    card.id().map_or_else(|_| name_of(card), |id| id.to_string())
}

/// The card with this id or name, or the default one.
fn find(wanted: Option<&str>) -> Result<cpal::Device, OpenOutputError> {
    let Some(wanted) = wanted else {
        // ALSA has a default even where there is no card behind it; that one has no formats.
        let default = cpal::default_host().default_output_device();
        return default.filter(DeviceTrait::supports_output).ok_or(OpenOutputError::NoOutput);
    };
    let by_id = wanted.parse::<cpal::DeviceId>().ok();
    let by_id = by_id.and_then(|id| cpal::host_from_id(id.host()).ok()?.device_by_id(&id));
    let by_name = || {
        let cards = hosts().filter_map(|host| host.output_devices().ok()).flatten();
        cards.into_iter().find(|card| name_of(card) == wanted)
    };
    by_id.or_else(by_name).ok_or_else(|| OpenOutputError::NotFound {
        wanted: wanted.to_owned(),
        available: outputs().into_iter().map(|output| output.name).collect(),
    })
}

/// How a card will be driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CardFormat {
    pub(crate) rate: u32,
    pub(crate) channels: u16,
    pub(crate) sample: SampleFormat,
    buffer: SupportedBufferSize,
    wanted: [FrameCount; 4],
}

impl CardFormat {
    /// The best of what a card offers: 48 kHz, stereo, floats, or what is nearest to that.
    pub(crate) fn choose(card: &impl DeviceTrait) -> Result<Self, OpenOutputError> {
        let name = name_of(card);
        let offered = match card.supported_output_configs() {
            Ok(offered) => offered,
            Err(error) => return Err(OpenOutputError::Refused { name, source: Box::new(error) }),
        };
        let best = offered.filter_map(|range| Self::best_of(&range)).min_by_key(Self::cost);
        let best = best.ok_or(OpenOutputError::NoUsableFormat { name })?;
        let through_server = card.id().is_ok_and(|id| id.host().to_string() == "pulseaudio");
        let wanted = if through_server { BUFFER_FRAMES_WANTED_OF_A_SERVER } else { BUFFER_FRAMES_WANTED };
        Ok(Self { wanted, ..best })
    }

    fn best_of(range: &SupportedStreamConfigRange) -> Option<Self> {
        let (low, high) =
            (range.min_sample_rate().max(CARD_RATE_MIN), range.max_sample_rate().min(CARD_RATE_MAX));
        let rate = (low..=high).contains(&48_000).then_some(48_000);
        let rate = rate.or_else(|| [96_000, 44_100].into_iter().find(|rate| (low..=high).contains(rate)));
        let format = Self {
            rate: rate.or((low <= high).then_some(high))?,
            channels: range.channels(),
            sample: range.sample_format(),
            buffer: *range.buffer_size(),
            wanted: BUFFER_FRAMES_WANTED,
        };
        let playable = matches!(
            format.sample,
            SampleFormat::F32 | SampleFormat::I32 | SampleFormat::I16 | SampleFormat::U16
        );
        (playable && (1..=CARD_CHANNELS_MAX).contains(&format.channels)).then_some(format)
    }

    fn cost(&self) -> (u32, u16, u8) {
        let sample = match self.sample {
            SampleFormat::F32 => 0,
            SampleFormat::I32 => 1,
            SampleFormat::I16 => 2,
            _ => 3,
        };
        // More channels than two cost nothing in quality, one loses the stereo.
        let channels = if self.channels == 1 { u16::MAX } else { self.channels };
        (self.rate.abs_diff(48_000), channels, sample)
    }

    /// Configurations to try in turn; always a fixed buffer.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = StreamConfig> + use<> {
        let (channels, sample_rate) = (self.channels, self.rate);
        self.buffer_sizes().into_iter().map(move |frames| StreamConfig {
            channels,
            sample_rate,
            buffer_size: BufferSize::Fixed(frames),
        })
    }

    fn buffer_sizes(&self) -> Vec<FrameCount> {
        let SupportedBufferSize::Range { min, max } = self.buffer else {
            return self.wanted.to_vec();
        };
        let fitting: Vec<_> = self.wanted.into_iter().filter(|n| (min..=max).contains(n)).collect();
        if fitting.is_empty() { vec![1024.clamp(min, max.max(min))] } else { fitting }
    }
}
