//! All voices: starting, stealing, choking, ending.
//!
//! At most [`VOICES_MAX`] voices sound, besides those that fade out. Another one takes the place of the quietest,
//! among equals of the oldest; the one that gives way fades within 4 ms. The order depends on nothing but the notes
//! played, so every peer steals the same voice.

use antiphon_model::Drum;

use crate::{
    limits::{SAMPLER_VOICES_PER_TRACK, VOICE_SLOTS, VOICES_MAX},
    mixer::Mixer,
    note_params::NoteParams,
    plan::Instrument,
    sample_bank::SampleBank,
    voice::{Body, DrumBody, Origin, Outlets, SamplerBody, Section, Strike, SynthBody, Tables, Voice, patch},
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
    section: Box<Section>,
}

impl Voices {
    pub(crate) fn new() -> Self {
        Self {
            slots: std::iter::repeat_with(|| None).take(VOICE_SLOTS).collect(),
            order: Vec::with_capacity(VOICE_SLOTS),
            section: Section::new(),
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
        mut note: NoteStart,
        instrument: &Instrument,
        tables: &Tables,
        bank: &mut SampleBank,
    ) {
        note.strike.semitones += note.params.tune_semitones;
        let NoteStart { strike, params, .. } = &note;
        let body = match instrument {
            Instrument::Silent => return,
            Instrument::Drum(drum) => Body::Drum(DrumBody::new(*drum, *strike, params, tables.saw)),
            Instrument::Synth(preset) => {
                Body::Synth(SynthBody::new(patch(*preset), *strike, params, tables.saw))
            }
            Instrument::Sample(data) => {
                let slot = bank.find(data);
                let body = slot.and_then(|slot| SamplerBody::new(slot, bank, *strike, params, tables.sinc));
                let Some(body) = body else { return };
                Body::Sampler(body)
            }
        };
        self.choke(&note, bank);
        match &body {
            Body::Drum(drum) => self.choke_drums(note.lane, drum.drum()),
            Body::Synth(synth) if synth.is_mono() && self.continue_mono(&note, tables, bank) => return,
            Body::Synth(_) => {}
            Body::Sampler(_) => self.thin_out(note.lane, bank),
        }
        self.insert(Voice::new(&note, body), bank);
    }

    fn insert(&mut self, voice: Voice, bank: &mut SampleBank) {
        if self.iter().filter(|voice| !voice.is_fading()).count() >= VOICES_MAX {
            self.steal(|voice| !voice.is_fading(), bank);
        }
        if self.order.len() == VOICE_SLOTS
            && let Some(faintest) = self.least(Voice::remaining_level, |_| true)
        {
            // Two whole pools were stolen within one fade.
            self.end(faintest, bank);
        }
        if let Some(slot) = self.slots.iter().position(Option::is_none) {
            if let Some(sample) = voice.sample() {
                bank.voice_started(sample);
            }
            self.slots[slot] = Some(voice);
            self.order.push(slot as u8);
        }
    }

    /// Makes the quietest voice, among equals the oldest, give way. One that was struck on this very frame has not
    /// risen yet and is taken only where there is no other.
    fn steal(&mut self, which: impl Fn(&Voice) -> bool, bank: &mut SampleBank) {
        let risen = self.least(Voice::level, |voice| which(voice) && voice.age() > 0);
        if let Some(slot) = risen.or_else(|| self.least(Voice::level, which)) {
            self.give_way(slot, bank);
        }
    }

    /// The slot of the voice with the least `measure`, among equals of the oldest.
    fn least(&self, measure: impl Fn(&Voice) -> f32, which: impl Fn(&Voice) -> bool) -> Option<usize> {
        let mut found: Option<(usize, f32)> = None;
        for slot in self.order.iter().map(|slot| usize::from(*slot)) {
            let Some(voice) = self.slots[slot].as_ref().filter(|voice| which(voice)) else { continue };
            let value = measure(voice);
            if found.is_none_or(|(_, least)| value < least) {
                found = Some((slot, value));
            }
        }
        found.map(|(slot, _)| slot)
    }

    /// Fades a voice; one that has not sounded yet simply does not.
    fn give_way(&mut self, slot: usize, bank: &mut SampleBank) {
        match &mut self.slots[slot] {
            Some(voice) if voice.age() > 0 => voice.fade(),
            _ => self.end(slot, bank),
        }
    }

    /// Cuts off the voices of other lanes in the note's group. Of two notes on one frame the later lane's sounds.
    fn choke(&mut self, note: &NoteStart, bank: &mut SampleBank) {
        if note.choke == 0 {
            return;
        }
        for slot in 0..self.slots.len() {
            let chokes = |voice: &Voice| voice.choke == note.choke && voice.lane != note.lane;
            if self.slots[slot].as_ref().is_some_and(chokes) {
                self.give_way(slot, bank);
            }
        }
    }

    /// A drum cuts itself off on its own track, and a closed hat cuts off every open one: there is one pedal. What is
    /// struck on the same frame, as chords are, sounds together.
    fn choke_drums(&mut self, lane: u8, struck: Drum) {
        for voice in self.iter_mut().filter(|voice| voice.age() > 0) {
            let itself = voice.lane == lane && voice.drum() == Some(struck);
            let pedal = struck == Drum::ClosedHat && voice.drum() == Some(Drum::OpenHat);
            if itself || pedal {
                voice.fade();
            }
        }
    }

    /// A monophonic patch plays on with the voice it has.
    fn continue_mono(&mut self, note: &NoteStart, tables: &Tables, bank: &mut SampleBank) -> bool {
        let voice = self.iter_mut().find(|voice| {
            let mono = matches!(&voice.body, Body::Synth(synth) if synth.is_mono());
            mono && voice.lane == note.lane && voice.origin.is_same_kind(note.origin) && !voice.is_fading()
        });
        let Some(voice) = voice else { return false };
        if let Some(next) = voice.take_over(note, tables) {
            self.insert(next, bank);
        }
        true
    }

    /// Keeps one sampler track from using up all voices.
    fn thin_out(&mut self, lane: u8, bank: &mut SampleBank) {
        let of_lane = |voice: &Voice| voice.lane == lane && !voice.is_fading() && voice.sample().is_some();
        if self.iter().filter(|voice| of_lane(voice)).count() >= SAMPLER_VOICES_PER_TRACK {
            self.steal(of_lane, bank);
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

    /// Adds the next `frames` frames of every voice to its lane: the synths first, then the others, oldest first.
    pub(crate) fn render(
        &mut self,
        frames: usize,
        tables: &Tables,
        bank: &mut SampleBank,
        mixer: &mut Mixer,
    ) {
        self.section.render(&mut self.slots, &self.order, frames, tables, mixer);
        let mut at = 0;
        while let Some(slot) = self.order.get(at).map(|slot| usize::from(*slot)) {
            let Some(voice) = &mut self.slots[slot] else {
                self.order.remove(at);
                continue;
            };
            if !voice.is_synth() {
                let [left, right] = mixer.outlet(voice.lane, voice.is_placed(), frames);
                voice.render(tables, bank, left, right);
            }
            if voice.has_ended() {
                self.end(slot, bank);
            } else {
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests;
