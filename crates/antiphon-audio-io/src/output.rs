//! A place where the canonical stream is heard.

use std::{
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, sync_channel},
    },
    time::Duration,
};

use antiphon_timeline::{HostClock, HostTime, SessionMap};
use cpal::{ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig, traits::DeviceTrait};

use crate::{
    bridge::{BridgeKeeper, RunningStream, measure},
    callback::CardCallback,
    card::{self, CardFormat},
    desk::Desk,
    edge::Edge,
    error::OpenOutputError,
    position::Position,
    silence::Silence,
    source::Source,
};

/// How long a sound server may take to answer.
const OPEN_PATIENCE: Duration = Duration::from_secs(3);

/// Which output, and how far off its reported latency is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutputConfig {
    /// Id or name; the system's default when absent.
    pub output: Option<String>,
    /// How much later than it claims the output is heard (Bluetooth, HDMI).
    pub trim_ns: i64,
}

/// How an output is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputStatus {
    /// What people call it.
    pub name: String,
    /// Its frames per second.
    pub rate: u32,
    /// From asking for a frame until it is heard, as the card reports it, with the trim.
    pub latency_ns: i64,
    /// Times it ran dry, where the system says so.
    pub xruns: u64,
    /// Times its timeline broke: ran dry, was rerouted, or its timestamps stepped.
    pub resyncs: u64,
    /// Why nothing is heard, when that is so.
    pub lost: Option<String>,
    /// Part of each block's time that rendering takes.
    pub load: f32,
}

/// A running output. Dropping it stops it.
pub struct Output {
    desk: Arc<Desk>,
    clock: Arc<dyn HostClock>,
    name: String,
    rate: u32,
    way: Way,
}

enum Way {
    Card {
        /// Before the stream: its thread holds the stream too.
        keeper: Option<BridgeKeeper>,
        stream: RunningStream,
        home: Receiver<Box<dyn Source>>,
    },
    Silent(Option<Silence>),
}

/// What stays the same over the attempts to open one; the source goes from each to the next.
struct Opening {
    clock: Arc<dyn HostClock>,
    map: SessionMap,
    trim_ns: i64,
}

/// An output that could not be opened, and the source that did not get there.
type Failed = (OpenOutputError, Option<Box<dyn Source>>);

