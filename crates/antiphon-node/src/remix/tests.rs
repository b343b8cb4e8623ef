use std::{collections::BTreeMap, sync::Arc};

use antiphon_document::{ActorId, SessionDocument};
use antiphon_model::{
    Bars, ChokeGroup, Colour, Condition, Gain, Groove, Humanise, Link, LinkId, Name, NoteLength, Param,
    PatternLength, Percent, Pitch, SampleId, SampleInfo, Scene, SceneId, SessionId, Sound, Step, Strip,
    Swing, Switch, TrackId, Velocity,
    limits::{CHORD_NOTES_MAX, LINKS_MAX, PATTERNS_MAX, STEPS_MAX},
};
use antiphon_timeline::{GrooveTemplate, Speed, TICKS_PER_STEP, Tempo, Ticks};

use super::*;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn order(text: &str) -> OrderKey {
    OrderKey::read(text).unwrap()
}

/// The song of a session that began with the edits of `song`.
fn remixed(song: &Song) -> Song {
    let (mut document, _) =
        SessionDocument::create(SessionId([9; 16]), ActorId([1; 32]), song.name.clone(), song.tempo, 0);
    for edit in edits_of(song) {
        let case = format!("{edit:.200?}");
        let valid = edit.validate(document.song()).unwrap_or_else(|error| panic!("{case}: {error}"));
        let made = document.begin_with(&valid, 0).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(made.bytes.len() <= 64 * 1024, "{} bytes for {case}", made.bytes.len());
    }
    Song::clone(document.song())
}

fn check(song: &Song) {
    assert_eq!(remixed(song), Song { session: SessionId([9; 16]), ..song.clone() });
}

fn note(n: u64) -> (NoteId, FreeNote) {
    let hash = blake3::hash(&n.to_le_bytes());
    let id = NoteId(std::array::from_fn(|at| hash.as_bytes()[at]));
    let start = Ticks((n as i64 * 77_777) % (200 * TICKS_PER_STEP));
    let velocity = Velocity::clamped((n % 127) as i64 + 1);
    (id, FreeNote { start, length: Ticks(5 + n as i64), pitch: Pitch::clamped(3), velocity })
}

/// As much of everything as a pattern holds, but for free notes.
fn crowded(notes: u64) -> Pattern {
    let step = |n: u16| Step {
        on: true,
        velocity: Velocity::clamped(i64::from(n % 100) + 1),
        condition: Condition::all().nth(usize::from(n) % 30).unwrap(),
        ..Step::default()
    };
    let chord = |step: u16| {
        (0..CHORD_NOTES_MAX as i64).map(move |n| ((step, Pitch::clamped(n - 3)), NoteLength::clamped(n + 5)))
    };
    let locks = |step: u16| Param::ALL.map(|param| ((step, param), param.clamped(7)));
    Pattern {
        length: PatternLength::clamped(200),
        speed: Speed::ThreeQuarters,
        humanise: Humanise::clamped(9),
        steps: (0..STEPS_MAX).map(|n| (n, step(n))).collect(),
        chords: (0..STEPS_MAX).flat_map(chord).collect(),
        locks: (0..STEPS_MAX).flat_map(locks).collect(),
        notes: Arc::new((0..notes).map(note).collect()),
        ..Pattern::empty(name("Crowd"), order("m"))
    }
}

fn track(n: u8, patterns: BTreeMap<PatternId, Arc<Pattern>>) -> Track {
    let first = Pattern::empty(name("A"), OrderKey::first());
    let id = TrackId([n; 16]);
    let current = Switch::settled(*patterns.keys().last().unwrap());
    let track =
        Track::new(id, name("Track"), Sound::read("synth:lead"), order("k"), (PatternId([n; 16]), first));
    Track { patterns, current, ..track }
}

fn few(n: u8, content: Pattern) -> BTreeMap<PatternId, Arc<Pattern>> {
    let other = Pattern::empty(name("Other"), order("z"));
    BTreeMap::from([(PatternId([n; 16]), Arc::new(content)), (PatternId([n + 1; 16]), Arc::new(other))])
}

fn song(tracks: Vec<Track>) -> Song {
    Song {
        tempo: Tempo::from_bpm(97.5).unwrap(),
        seed: 0xdead_beef_dead_beef,
        swing: Swing::clamped(12),
        groove: Groove { template: GrooveTemplate::Push, amount: Percent::clamped(33) },
        master: Gain::clamped(-90),
        tracks,
        ..Song::empty(SessionId([3; 16]), name("Night"))
    }
}

#[test]
fn a_remix_has_everything_that_is_played_under_the_same_ids() {
    let mut rich = track(1, few(10, crowded(3)));
    rich.strip = Strip { mute: true, ..Strip::default() };
    rich.colour = Colour::clamped(7);
    rich.swing = Some(Swing::clamped(60));
    rich.groove = Some(Groove { template: GrooveTemplate::Samba, amount: Percent::clamped(1) });
    rich.trigger = TriggerMode::Gated;
    rich.choke = ChokeGroup::clamped(3);
    rich.params = BTreeMap::from([(Param::Cutoff, -400), (Param::Decay, 30)]);
    let sample = SampleId([5; 32]);
    let mut sampled = track(2, few(20, Pattern::empty(name("A"), OrderKey::first())));
    sampled.sound = Sound::Sample(sample);
    let slots = BTreeMap::from([(rich.id, PatternId([10; 16])), (sampled.id, PatternId([21; 16]))]);
    let scene = |n: u8, slots| Scene { id: SceneId([n; 16]), name: name("Part"), order: order("c"), slots };
    let link = |n: u8| Link {
        id: LinkId([n; 16]),
        scene: SceneId([n % 2; 16]),
        bars: Bars::clamped(n.into()),
        order: order("d"),
    };
    let info = SampleInfo { name: name("Rain"), frames: 9, channels: 2, bytes: 99 };
    check(&Song {
        scenes: vec![scene(0, slots), scene(1, BTreeMap::new())],
        chain: (0..LINKS_MAX as u16).map(|n| link(n as u8)).collect(),
        fill: Switch::settled(true),
        mode: Switch::settled(PlayMode::Chain),
        samples: BTreeMap::from([(sample, info)]),
        ..song(vec![rich, sampled])
    });
}

#[test]
fn a_remix_of_nothing_is_nothing() {
    check(&Song::empty(SessionId([3; 16]), name("Night")));
}

#[test]
fn a_track_keeps_a_full_set_of_patterns_and_their_places() {
    let patterns = |first: Option<usize>| -> BTreeMap<PatternId, Arc<Pattern>> {
        let place = |n| if Some(n) == first { OrderKey::first() } else { order("b") };
        let pattern = |n: usize| Arc::new(Pattern::empty(name(&format!("P{n}")), place(n)));
        (0..PATTERNS_MAX).map(|n| (PatternId([n as u8 + 1; 16]), pattern(n))).collect()
    };
    // The first of them has a pattern that bears the track's own id.
    check(&song(vec![track(128, patterns(None)), track(201, patterns(Some(77)))]));
}

#[test]
fn a_pattern_with_thousands_of_notes_is_remixed_in_changes_that_peers_take() {
    check(&song(vec![track(1, few(10, crowded(5_000)))]));
}
