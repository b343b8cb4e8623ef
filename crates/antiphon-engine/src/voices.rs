//! All voices: starting, stealing, choking, ending.
//!
//! At most [`VOICES_MAX`] voices sound, besides those that fade out. Another one takes the place of the quietest,
//! among equals of the oldest; the one that gives way fades within 4 ms. The order depends on nothing but the notes played,
//! so every peer steals the same voice.

use antiphon_model::Drum;

use crate::{
    limits::{SAMPLER_VOICES_PER_TRACK, VOICE_SLOTS, VOICES_MAX},
    mixer::Mixer,
    note_params::NoteParams,
    plan::Instrument,
    sample_bank::SampleBank,
    voice::{Body, DrumBody, Origin, SamplerBody, Strike, SynthBody, Tables, Voice, patch},
};

/// A note to start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoteStart {
    pub lane: u8,
    pub origin: Origin,
    pub strike: Strike,
    /// Frames until it is let go.
    pub gate: u64,
    /// Is it cut off when its gate ends?
    pub gated: bool,
    /// Cuts off what sounds on other tracks of the same group; 0 is none.
    pub choke: u8,
    pub params: NoteParams,
}

pub(crate) struct Voices {
    slots: Vec<Option<Voice>>,
    /// Slots that sound, oldest first: the order in which they are mixed.
    order: Vec<u8>,
}

impl Voices {
    pub(crate) fn new() -> Self {
        Self {
            slots: std::iter::repeat_with(|| None).take(VOICE_SLOTS).collect(),
            order: Vec::with_capacity(VOICE_SLOTS),
        }
    }

    /// How many sound.
    pub(crate) fn count(&self) -> usize {
        self.order.len()
    }