impl Output {
    /// Opens a card and plays `source` on it.
    pub fn open(
        config: OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Result<Self, OpenOutputError> {
        Self::try_open(&config, clock, map, source).map_err(|(error, _)| error)
    }

    /// Opens a card; without one keeps time in silence, and its status says why.
    pub fn open_or_silent(
        config: OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Self {
        match Self::try_open(&config, clock.clone(), map, source) {
            Ok(output) => output,
            Err((error, source)) => {
                let source = source.unwrap_or_else(|| Box::new(|_, out: &mut [f32]| out.fill(0.0)));
                Self::silent(clock, map, source, &with_cause(&error))
            }
        }
    }

    /// No output: a thread keeps time and pulls `source`. `reason` is what the status shows as lost.
    pub fn silent(clock: Arc<dyn HostClock>, map: SessionMap, source: Box<dyn Source>, reason: &str) -> Self {
        let desk = Arc::new(Desk::new(map, 0));
        desk.lose(reason.to_owned());
        let silence = Silence::start(desk.clone(), clock.clone(), source);
        if let Err(error) = &silence {
            tracing::error!(%error, "no thread to keep time");
        }
        let rate = antiphon_timeline::CANONICAL_RATE;
        Self { desk, clock, name: "no output".to_owned(), rate, way: Way::Silent(silence.ok()) }
    }

    /// Plays `source` on this cpal device, without a thread of its own: the caller calls
    /// [`Self::maintain`] every 100 ms or so. For simulated cards.
    #[cfg(feature = "virtual-card")]
    pub fn open_on<D>(
        card: &D,
        config: OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Result<Self, OpenOutputError>
    where
        D: DeviceTrait,
        D::Stream: Send + Sync + 'static,
    {
        let opening = Opening { clock, map, trim_ns: config.trim_ns };
        opening.start(card, card::name_of(card), source).map_err(|(error, _)| error)
    }

    fn try_open(
        config: &OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Result<Self, Failed> {
        let card = match card::find(config.output.as_deref()) {
            Ok(card) => card,
            Err(error) => return Err((error, Some(source))),
        };
        let opening = Opening { clock, map, trim_ns: config.trim_ns };
        let mut output = opening.start(&card, card::name_of(&card), source)?;
        output.keep_bridge();
        Ok(output)
    }

    /// Follows `map` from the next block on.
    pub fn set_session_map(&self, map: SessionMap) {
        self.desk.set_map(map);
    }

    /// Makes up for an output that is heard this much later than it claims.
    pub fn set_trim_ns(&self, trim_ns: i64) {
        self.desk.set_trim_ns(trim_ns);
    }

    /// How it is doing.
    pub fn status(&self) -> OutputStatus {
        OutputStatus {
            name: self.name.clone(),
            rate: self.rate,
            latency_ns: self.desk.latency_ns.load(Ordering::Relaxed),
            xruns: self.desk.xruns.load(Ordering::Relaxed),
            resyncs: self.desk.resyncs.load(Ordering::Relaxed),
            lost: self.desk.lost(),
            load: self.desk.load(),
        }
    }

    /// The stream frame leaving the speaker at `host`.
    pub fn audible(&self, host: HostTime) -> f64 {
        let planned = || self.desk.map().map_or(0.0, |map| Position::at(map.to_session(host)).frames());
        self.desk.heard().map_or_else(planned, |heard| heard.at(host))
    }

    /// Measures the card's clock against the host's. An opened output does so by itself.
    pub fn maintain(&self) {
        if let Way::Card { stream, .. } = &self.way {
            measure(stream, &*self.clock, &self.desk);
        }
    }

    /// Stops, and gives the source back for the next output, unless the audio thread took it along.
    pub fn close(self) -> Option<Box<dyn Source>> {
        match self.way {
            Way::Card { keeper, stream, home } => {
                drop(keeper);
                drop(stream);
                home.recv_timeout(OPEN_PATIENCE).ok()
            }
            Way::Silent(silence) => silence?.into_source(),
        }
    }

    fn keep_bridge(&mut self) {
        if let Way::Card { keeper, stream, .. } = &mut self.way {
            match BridgeKeeper::start(stream.clone(), self.clock.clone(), self.desk.clone()) {
                Ok(started) => *keeper = Some(started),
                Err(error) => tracing::error!(%error, "no thread to follow the card's clock"),
            }
        }
    }
}

impl Opening {
    fn start<D>(&self, card: &D, name: String, mut source: Box<dyn Source>) -> Result<Output, Failed>
    where
        D: DeviceTrait,
        D::Stream: Send + Sync + 'static,
    {
        let format = match CardFormat::choose(card) {
            Ok(format) => format,
            Err(error) => return Err((error, Some(source))),
        };
        let mut refused = None;
        for config in format.attempts() {
            let (error, back) = match self.attempt(card, &name, format.sample, config, source) {
                Ok(output) => return Ok(output),
                Err(failed) => failed,
            };
            tracing::debug!(%name, ?config, %error, "output refused a format");
            let Some(back) = back else {
                return Err((error, None));
            };
            (source, refused) = (back, Some(error));
        }
        Err((refused.unwrap_or(OpenOutputError::NoUsableFormat { name }), Some(source)))
    }

    /// Tries one configuration. The source comes back from the dropped callback where that failed.
    fn attempt<D>(
        &self,
        card: &D,
        name: &str,
        sample: SampleFormat,
        config: StreamConfig,
        source: Box<dyn Source>,
    ) -> Result<Output, Failed>
    where
        D: DeviceTrait,
        D::Stream: Send + Sync + 'static,
    {
        let desk = Arc::new(Desk::new(self.map, self.trim_ns));
        let (send_home, home) = sync_channel(1);
        let edge = Edge::new(config.sample_rate, self.map, self.trim_ns, source);
        let shape = (config.sample_rate, config.channels);
        let callback = CardCallback::new(edge, desk.clone(), self.clock.clone(), shape, send_home);
        let opened = match sample {
            SampleFormat::I32 => build::<i32, _>(card, config, callback, desk.clone()),
            SampleFormat::I16 => build::<i16, _>(card, config, callback, desk.clone()),
            SampleFormat::U16 => build::<u16, _>(card, config, callback, desk.clone()),
            _ => build::<f32, _>(card, config, callback, desk.clone()),
        };
        let started = opened.and_then(|stream| {
            let stream: RunningStream = Arc::new(stream);
            measure(&stream, &*self.clock, &desk);
            stream.play().map(|()| stream)
        });
        match started {
            Ok(stream) => {
                let way = Way::Card { keeper: None, stream, home };
                Ok(Output {
                    desk,
                    clock: self.clock.clone(),
                    name: name.to_owned(),
                    rate: config.sample_rate,
                    way,
                })
            }
            Err(error) => {
                let error = OpenOutputError::Refused { name: name.to_owned(), source: Box::new(error) };
                Err((error, home.recv_timeout(OPEN_PATIENCE).ok()))
            }
        }
    }
}

fn build<T, D>(
    card: &D,
    config: StreamConfig,
    mut callback: CardCallback,
    desk: Arc<Desk>,
) -> Result<D::Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
    D: DeviceTrait,
{
    card.build_output_stream::<T, _, _>(
        config,
        move |out, info| callback.run(out, info),
        move |error| note(&desk, &error),
        Some(OPEN_PATIENCE),
    )
}

/// Takes note of what a stream reports while it runs.
fn note(desk: &Desk, error: &cpal::Error) {
    match error.kind() {
        ErrorKind::Xrun => {
            desk.xruns.fetch_add(1, Ordering::Relaxed);
        }
        // It plays on, on another route or without priority; the filter finds the new timeline by itself.
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => desk.lose(error.to_string()),
    }
}

fn with_cause(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
