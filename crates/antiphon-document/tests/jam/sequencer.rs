//! Edits of the sequencer, out of random numbers and one of each.

use antiphon_document::SessionDocument;
use antiphon_model::{
    Bars, Block, Chance, ChokeGroup, Colour, Condition, Drum, Edit, FreeNote, Groove, Humanise, LinkId,
    Micro, Moment, Name, NoteId, NoteLength, OrderKey, Param, Pattern, PatternId, PatternLength, Percent,
    Pitch, PlayMode, QuantiseGrid, Ratchet, Reshape, SceneId, Song, Sound, Step, StepPatch, Swing, TrackId,
    TriggerMode, Velocity,
};
use antiphon_timeline::{GrooveTemplate, Meter, Quantum, SessionTime, Speed, TICKS_PER_STEP, Ticks};

use super::{link_id, name, note_id, pattern_id, scene_id};

/// How many kinds of edit [`sequencer_edit`] makes.
pub const KINDS: u8 = 34;

/// An edit out of random numbers; `None` where it does not apply to the song as it is.
pub fn sequencer_edit(document: &SessionDocument, [kind, a, b, c]: [u8; 4]) -> Option<Edit> {
    let song = document.song();
    let chosen = song.tracks.get(usize::from(a) % song.tracks.len().max(1));
    let ids: Vec<PatternId> = chosen.into_iter().flat_map(|track| track.patterns.keys().copied()).collect();
    let in_pattern = || Some((chosen?.id, *ids.get(usize::from(c) % ids.len().max(1))?));
    let track = || Some(chosen?.id);
    let scene = || song.scenes.get(usize::from(a) % song.scenes.len().max(1)).map(|scene| scene.id);
    let link = || song.chain.get(usize::from(a) % song.chain.len().max(1)).map(|link| link.id);
    let at = (c & 1 == 0)
        .then(|| Moment { run: SessionTime(i64::from(c & 2)), tick: Ticks::from_bars(i64::from(b % 4)) });
    let step = u16::from(b % 16);
    let number = i64::from(b) - 128;
    Some(match kind % KINDS {
        0 => {
            let (track, pattern) = in_pattern()?;
            let notes = (0..=c % 3).map(|n| (step, Pitch::clamped(number / 8 + i64::from(n)), length(b, c)));
            Edit::SetChords { track, pattern, notes: notes.collect() }
        }
        1 => {
            let (track, pattern) = in_pattern()?;
            let param = Param::ALL[usize::from(c) % Param::ALL.len()];
            let value = (b & 3 != 0).then(|| param.clamped(number * 10));
            Edit::SetLocks { track, pattern, locks: vec![(step, param, value), (0, Param::Pan, Some(3))] }
        }
        2 | 3 => {
            let (track, pattern) = in_pattern()?;
            let note = (c & 3 != 0).then(|| free_note(b, c));
            Edit::SetNotes {
                track,
                pattern,
                notes: vec![(note_id(b % 5), note), (note_id(5), Some(free_note(c, b)))],
            }
        }
        4 => {
            let (track, pattern) = in_pattern()?;
            Edit::SetPatternSpeed { track, pattern, speed: Speed::ALL[usize::from(b) % Speed::ALL.len()] }
        }
        5 => {
            let (track, pattern) = in_pattern()?;
            Edit::SetHumanise { track, pattern, humanise: Humanise::clamped(number) }
        }
        6 => {
            let (track, pattern) = in_pattern()?;
            Edit::RenamePattern { track, pattern, name: name(&format!("P{b}")) }
        }
        7 => {
            let (track, pattern) = in_pattern()?;
            let tools = reshapes();
            Edit::Reshape { track, pattern, reshape: tools[usize::from(b) % tools.len()] }
        }
        8 => {
            let (track, pattern) = in_pattern()?;
            Edit::SetPattern { track, pattern, content: Box::new(content(b, c)) }
        }
        9 => {
            let to = in_pattern()?;
            let from = song.tracks.get(usize::from(b) % song.tracks.len().max(1))?;
            Edit::CopyPattern { from: (from.id, from.current.to), to }
        }
        10 => {
            let pattern = pattern_id(100 + b % 4);
            Edit::AddPattern { track: track()?, pattern, like: Box::new(content(b, c)) }
        }
        11 => {
            let (track, pattern) = in_pattern()?;
            Edit::RemovePattern { track, pattern }
        }
        12 | 13 => Edit::Launch { patterns: vec![in_pattern()?], at, quantum: None },
        14 => Edit::SetFill { on: b & 1 == 0, at, quantum: None },
        15 => Edit::SetPlayMode {
            mode: if b & 1 == 0 { PlayMode::Live } else { PlayMode::Chain },
            at,
            quantum: None,
        },
        16 => {
            let order = order(song.scenes.last().map(|scene| &scene.order));
            let slots = in_pattern().into_iter().collect();
            Edit::AddScene { scene: scene_id(a % 4), name: name(&format!("Scene {b}")), order, slots }
        }
        17 => Edit::RemoveScene { scene: scene()? },
        18 => Edit::RenameScene { scene: scene()?, name: name(&format!("Part {b}")) },
        19 => Edit::MoveScene { scene: scene()?, order: OrderKey::read(&format!("{}V", b % 10)).unwrap() },
        20 => {
            let (track, pattern) = in_pattern()?;
            let scene = song.scenes.get(usize::from(b) % song.scenes.len().max(1))?.id;
            Edit::SetSceneSlot { scene, track, pattern: (b & 1 == 0).then_some(pattern) }
        }
        21 | 22 => {
            let last = song.chain.last().map(|link| &link.order);
            let (link, bars) = (link_id(b % 6), Bars::clamped(i64::from(b % 9)));
            Edit::AddLink { link, scene: scene()?, bars, order: order(last) }
        }
        23 => Edit::SetLink {
            link: link()?,
            scene: song.scenes.get(usize::from(b) % song.scenes.len().max(1)).map(|scene| scene.id),
            bars: (c & 1 == 0).then(|| Bars::clamped(i64::from(b))),
            order: (c & 2 == 0).then(|| OrderKey::read(&format!("{}V", b % 10)).unwrap()),
        },
        24 => Edit::RemoveLink { link: link()? },
        25 => Edit::SetTrackSwing { track: track()?, swing: (c & 1 == 0).then(|| Swing::clamped(number)) },
        26 => match track().filter(|_| c & 1 == 0) {
            Some(track) => Edit::SetTrackGroove { track, groove: (c & 2 == 0).then(|| groove(b)) },
            None => Edit::SetGroove { groove: groove(b) },
        },
        27 => {
            let trigger = if b & 1 == 0 { TriggerMode::OneShot } else { TriggerMode::Gated };
            Edit::SetTrigger { track: track()?, trigger }
        }
        28 => Edit::SetChoke { track: track()?, choke: ChokeGroup::clamped(i64::from(b % 9)) },
        29 => {
            let params: Vec<Param> = Param::ALL.into_iter().filter(|param| *param != Param::Pan).collect();
            let param = params[usize::from(b) % params.len()];
            let value = (c & 3 != 0).then(|| param.clamped(i64::from(c) * 10));
            Edit::SetParam { track: track()?, param, value }
        }
        30 => {
            let unit = Meter::UNITS[usize::from(c % 4)];
            Edit::SetMeter { meter: Meter::new(i64::from(1 + b % 16), unit.into()).unwrap() }
        }
        31 => Edit::SetQuantum { quantum: Quantum::ALL[usize::from(b % 4)] },
        32 => Edit::SetEditsAtBar { on: b & 1 == 0 },
        _ => Edit::SetSeed { seed: u64::MAX - u64::from(b) },
    })
}

