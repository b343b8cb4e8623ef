//! Opening a stream on a card.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use antiphon_timeline::HostClock;
use cpal::{ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig, traits::DeviceTrait};

use crate::{
    bell::Bell,
    bridge::{RunningStream, measure},
    callback::CardCallback,
    card::{self, CardFormat},
    desk::{Desk, StreamDesk},
    edge::Edge,
    error::OpenOutputError,
    limits::{OPEN_PATIENCE_MS, RATES_MAX},
    trims::{self, Trims},
    turns::{Seat, Turn, Turns},
};

/// A stream that runs on a card. Dropping it stops it, which can take as long as the system likes.
pub(crate) struct OpenStream {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) rate: u32,
    pub(crate) desk: Arc<StreamDesk>,
    pub(crate) turn: Arc<Turn>,
    pub(crate) stream: RunningStream,
}

impl OpenStream {
    /// Whether people mean this one by `wanted`.
    pub(crate) fn is(&self, wanted: &str) -> bool {
        self.id == wanted || self.name == wanted
    }

    /// Frames of the canonical stream in one of its blocks.
    pub(crate) fn block_frames(&self) -> i64 {
        let frames = i64::from(self.desk.block_frames.load(std::sync::atomic::Ordering::Relaxed));
        frames * i64::from(antiphon_timeline::CANONICAL_RATE) / i64::from(self.rate.max(1))
    }
}

/// What all streams of an output have in common.
pub(crate) struct Opening {
    pub(crate) clock: Arc<dyn HostClock>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) turns: Arc<Turns>,
    pub(crate) trims: Arc<dyn Trims>,
    /// Rings when a stream is lost.
    pub(crate) bell: Arc<Bell>,
    /// What cards were found to run at, ppm, by id and nominal rate. The latest last.
    rates: Mutex<VecDeque<(String, u32, f64)>>,
}

impl Opening {
    pub(crate) fn new(
        clock: Arc<dyn HostClock>,
        desk: Arc<Desk>,
        turns: Turns,
        trims: Arc<dyn Trims>,
    ) -> Self {
        let (turns, bell, rates) = (Arc::new(turns), Arc::default(), Mutex::default());
        Self { clock, desk, turns, trims, bell, rates }
    }

    /// Opens a stream. It renders when its turn says so.
    pub(crate) fn open<D>(&self, card: &D, turn: Turn) -> Result<OpenStream, OpenOutputError>
    where
        D: DeviceTrait,
        D::Stream: Send + Sync + 'static,
    {
        let format = CardFormat::choose(card)?;
        let name = card::name_of(card);
        let turn = Arc::new(turn);
        let mut refused = None;
        for config in format.attempts() {
            match self.attempt(card, format.sample, config, turn.clone()) {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    tracing::debug!(%name, ?config, %error, "output refused a format");
                    refused = Some(OpenOutputError::Refused { name: name.clone(), source: Box::new(error) });
                }
            }
        }
        Err(refused.unwrap_or(OpenOutputError::NoUsableFormat { name }))
    }

    fn attempt<D>(
        &self,
        card: &D,
        sample: SampleFormat,
        config: StreamConfig,
        turn: Arc<Turn>,
    ) -> Result<OpenStream, cpal::Error>
    where
        D: DeviceTrait,
        D::Stream: Send + Sync + 'static,
    {
        let (id, rate) = (card::id_of(card), config.sample_rate);
        let trim_ns = trims::checked(self.trims.trim_ns(&id)).unwrap_or(0);
        let desk = Arc::new(StreamDesk::new(trim_ns, self.bell.clone()));
        let seat = Seat::new(self.turns.clone(), turn.clone());
        let map = self
            .desk
            .map_patiently()
            .unwrap_or_else(|| antiphon_timeline::SessionMap::identity(Default::default()));
        let mut edge = Edge::new(rate, map, trim_ns, Box::new(seat));
        if let Some(ppm) = self.known_rate_ppm(&id, rate) {
            edge = edge.with_rate_ppm(ppm);
        }
        let shape = (rate, config.channels);
        let callback = CardCallback::new(edge, self.desk.clone(), desk.clone(), self.clock.clone(), shape);
        let stream: RunningStream = match sample {
            SampleFormat::I32 => Arc::new(build::<i32, _>(card, config, callback, desk.clone())?),
            SampleFormat::I16 => Arc::new(build::<i16, _>(card, config, callback, desk.clone())?),
            SampleFormat::U16 => Arc::new(build::<u16, _>(card, config, callback, desk.clone())?),
            _ => Arc::new(build::<f32, _>(card, config, callback, desk.clone())?),
        };
        measure(&stream, &*self.clock, &desk);
        stream.play()?;
        Ok(OpenStream { id, name: card::name_of(card), rate, desk, turn, stream })
    }

    /// Remembers what a card was found to run at.
    pub(crate) fn remember(&self, stream: &OpenStream) {
        let Some(ppm) = stream.desk.rate_ppm() else { return };
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.retain(|(id, rate, _)| (id, *rate) != (&stream.id, stream.rate));
        if rates.len() == RATES_MAX {
            rates.pop_front();
        }
        rates.push_back((stream.id.clone(), stream.rate, ppm));
    }

    fn known_rate_ppm(&self, id: &str, rate: u32) -> Option<f64> {
        let rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.iter().find(|(known, at, _)| known == id && *at == rate).map(|(_, _, ppm)| *ppm)
    }
}

fn build<T, D>(
    card: &D,
    config: StreamConfig,
    mut callback: CardCallback,
    desk: Arc<StreamDesk>,
) -> Result<D::Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
    D: DeviceTrait,
{
    card.build_output_stream::<T, _, _>(
        config,
        move |out, info| callback.run(out, info),
        move |error| note(&desk, &error),
        Some(Duration::from_millis(OPEN_PATIENCE_MS)),
    )
}

/// Takes note of what a stream reports while it runs.
fn note(desk: &StreamDesk, error: &cpal::Error) {
    match error.kind() {
        ErrorKind::Xrun => {
            desk.xruns.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        // It plays on, on another route or without priority; the filter finds the new timeline by itself.
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => desk.lose(error.to_string()),
    }
}
