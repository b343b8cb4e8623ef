//! Several documents of one session, and every change that was made in it.
#![allow(dead_code, reason = "each test binary uses its part")]

mod sequencer;

use antiphon_document::{ActorId, ApplyError, Inadmissible, LocalChange, SessionDocument, Touched, repair};
use antiphon_model::{
    Bars, Colour, Edit, Gain, LinkId, Name, NoteId, NoteLength, OrderKey, Pan, Param, PatternId,
    PatternLength, Pitch, SampleId, SampleInfo, SceneId, SessionId, Song, Sound, StepPatch, StripPatch,
    Swing, TrackId, Velocity,
};
use antiphon_timeline::{OpKind, SessionTime, Stamp, Tempo, Ticks, TimebaseId, TimelineOp};
use automerge::Change;

#[allow(unused_imports, reason = "each test binary uses its part")]
pub use sequencer::{
    EDIT_KINDS, content, free_note, kind_of, one_of_each, reshapes, rich_step, sequencer_edit,
};

/// Kinds of acts; of the sequencer are those from [`FIRST_OF_SEQUENCER`] on.
pub const KINDS: u8 = FIRST_OF_SEQUENCER + sequencer::KINDS;
const FIRST_OF_SEQUENCER: u8 = 20;

pub const SESSION: SessionId = SessionId([7; 16]);
pub const NOW_MS: u64 = 1_790_000_000_000;