fn order(last: Option<&OrderKey>) -> OrderKey {
    OrderKey::between(last, None)
}

fn length(b: u8, c: u8) -> Option<NoteLength> {
    (c & 12 != 0).then(|| NoteLength::clamped(i64::from(b)))
}

pub fn free_note(b: u8, c: u8) -> FreeNote {
    FreeNote {
        start: Ticks(i64::from(b % 16) * TICKS_PER_STEP + i64::from(c)),
        length: Ticks(1 + i64::from(c) * 1_000),
        pitch: Pitch::clamped(i64::from(c) / 4 - 30),
        velocity: Velocity::clamped(i64::from(b)),
    }
}

fn groove(b: u8) -> Groove {
    let template = GrooveTemplate::ALL[usize::from(b) % GrooveTemplate::ALL.len()];
    Groove { template, amount: Percent::clamped(i64::from(b)) }
}

/// A pattern that has something of everything.
pub fn content(b: u8, c: u8) -> Pattern {
    let mut pattern = Pattern {
        length: PatternLength::clamped(i64::from(b % 64) + 1),
        speed: Speed::ALL[usize::from(c) % Speed::ALL.len()],
        humanise: Humanise::clamped(c.into()),
        ..Pattern::empty(name(&format!("Like {b}")), OrderKey::read(&format!("{}V", c % 10)).unwrap())
    };
    for n in 0..b % 6 {
        let at = u16::from(n.wrapping_mul(c) % 64);
        pattern.steps.insert(at, rich_step(n.wrapping_add(b)));
        pattern.chords.insert((at, Pitch::clamped(i64::from(n) * 3)), NoteLength::clamped(i64::from(c)));
        pattern
            .locks
            .insert((at, Param::ALL[usize::from(n)]), Param::ALL[usize::from(n)].clamped(i64::from(c)));
    }
    pattern.notes = std::sync::Arc::new((0..c % 4).map(|n| (note_id(n), free_note(b, n))).collect());
    pattern
}

