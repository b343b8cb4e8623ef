//! A storm of edits while the music plays: what nobody touched is heard once each time, none missed, none doubled.
//!
//! Every ten milliseconds the song is another one, in everything that a person can change while it plays, except
//! when the clicks of the first track sound. The other tracks are played in full, at a silent fader, so that
//! only clicks are on the recording.

use std::sync::Arc;

use antiphon_audio_io::CardSpec;
use antiphon_model::{
    Chance, Condition, Drum, Gain, Groove, Humanise, Micro, Moment, Name, NoteLength, OrderKey, Param,
    Pattern, PatternId, PatternLength, Percent, Pitch, Preset, Ratchet, Song, Sound, Step, Strip, Swing,
    Switch, Track, TrackId, Velocity,
};
use antiphon_testkit::{Network, SeededRng, is_long, seed};
use antiphon_timeline::{GrooveTemplate, SessionTime, Speed, Ticks};

use crate::{
    check_one,
    jam::{Jam, SECOND},
    member::STEPS_APART,
};

/// Tracks beside the one that is listened to.
const OTHERS: usize = 6;

#[test]
fn in_a_storm_of_edits_what_nobody_touched_sounds_once_each_time() {
    let seconds = if is_long() { 3_600 } else { 300 };
    let mut rng = SeededRng::new(seed(3));
    let mut jam = Jam::new(seed(3), Network::Lan);
    let ada = jam.join(CardSpec { outliers: 0.0, ..CardSpec::consumer(100.0, 11) });
    jam.run_for(2 * SECOND);
    jam.play(ada);
    jam.run_for(4 * SECOND);
    let from = jam.now_ns();
    jam.run_editing(ada, seconds * SECOND, |song| change(song, &mut rng));
    let compared = jam.compare(&[ada], from);
    let expected = 120.0 / 60.0 * 4.0 / STEPS_APART as f64 * seconds as f64;
    check_one(&compared, expected);
}

/// One change of one kind.
fn change(song: &mut Song, rng: &mut SeededRng) {
    match rng.below(12) {
        // Clicks are on even steps, which no swing moves.
        0 => song.swing = Swing::clamped(rng.below(101) as i64),
        1 => song.fill = Switch::settled(rng.chance(0.5)),
        2 => song.seed = rng.next_u64(),
        3 if song.tracks.len() <= OTHERS => song.tracks.push(track(rng)),
        4 if song.tracks.len() > 2 => {
            let gone = 1 + rng.below(song.tracks.len() - 1);
            song.tracks.remove(gone);
        }
        5 => touch_nothing_heard(&mut song.tracks[0], rng),
        6 => song.master = Gain::clamped(-(rng.below(100) as i64)),
        _ if song.tracks.len() > 1 => {
            let at = 1 + rng.below(song.tracks.len() - 1);
            change_track(&mut song.tracks[at], rng);
        }
        _ => song.tracks.push(track(rng)),
    }
}

/// Changes the track with the clicks in what cannot be heard of it.
fn touch_nothing_heard(track: &mut Track, rng: &mut SeededRng) {
    let pattern = Arc::make_mut(track.patterns.get_mut(&track.current.to).expect("it plays"));
    match rng.below(4) {
        0 => {
            let off = pattern.steps.entry(1).or_default();
            *off = Step { on: false, ..any_step(rng) };
        }
        1 => pattern.name = Name::repaired(&rng.next_u64().to_string(), "A"),
        2 => {
            // The same music, written out over four times the steps.
            let length = pattern.length.get() % 8 + 2;
            let click = pattern.step(0);
            pattern.steps.extend((0..length).step_by(STEPS_APART as usize).map(|at| (at, click)));
            pattern.length = PatternLength::clamped(length.into());
        }
        _ => {
            let spare = PatternId(rng.bytes());
            if track.patterns.len() < 4 {
                track.patterns.insert(spare, Arc::new(pattern_of(rng)));
            }
        }
    }
}

fn change_track(track: &mut Track, rng: &mut SeededRng) {
    let ids: Vec<PatternId> = track.patterns.keys().copied().collect();
    let chosen = *rng.pick(&ids).expect("a track has a pattern");
    match rng.below(6) {
        0 => track.swing = rng.chance(0.7).then(|| Swing::clamped(rng.below(101) as i64)),
        1 => track.groove = Some(any_groove(rng)),
        2 => {
            let at = Moment { run: SessionTime(0), tick: Ticks::from_bars(rng.below(40) as i64) };
            track.current = track.current.followed_by(chosen, rng.chance(0.7).then_some(at));
        }
        3 => {
            track.params.insert(Param::Cutoff, -(rng.below(4_000) as i16));
        }
        4 => {
            track.patterns.insert(PatternId([rng.below(3) as u8; 16]), Arc::new(pattern_of(rng)));
        }
        _ => {
            let pattern = Arc::make_mut(track.patterns.get_mut(&chosen).expect("it was picked"));
            let at = rng.below(usize::from(pattern.length.get())) as u16;
            pattern.steps.insert(at, any_step(rng));
        }
    }
}

/// A track that is played and not heard.
fn track(rng: &mut SeededRng) -> Track {
    let drum = *rng.pick(&Drum::ALL).expect("drums");
    let preset = *rng.pick(&Preset::ALL).expect("presets");
    let sound = if rng.chance(0.5) { Sound::Drum(drum) } else { Sound::Synth(preset) };
    let id = PatternId(rng.bytes());
    let name = Name::repaired("Other", "Other");
    Track {
        strip: Strip { gain: Gain::MIN, ..Strip::default() },
        ..Track::new(TrackId(rng.bytes()), name, sound, OrderKey::first(), (id, pattern_of(rng)))
    }
}

fn pattern_of(rng: &mut SeededRng) -> Pattern {
    let length = 1 + rng.below(32) as u16;
    let steps = (0..length).filter(|at| at % 3 == 0).map(|at| (at, any_step(rng))).collect();
    Pattern {
        length: PatternLength::clamped(length.into()),
        speed: *rng.pick(&Speed::ALL).expect("speeds"),
        humanise: Humanise::clamped(rng.below(101) as i64),
        steps,
        ..Pattern::empty(Name::repaired("A", "A"), OrderKey::first())
    }
}

fn any_step(rng: &mut SeededRng) -> Step {
    let conditions: Vec<Condition> = Condition::all().collect();
    Step {
        on: rng.chance(0.6),
        velocity: Velocity::clamped(1 + rng.below(127) as i64),
        pitch: Pitch::clamped(rng.below(24) as i64 - 12),
        length: NoteLength::clamped(1 + rng.below(40) as i64),
        tie: rng.chance(0.1),
        micro: Micro::clamped(rng.below(255) as i64 - 127),
        ratchet: Ratchet::clamped(1 + rng.below(4) as i64),
        chance: Chance::clamped(rng.below(101) as i64),
        condition: *rng.pick(&conditions).expect("conditions"),
    }
}

fn any_groove(rng: &mut SeededRng) -> Groove {
    let template = *rng.pick(&GrooveTemplate::ALL).expect("templates");
    Groove { template, amount: Percent::clamped(rng.below(101) as i64) }
}
