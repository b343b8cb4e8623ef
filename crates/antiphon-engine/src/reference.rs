//! Songs that stay as they are, for tests, benches and the golden render.

use antiphon_model::{
    Colour, Drum, Gain, Name, NoteLength, OrderKey, Pan, Pattern, PatternId, PatternLength, Pitch, Preset,
    SessionId, Song, Sound, Step, Strip, Swing, Track, TrackId, Velocity,
};
use antiphon_timeline::Tempo;

mod corpus;

pub use self::corpus::{corpus, corpus_samples};
pub use crate::voice_bank::VoiceBank;

/// Builds songs from rows of text; see [`SongBuilder::track`].
#[derive(Debug, Clone)]
pub struct SongBuilder {
    song: Song,
    last_order: Option<OrderKey>,
}

impl SongBuilder {
    /// A song without tracks.
    pub fn new(bpm: f64, swing: i64) -> Self {
        let song = Song {
            tempo: Tempo::from_bpm(bpm).unwrap_or_default(),
            swing: Swing::clamped(swing),
            ..Song::empty(SessionId([7; 16]), Name::repaired("Reference", "Reference"))
        };
        Self { song, last_order: None }
    }

    /// Adds a track. Each word of `steps` is one step: `.` is off, otherwise `pitch[:velocity[:length]]`
    /// with the length in sixteenths of a step.
    pub fn track(mut self, sound: Sound, strip: Strip, steps: &str) -> Self {
        let number = self.song.tracks.len() as u8 + 1;
        let order = OrderKey::between(self.last_order.as_ref(), None);
        self.last_order = Some(order.clone());
        let id = PatternId([number; 16]);
        let name = Name::repaired(&sound.to_string(), "Track");
        self.song.tracks.push(Track {
            colour: Colour::clamped(i64::from(number)),
            strip,
            ..Track::new(TrackId([number; 16]), name, sound, order, (id, pattern(steps)))
        });
        self
    }

    /// The song.
    pub fn build(self) -> Song {
        self.song
    }
}

fn pattern(steps: &str) -> Pattern {
    let steps: Vec<Option<Step>> = steps.split_whitespace().map(step).collect();
    Pattern {
        length: PatternLength::clamped(steps.len() as i64),
        steps: (0..).zip(steps).filter_map(|(index, step)| Some((index, step?))).collect(),
        ..Pattern::empty(Name::repaired("A", "A"), OrderKey::first())
    }
}

fn step(word: &str) -> Option<Step> {
    let mut numbers = word.split(':').map(|number| number.parse::<i64>().ok());
    let pitch = numbers.next().flatten()?;
    let velocity = numbers.next().flatten().unwrap_or(100);
    let length = numbers.next().flatten().unwrap_or(16);
    Some(Step {
        on: true,
        velocity: Velocity::clamped(velocity),
        pitch: Pitch::clamped(pitch),
        length: NoteLength::clamped(length),
        ..Step::default()
    })
}

fn strip(gain_db: i64, pan: i64) -> Strip {
    Strip { gain: Gain::clamped(gain_db * 100), pan: Pan::clamped(pan), ..Strip::default() }
}

/// The song of the golden render: every sound of the engine, odd lengths, swing, slides and long notes.
/// It must not change: its hash does with it.
pub fn song() -> Song {
    SongBuilder::new(122.0, 18)
        .track(Sound::Drum(Drum::Kick), strip(-1, 0), "0:120 . . . 0:110 . . . 0:120 . . 0:70 0:110 . . .")
        .track(Sound::Drum(Drum::Snare), strip(-3, 4), ". . . . 0:110 . . . . . . . 0:115 . . 0:40")
        .track(Sound::Drum(Drum::Clap), strip(-6, -8), ". . . . 0:90 . . . . . . . 0:100 . . .")
        .track(Sound::Drum(Drum::ClosedHat), strip(-8, 20), "0:90 0:50 . 0:70 0:95 0:45 . 0:60")
        .track(Sound::Drum(Drum::OpenHat), strip(-10, 20), ". . 0:80 . . . 0:90 .")
        .track(Sound::Drum(Drum::Tom), strip(-6, -35), ". . . . . . . . . . . . . 5:90 2:95 -3:100")
        .track(Sound::Drum(Drum::Rim), strip(-9, 45), ". . 0:70 . . 0:60 . 0:80 . . . 0:65")
        .track(Sound::Drum(Drum::Cowbell), strip(-14, -50), ". . . 0:80 . . 3:60 . . 0:70 . .")
        .track(
            Sound::Synth(Preset::Bass),
            strip(-3, 0),
            "-3 . -3:80:8 . -3 . 9:90:8 . -3 . -3:80:8 . 0 . 2 . \
             -7 . -7:80:8 . -7 . 5:90:8 . -5 . -5:80:8 . -5 . 7:110 .",
        )
        .track(
            Sound::Synth(Preset::Pad),
            strip(-7, 0),
            "9:80:256 . . . . . . . . . . . . . . . 5:80:128 . . . . . . . 7:80:128 . . . . . . .",
        )
        .track(
            Sound::Synth(Preset::Pad),
            strip(-9, 0),
            "0:70:256 . . . . . . . . . . . . . . . -3:70:128 . . . . . . . -1:70:128 . . . . . . .",
        )
        .track(
            Sound::Synth(Preset::Pluck),
            strip(-6, 30),
            "9:100 . 12:80 . 16:95 . 12:70 21:105 . 16:80 . 12:90 . 9:75 . 4:85 . 12:90 . 16:70 . 24:110 . 19:80",
        )
        .track(
            Sound::Synth(Preset::Lead),
            strip(-8, -20),
            ". . . . . . . . 21:90:32 . . 19:80:24 . 16:95:64 . . . . . . 14:85:16 . 16:90:48 . . . . . . . . .",
        )
        .track(
            Sound::Synth(Preset::Acid),
            strip(-7, 10),
            "-3:100:12 -3:127:24 9:90:12 . -3:100:20 0:110:12 . 12:127:24 9:90:10 -3:80:12 . -5:120:24 7:100:12 . -3:90:8 -3:127:16",
        )
        .build()
}

/// Sixteen tracks of 64 steps, all on: what is compiled in benches and drives the limiter in tests.
pub fn full_song(gain: Gain) -> Song {
    let sounds = Drum::ALL.map(Sound::Drum).into_iter().chain(Preset::ALL.map(Sound::Synth));
    let steps = ["0:127:16"; 64].join(" ");
    let strip = Strip { gain, ..Strip::default() };
    (sounds.cycle().take(16))
        .fold(SongBuilder::new(128.0, 0), |builder, sound| builder.track(sound, strip, &steps))
        .build()
}