pub fn rich_step(n: u8) -> Step {
    let number = i64::from(n);
    Step {
        on: n & 1 == 0,
        velocity: Velocity::clamped(number),
        pitch: Pitch::clamped(number % 20 - 10),
        length: NoteLength::clamped(number * 3),
        tie: n & 2 == 0,
        micro: Micro::clamped(number - 60),
        ratchet: Ratchet::clamped(number % 9),
        chance: Chance::clamped(number % 101),
        condition: Condition::all().nth(usize::from(n) % 30).unwrap_or_default(),
    }
}

/// Every tool.
pub fn reshapes() -> [Reshape; 8] {
    [
        Reshape::Euclid { hits: 5, rotation: 2 },
        Reshape::Rotate { steps: -3 },
        Reshape::Invert,
        Reshape::Reverse,
        Reshape::Mirror,
        Reshape::Transpose { semitones: 5 },
        Reshape::Quantise { grid: QuantiseGrid::EighthTriplet, strength: Percent::clamped(80) },
        Reshape::Block { colour: Block::clamped(3), rhythm: Block::clamped(2) },
    ]
}

/// One edit of every kind, or several where they do different things; each changes a song that has
/// [`super::full`]'s things in it.
pub fn one_of_each(song: &Song) -> Vec<Edit> {
    let track: TrackId = song.tracks[0].id;
    let other = &song.tracks[1];
    let pattern = song.tracks[0].current.to;
    let spare = *song.tracks[0].patterns.keys().find(|id| **id != pattern).unwrap();
    let scene: SceneId = song.scenes[0].id;
    let link: LinkId = song.chain[0].id;
    let note: NoteId = song.tracks[0].pattern().notes.iter().next().unwrap().0;
    let at = Some(Moment { run: SessionTime(4), tick: Ticks::from_bars(2) });
    let order = || OrderKey::read("zV").unwrap();
    let title = || -> Name { name("Another") };
    let mut edits = vec![
        Edit::RenameSession { name: title() },
        Edit::SetTempo { tempo: antiphon_timeline::Tempo::MAX, ramp_ns: 0 },
        Edit::SetMeter { meter: Meter::new(7, 8).unwrap() },
        Edit::SetQuantum { quantum: Quantum::FourBars },
        Edit::SetEditsAtBar { on: true },
        Edit::SetSwing { swing: Swing::clamped(33) },
        Edit::SetMaster { gain: antiphon_model::Gain::clamped(-7) },
        Edit::SetGroove { groove: groove(77) },
        Edit::SetSeed { seed: 0xfeed_feed_feed_feed },
        super::add_track_in(5, song),
        Edit::RemoveTrack { track },
        Edit::RenameTrack { track, name: title() },
        Edit::SetTrackColour { track, colour: antiphon_model::Colour::clamped(9) },
        Edit::MoveTrack { track, order: order() },
        Edit::SetSound { track, sound: antiphon_model::Sound::read("synth:pad") },
        Edit::SetStrip {
            track,
            strip: antiphon_model::StripPatch { mute: Some(true), ..antiphon_model::StripPatch::default() },
        },
        Edit::SetPatternLength { track, pattern, length: PatternLength::clamped(7) },
        Edit::SetSteps {
            track,
            pattern,
            steps: vec![(
                2,
                StepPatch { tie: Some(true), micro: Some(Micro::clamped(-9)), ..StepPatch::default() },
            )],
        },
        Edit::ClearPattern { track, pattern },
        Edit::SetChords {
            track,
            pattern,
            notes: vec![(0, Pitch::clamped(9), Some(NoteLength::clamped(40)))],
        },
        Edit::SetChords { track, pattern, notes: vec![(0, Pitch::clamped(7), None)] },
        Edit::SetLocks {
            track,
            pattern,
            locks: vec![(0, Param::Drive, Some(40)), (1, Param::Pan, Some(-40))],
        },
        Edit::SetLocks { track, pattern, locks: vec![(0, Param::Cutoff, None)] },
        Edit::SetNotes { track, pattern, notes: vec![(note_id(80), Some(free_note(3, 4)))] },
        Edit::SetNotes { track, pattern, notes: vec![(note, Some(free_note(30, 40)))] },
        Edit::SetNotes { track, pattern, notes: vec![(note, None)] },
        Edit::SetPatternSpeed { track, pattern, speed: Speed::ThreeQuarters },
        Edit::SetHumanise { track, pattern, humanise: Humanise::clamped(31) },
        Edit::RenamePattern { track, pattern, name: title() },
        Edit::SetPattern { track, pattern, content: Box::new(content(45, 14)) },
        Edit::CopyPattern { from: (track, pattern), to: (other.id, other.current.to) },
        Edit::AddPattern { track, pattern: pattern_id(90), like: Box::new(content(44, 15)) },
        Edit::RemovePattern { track, pattern },
        Edit::Launch { patterns: vec![(track, spare)], at, quantum: None },
        Edit::Launch { patterns: vec![(track, spare)], at: None, quantum: None },
        Edit::SetFill { on: true, at, quantum: None },
        Edit::SetPlayMode { mode: PlayMode::Chain, at, quantum: None },
        Edit::AddScene { scene: scene_id(9), name: title(), order: order(), slots: vec![(track, spare)] },
        Edit::RemoveScene { scene },
        Edit::RenameScene { scene, name: title() },
        Edit::MoveScene { scene, order: order() },
        Edit::SetSceneSlot { scene, track, pattern: Some(spare) },
        Edit::SetSceneSlot { scene, track, pattern: None },
        Edit::AddLink { link: link_id(9), scene, bars: Bars::clamped(3), order: order() },
        Edit::SetLink {
            link,
            scene: Some(song.scenes[1].id),
            bars: Some(Bars::clamped(9)),
            order: Some(order()),
        },
        Edit::RemoveLink { link },
        Edit::SetTrackSwing { track, swing: Some(Swing::clamped(20)) },
        Edit::SetTrackGroove { track, groove: Some(groove(78)) },
        Edit::SetTrigger { track, trigger: TriggerMode::Gated },
        Edit::SetChoke { track, choke: ChokeGroup::clamped(4) },
        Edit::SetParam { track, param: Param::Tune, value: Some(-1_200) },
        Edit::SetParam { track, param: Param::Cutoff, value: None },
        Edit::AddSample { sample: super::sample_id(9), info: super::sample_info() },
        Edit::AddTrack {
            track: TrackId([77; 16]),
            pattern: PatternId([78; 16]),
            name: name("Pasted"),
            colour: Colour::clamped(3),
            sound: Sound::Drum(Drum::Rim),
            order: OrderKey::first(),
            content: Some(Box::new(content(5, 3))),
        },
    ];
    edits.extend(reshapes().map(|reshape| Edit::Reshape { track, pattern, reshape }));
    edits
}