pub fn actor(n: u8) -> ActorId {
    // As unlike as real ones, which are hashes: neighbours would compress together.
    ActorId(std::array::from_fn(|at| n.wrapping_mul(151).wrapping_add((at as u8).wrapping_mul(37)) ^ 0x5a))
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn change(local: &LocalChange) -> Change {
    Change::from_bytes(local.bytes.clone()).unwrap()
}

/// A session as its first actor has it, with the changes so far.
pub fn begin(n: u8) -> (SessionDocument, Vec<Change>) {
    let (document, genesis) = SessionDocument::create(SESSION, actor(n), name("Jam"), Tempo::DEFAULT, NOW_MS);
    let changes = vec![change(&genesis)];
    (document, changes)
}

/// A copy that another actor edits.
pub fn joined(n: u8, changes: &[Change]) -> SessionDocument {
    let mut document = SessionDocument::empty(SESSION);
    document.set_actor(actor(n));
    for change in changes {
        take(&mut document, change).unwrap();
    }
    document
}

/// Takes a change in as a peer does: the gate's questions first.
pub fn take(document: &mut SessionDocument, change: &Change) -> Result<Touched, Inadmissible> {
    document.gate().check(change)?;
    Ok(document.admit(change.clone()).unwrap())
}

pub fn edit(document: &mut SessionDocument, edit: Edit) -> LocalChange {
    try_edit(document, edit).unwrap()
}

pub fn try_edit(document: &mut SessionDocument, edit: Edit) -> Result<LocalChange, ApplyError> {
    let valid = edit.validate(document.song()).unwrap();
    document.apply(&valid, NOW_MS)
}

pub fn track_id(n: u8) -> TrackId {
    TrackId(std::array::from_fn(|at| n.wrapping_mul(91) ^ (at as u8).wrapping_mul(29)))
}

pub fn pattern_id(n: u8) -> PatternId {
    PatternId(std::array::from_fn(|at| n.wrapping_mul(57) ^ (at as u8).wrapping_mul(53)))
}

pub fn scene_id(n: u8) -> SceneId {
    SceneId(std::array::from_fn(|at| n.wrapping_mul(73) ^ (at as u8).wrapping_mul(31)))
}

pub fn link_id(n: u8) -> LinkId {
    LinkId(std::array::from_fn(|at| n.wrapping_mul(119) ^ (at as u8).wrapping_mul(43)))
}

pub fn note_id(n: u8) -> NoteId {
    NoteId(std::array::from_fn(|at| n.wrapping_mul(201) ^ (at as u8).wrapping_mul(67)))
}

pub fn sample_id(n: u8) -> SampleId {
    SampleId([n; 32])
}

pub fn add_track(n: u8, document: &SessionDocument) -> Edit {
    add_track_in(n, document.song())
}

pub fn add_track_in(n: u8, song: &Song) -> Edit {
    Edit::AddTrack {
        track: track_id(n),
        pattern: pattern_id(n),
        name: name(&format!("Track {n}")),
        colour: Colour::clamped(i64::from(n)),
        sound: Sound::read("drum:kick"),
        order: song.order_at(usize::from(n), None),
        content: None,
    }
}

pub fn steps(n: u8, steps: Vec<(u16, StepPatch)>) -> Edit {
    Edit::SetSteps { track: track_id(n), pattern: pattern_id(n), steps }
}

pub fn on(on: bool) -> StepPatch {
    StepPatch { on: Some(on), ..StepPatch::default() }
}

pub fn velocity(velocity: i64) -> StepPatch {
    StepPatch { velocity: Some(Velocity::clamped(velocity)), ..StepPatch::default() }
}

pub fn timeline_op(n: u8, author: u8) -> TimelineOp {
    TimelineOp {
        stamp: Stamp { time: SessionTime(i64::from(n) * 1_000), counter: 0 },
        author: [author; 32],
        kind: OpKind::Play {
            at: SessionTime(i64::from(n) * 2_000),
            from: Ticks::ZERO,
            count_in: Ticks::ZERO,
        },
    }
}

/// A session that has something of everything: two tracks, patterns, chords, locks, notes, scenes, a chain.
pub fn full() -> (SessionDocument, Vec<Change>) {
    let (mut ada, mut changes) = begin(0);
    let (track, pattern) = (track_id(0), pattern_id(0));
    let (spare, like) = (pattern_id(50), Box::new(content(31, 9)));
    let (verse, chorus) = (scene_id(0), scene_id(1));
    let bars = Bars::clamped(4);
    let step = |step: u8| {
        let rich = rich_step(2 * step);
        let patch = StepPatch {
            on: Some(rich.on),
            velocity: Some(rich.velocity),
            pitch: Some(rich.pitch),
            length: Some(rich.length),
            chance: Some(rich.chance),
            micro: Some(rich.micro),
            ..StepPatch::default()
        };
        (u16::from(step), patch)
    };
    let edits = [
        add_track_in(0, ada.song()),
        add_track_in(1, ada.song()),
        Edit::AddPattern { track, pattern: spare, like },
        Edit::RenamePattern { track, pattern, name: name("Main") },
        steps(0, [1, 4, 5, 9, 14].map(step).to_vec()),
        Edit::SetChords { track, pattern, notes: vec![(0, Pitch::clamped(7), Some(NoteLength::DEFAULT))] },
        Edit::SetLocks {
            track,
            pattern,
            locks: vec![(0, Param::Cutoff, Some(-400)), (4, Param::Pan, Some(9))],
        },
        Edit::SetNotes {
            track,
            pattern,
            notes: (0..3).map(|n| (note_id(n), Some(free_note(n, 8)))).collect(),
        },
        Edit::SetParam { track, param: Param::Cutoff, value: Some(-99) },
        Edit::AddScene {
            scene: verse,
            name: name("Verse"),
            order: order("V"),
            slots: vec![(track, pattern)],
        },
        Edit::AddScene {
            scene: chorus,
            name: name("Chorus"),
            order: order("k"),
            slots: vec![(track, spare)],
        },
        Edit::AddLink { link: link_id(0), scene: verse, bars, order: order("V") },
        Edit::AddLink { link: link_id(1), scene: chorus, bars, order: order("k") },
    ];
    for wanted in edits {
        changes.push(change(&edit(&mut ada, wanted)));
    }
    (ada, changes)
}

/// How many random cases: few by default, the whole sweep with `ANTIPHON_LONG=1`.
pub fn cases(few: u32) -> proptest::test_runner::Config {
    let long = std::env::var_os("ANTIPHON_LONG").is_some();
    proptest::test_runner::Config::with_cases(if long { few * 50 } else { few })
}

/// Everything that must hold of a document at any time.
pub fn check_invariants(document: &SessionDocument) {
    let read = document.read();
    assert!(read == *document.raw(), "the mirror differs from the document");
    assert_eq!(repair(SESSION, &read), **document.song(), "the song differs from a whole repair");
}

/// One act out of random numbers; `None` where it does not apply to the document as it is.
pub fn act(document: &mut SessionDocument, [kind, a, b, c]: [u8; 4]) -> Option<LocalChange> {
    let song = document.song().clone();
    let track = song.tracks.get(usize::from(a) % song.tracks.len().max(1));
    let id = track.map(|track| track.id);
    let pattern = track.map(|track| track.current.to);
    let number = i64::from(b) - 128;
    let kind = kind % KINDS;
    let edit = match kind {
        FIRST_OF_SEQUENCER.. => sequencer_edit(document, [kind - FIRST_OF_SEQUENCER, a, b, c])?,
        0 => add_track(a % 6, document),
        1 => Edit::RemoveTrack { track: id? },
        2 => Edit::RestoreTrack { track: track_id(a % 6) },
        3 => Edit::SetTempo { tempo: Tempo::from_bpm(60.0 + f64::from(a)).unwrap(), ramp_ns: 0 },
        4 => Edit::SetSwing { swing: Swing::clamped(i64::from(a)) },
        5 => Edit::RenameTrack { track: id?, name: name(&format!("Name {b}")) },
        6 => Edit::MoveTrack { track: id?, order: song.order_at(usize::from(b) % 6, id) },
        7 => {
            let strip = StripPatch { gain: Some(Gain::clamped(number * 10)), ..StripPatch::default() };
            Edit::SetStrip { track: id?, strip }
        }
        8 => {
            let strip =
                StripPatch { pan: Some(Pan::clamped(number)), mute: Some(c > 99), ..StripPatch::default() };
            Edit::SetStrip { track: id?, strip }
        }
        9 => Edit::AddSample { sample: sample_id(a % 3), info: sample_info() },
        10 => Edit::SetSound { track: id?, sound: sound(a, b) },
        11 => {
            let length = PatternLength::clamped([16, 32, 64][usize::from(b) % 3]);
            Edit::SetPatternLength { track: id?, pattern: pattern?, length }
        }
        12 => Edit::ClearPattern { track: id?, pattern: pattern? },
        13 => return document.undo(NOW_MS),
        14 => return document.redo(NOW_MS),
        15 => return document.add_timeline_op(TimebaseId(u64::from(a % 2)), &timeline_op(b, c)).ok(),
        _ => {
            let patch = StepPatch {
                on: Some(c & 1 == 0),
                velocity: (c & 2 == 0).then(|| Velocity::clamped(i64::from(b))),
                pitch: (c & 4 == 0).then(|| Pitch::clamped(number / 4)),
                ..StepPatch::default()
            };
            let first = u16::from(b % 16);
            let steps =
                (first..=first + u16::from(c % 2)).filter(|step| *step < 16).map(|step| (step, patch));
            Edit::SetSteps { track: id?, pattern: pattern?, steps: steps.collect() }
        }
    };
    let valid = edit.validate(&song).ok()?;
    match document.apply(&valid, NOW_MS) {
        Ok(change) => Some(change),
        Err(ApplyError::Unchanged | ApplyError::NoPlace(_) | ApplyError::IdTaken) => None,
        Err(error) => panic!("a valid edit failed: {error}"),
    }
}

fn sound(a: u8, b: u8) -> Sound {
    match b % 3 {
        0 => Sound::read("synth:bass"),
        1 => Sound::read("drum:clap"),
        _ => Sound::Sample(sample_id(a % 3)),
    }
}

pub fn sample_info() -> SampleInfo {
    SampleInfo { name: name("Rain"), frames: 48_000, channels: 2, bytes: 90_000 }
}

pub fn order(text: &str) -> OrderKey {
    OrderKey::read(text).unwrap()
}