    fn iter(&self) -> impl Iterator<Item = &Voice> {
        self.order.iter().filter_map(|slot| self.slots[usize::from(*slot)].as_ref())
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Voice> {
        // By slot, not by age: only for changes that do not depend on the order.
        self.slots.iter_mut().flatten()
    }

    /// Does a lane still sound?
    pub(crate) fn sounds_on(&self, lane: u8) -> bool {
        self.iter().any(|voice| voice.lane == lane)
    }

    /// Starts a note on `instrument`; what it cuts off begins to fade.
    pub(crate) fn start(
        &mut self,
        note: NoteStart,
        instrument: &Instrument,
        tables: &Tables,
        bank: &mut SampleBank,
    ) {
        let body = match instrument {
            Instrument::Silent => return,
            Instrument::Drum(drum) => {
                self.choke(note, *drum);
                Body::Drum(DrumBody::new(*drum, note.strike, tables.saw))
            }
            Instrument::Synth(preset) => {
                if self.continue_mono(note, tables) {
                    return;
                }
                Body::Synth(SynthBody::new(patch(*preset), note.strike, &note.params, tables.saw))
            }
            Instrument::Sample(data) => {
                let slot = bank.find(data);
                let Some(body) = slot.and_then(|slot| SamplerBody::new(slot, bank, note.strike, tables.sinc))
                else {
                    return;
                };
                self.thin_out(note.lane);
                Body::Sampler(body)
            }
        };
        self.insert(Voice::new(note.lane, note.origin, body, note.gate), bank);
    }

    fn insert(&mut self, voice: Voice, bank: &mut SampleBank) {
        if self.iter().filter(|voice| !voice.is_fading()).count() >= VOICES_MAX
            && let Some(victim) = self.quietest(|voice| !voice.is_fading())
        {
            self.slots[victim].iter_mut().for_each(Voice::fade);
        }
        if self.order.len() == VOICE_SLOTS
            && let Some(victim) = self.quietest(|_| true)
        {
            // More than a whole pool was stolen within one fade: only two whole steps 4 ms apart can do that.
            self.end(victim, bank);
        }
        if let Some(slot) = self.slots.iter().position(Option::is_none) {
            if let Some(sample) = voice.sample() {
                bank.voice_started(sample);
            }
            self.slots[slot] = Some(voice);
            self.order.push(slot as u8);
        }
    }

    /// The slot of the quietest voice, among equals the oldest.
    fn quietest(&self, which: impl Fn(&Voice) -> bool) -> Option<usize> {
        let mut found: Option<(usize, f32)> = None;
        for slot in self.order.iter().map(|slot| usize::from(*slot)) {
            if let Some(voice) = self.slots[slot].as_ref().filter(|voice| which(voice))
                // A voice of this very frame has not risen yet; it is not the quiet one.
                && voice.age() > 0
                && found.is_none_or(|(_, level)| voice.level() < level)
            {
                found = Some((slot, voice.level()));
            }
        }
        found.map(|(slot, _)| slot).or_else(|| self.order.first().map(|slot| usize::from(*slot)))
    }

    /// A drum cuts itself off on its own track, and a closed hat cuts off every open one: there is one pedal.
    fn choke(&mut self, note: NoteStart, struck: Drum) {
        for voice in self.iter_mut().filter(|voice| voice.age() > 0) {
            let itself = voice.lane == note.lane && voice.drum() == Some(struck);
            let pedal = struck == Drum::ClosedHat && voice.drum() == Some(Drum::OpenHat);
            if itself || pedal {
                voice.fade();
            }
        }
    }

    /// A monophonic patch plays on with the voice it has.
    fn continue_mono(&mut self, note: NoteStart, tables: &Tables) -> bool {
        let voice = self.iter_mut().find(|voice| {
            let mono = matches!(&voice.body, Body::Synth(synth) if synth.is_mono());
            mono && voice.lane == note.lane && voice.origin.is_same_kind(note.origin) && !voice.is_fading()
        });
        if let Some(voice) = voice {
            voice.take_over(note.strike, note.origin, note.gate, tables);
            return true;
        }
        false
    }

    /// Keeps one sampler track from using up all voices.
    fn thin_out(&mut self, lane: u8) {
        let of_lane = |voice: &Voice| voice.lane == lane && !voice.is_fading() && voice.sample().is_some();
        if self.iter().filter(|voice| of_lane(voice)).count() >= SAMPLER_VOICES_PER_TRACK
            && let Some(victim) = self.quietest(of_lane)
        {
            self.slots[victim].iter_mut().for_each(Voice::fade);
        }
    }

    /// Fades every voice that `which` picks.
    pub(crate) fn fade(&mut self, which: impl Fn(&Voice) -> bool) {
        self.iter_mut().filter(|voice| which(voice)).for_each(Voice::fade);
    }

    /// Lets go every held voice that `which` picks.
    pub(crate) fn release(&mut self, which: impl Fn(&Voice) -> bool) {
        self.iter_mut().filter(|voice| voice.is_held() && which(voice)).for_each(Voice::release);
    }

    /// Ends every voice at once.
    pub(crate) fn clear(&mut self, bank: &mut SampleBank) {
        while let Some(slot) = self.order.last() {
            self.end(usize::from(*slot), bank);
        }
    }

    fn end(&mut self, slot: usize, bank: &mut SampleBank) {
        if let Some(sample) = self.slots[slot].take().and_then(|voice| voice.sample()) {
            bank.voice_ended(sample);
        }
        self.order.retain(|other| usize::from(*other) != slot);
    }

    /// Adds the next `frames` frames of every voice to its lane, oldest first.
    pub(crate) fn render(
        &mut self,
        frames: usize,
        tables: &Tables,
        bank: &mut SampleBank,
        mixer: &mut Mixer,
    ) {
        let mut at = 0;
        while let Some(slot) = self.order.get(at).map(|slot| usize::from(*slot)) {
            let Some(voice) = &mut self.slots[slot] else {
                self.order.remove(at);
                continue;
            };
            let [left, right] = mixer.lane_buffers(voice.lane, frames);
            if voice.render(tables, bank, left, right) {
                at += 1;
            } else {
                self.end(slot, bank);
            }
        }
    }
}