/// What the list above must have; a new kind of edit does not compile here until it is in both.
pub fn kind_of(edit: &Edit) -> u32 {
    match edit {
        Edit::RenameSession { .. } => 0,
        Edit::SetTempo { .. } => 1,
        Edit::SetSwing { .. } => 2,
        Edit::SetMaster { .. } => 3,
        Edit::AddTrack { .. } => 4,
        Edit::RemoveTrack { .. } => 5,
        // What a removal leaves behind brings back; it is not in the song to begin with.
        Edit::RestoreTrack { .. } => 6,
        Edit::RenameTrack { .. } => 7,
        Edit::SetTrackColour { .. } => 8,
        Edit::MoveTrack { .. } => 9,
        Edit::SetSound { .. } => 10,
        Edit::SetStrip { .. } => 11,
        Edit::SetPatternLength { .. } => 12,
        Edit::SetSteps { .. } => 13,
        Edit::ClearPattern { .. } => 14,
        Edit::SetChords { .. } => 15,
        Edit::SetLocks { .. } => 16,
        Edit::SetNotes { .. } => 17,
        Edit::SetPatternSpeed { .. } => 18,
        Edit::SetHumanise { .. } => 19,
        Edit::RenamePattern { .. } => 20,
        Edit::Reshape { .. } => 21,
        Edit::SetPattern { .. } => 22,
        Edit::CopyPattern { .. } => 23,
        Edit::AddPattern { .. } => 24,
        Edit::RemovePattern { .. } => 25,
        Edit::Launch { .. } => 26,
        Edit::SetFill { .. } => 27,
        Edit::SetPlayMode { .. } => 28,
        Edit::AddScene { .. } => 29,
        Edit::RemoveScene { .. } => 30,
        Edit::RenameScene { .. } => 31,
        Edit::MoveScene { .. } => 32,
        Edit::SetSceneSlot { .. } => 33,
        Edit::AddLink { .. } => 34,
        Edit::SetLink { .. } => 35,
        Edit::RemoveLink { .. } => 36,
        Edit::SetTrackSwing { .. } => 37,
        Edit::SetGroove { .. } => 38,
        Edit::SetTrackGroove { .. } => 39,
        Edit::SetTrigger { .. } => 40,
        Edit::SetChoke { .. } => 41,
        Edit::SetParam { .. } => 42,
        Edit::SetSeed { .. } => 43,
        Edit::AddSample { .. } => 44,
        Edit::SetMeter { .. } => 45,
        Edit::SetQuantum { .. } => 46,
        Edit::SetEditsAtBar { .. } => 47,
    }
}

pub const EDIT_KINDS: u32 = 48;
