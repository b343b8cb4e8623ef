// Generated from antiphon-api by `cargo xtask bindings`. Do not edit.

/**
 * Adds to the trim of the output that is open.
 */
export type AdjustTrim = { 
/**
 * Positive plays earlier, to make up for an output that is late.
 */
addMs: number, };

export type AnswerJoin = { peer: string, 
/**
 * Absent: no.
 */
role: Role | null, };

/**
 * A refusal: what happened and what to do next.
 */
export type ApiError = { code: ErrorCode, 
/**
 * One sentence: the cause.
 */
message: string, 
/**
 * One sentence: what to do.
 */
nextStep: string | null, };

/**
 * What plays now.
 */
export type AudioState = { "state": "playing", output: string, rate: number, latencyMs: number, } | { "state": "noOutput", reason: string, };

export type BeatAuthor = { name: string, peer: string, 
/**
 * This is me.
 */
me: boolean, };

export type BeatParent = { id: string, 
/**
 * Known when the parent is on this device too.
 */
title: string | null, };

/**
 * A beat on this device, by id, or a file.
 */
export type BeatRef = { beat: string | null, path: string | null, base64: string | null, };

/**
 * A published beat.
 */
export type BeatView = { 
/**
 * BLAKE3 of the manifest, 64 hexadecimal digits.
 */
id: string, title: string, authors: Array<BeatAuthor>, licence: string, 
/**
 * Unix milliseconds, as its author says.
 */
createdAtMs: number, bpm: number, seconds: number, tracks: number, bytes: number, 
/**
 * Ids of the beats it was made from.
 */
parents: Array<BeatParent>, session: string, 
/**
 * Made by the engine of this program; otherwise it plays, but may sound a little different.
 */
sameEngine: boolean, 
/**
 * Where the file is.
 */
path: string | null, };

/**
 * Everything that can be chosen and turned in a pattern, so that no interface has a list of its own.
 */
export type Catalogue = { 
/**
 * What a track sets and a step locks.
 */
params: Array<ParamInfo>, 
/**
 * Not negated; `!` before one asks the opposite (not of `always`).
 */
conditions: Array<string>, 
/**
 * Slowest first.
 */
speeds: Array<string>, grooves: Array<Choice>, quantiseGrids: Array<Choice>, 
/**
 * Names of the ready chords; their place is what a block is asked for by.
 */
colours: Array<string>, 
/**
 * Names of the ready rhythms, likewise.
 */
rhythms: Array<string>, triggers: Array<Choice>, 
/**
 * Choke groups beside none: 1 to this.
 */
chokeGroups: number, patternLengthMax: number, ratchetMax: number, linkBarsMax: number, };

/**
 * One line of the doctor's report.
 */
export type Check = { 
/**
 * `audio`, `ports`, `discovery`, `clock`, `store`, `keys`, `disk` and so on.
 */
name: string, state: CheckState, 
/**
 * What was found.
 */
found: string, 
/**
 * What to do about it.
 */
nextStep: string | null, };

export type CheckState = "good" | "warning" | "bad";

/**
 * Something to choose: its key on the wire and its name for people.
 */
export type Choice = { key: string, label: string, };

export type ChordEdit = { step: number, pitch: number, 
/**
 * Sixteenths of a step; null takes the note away.
 */
length: number | null, };

export type ChordView = { step: number, pitch: number, length: number, };

/**
 * How clock packets travel to a peer.
 */
export type ClockPath = "udp" | "stream";

/**
 * The session clock of this peer, and how everybody else in the session agrees with it.
 */
export type ClockView = { 
/**
 * Names the session clock; peers with different ones cannot be compared.
 */
timebase: string, 
/**
 * A moment of this machine's clock (as it is bent for tests), ms.
 */
hostMs: number, 
/**
 * The same moment in session time, ms.
 */
sessionMs: number, 
/**
 * How much faster session time runs, parts per million.
 */
ratePpm: number, 
/**
 * Can session time be relied on? Alone it always can.
 */
locked: boolean, 
/**
 * Peers that share this clock now, me included.
 */
sharing: number, 
/**
 * The largest guaranteed bound to any of them, ms; absent alone.
 */
boundMs: number | null, 
/**
 * Clock packets that were ignored since the start; only reasons that occurred.
 */
ignored: Array<IgnoredPackets>, 
/**
 * Everybody in the session, me included.
 */
members: Array<MemberView>, };

/**
 * What was rolled for an event.
 */
export type DiceView = { 
/**
 * 0 to 99, below the step's chance; absent where its chance is 100.
 */
chance: number | null, 
/**
 * How far looseness moves it, in steps.
 */
timingSteps: number, 
/**
 * What looseness adds to its velocity.
 */
velocity: number, };

/**
 * What I hear, beside what all hear.
 */
export type Ears = { 
/**
 * My own volume in dB; -60 is silence.
 */
volumeDb: number, tracks: Array<TrackEars>, };

/**
 * One edit of the open session. It is one undo entry.
 */
export type EditCommand = { "type": "renameSession", name: string, } | { "type": "setTempo", bpm: number, rampSeconds?: number, } | { "type": "setMeter", beats: number, unit: number, } | { "type": "setQuantum", quantum: Quantum, } | { "type": "setEditsAtBar", on: boolean, } | { "type": "setSwing", percent: number, } | { "type": "setGroove", groove: GrooveView, } | { "type": "setMaster", db: number, } | { "type": "reroll" } | { "type": "addTrack", sound: string, name: string | null, index: number | null, } | { "type": "pasteTrack", text: string, index: number | null, } | { "type": "removeTrack", track: string, } | { "type": "renameTrack", track: string, name: string, } | { "type": "setTrackColour", track: string, colour: number, } | { "type": "moveTrack", track: string, index: number, } | { "type": "setSound", track: string, sound: string, } | { "type": "setStrip", track: string, gainDb: number | null, pan: number | null, mute: boolean | null, solo: boolean | null, } | { "type": "setTrackSwing", track: string, percent: number | null, } | { "type": "setTrackGroove", track: string, groove: GrooveView | null, } | { "type": "setTrigger", track: string, trigger: string, } | { "type": "setChoke", track: string, group: number, } | { "type": "setParam", track: string, param: string, value: number | null, } | { "type": "setPatternLength", track: string, pattern: string | null, length: number, } | { "type": "setSteps", track: string, pattern: string | null, steps: Array<StepEdit>, } | { "type": "clearPattern", track: string, pattern: string | null, } | { "type": "setChords", track: string, pattern: string | null, notes: Array<ChordEdit>, } | { "type": "setLocks", track: string, pattern: string | null, locks: Array<LockEdit>, } | { "type": "setNotes", track: string, pattern: string | null, notes: Array<NoteEdit>, } | { "type": "setSpeed", track: string, pattern: string | null, speed: string, } | { "type": "setHumanise", track: string, pattern: string | null, percent: number, } | { "type": "renamePattern", track: string, pattern: string | null, name: string, } | { "type": "reshape", track: string, pattern: string | null, tool: ReshapeTool, } | { "type": "setPatternText", track: string, pattern: string | null, text: string, } | { "type": "copyPattern", fromTrack: string, fromPattern: string | null, toTrack: string, toPattern: string | null, } | { "type": "addPattern", track: string, like: string | null, name: string | null, } | { "type": "removePattern", track: string, pattern: string, } | { "type": "launch", slots: Array<SlotEdit>, quantum?: Quantum, } | { "type": "launchScene", scene: string, quantum?: Quantum, } | { "type": "setFill", on: boolean, quantum?: Quantum, } | { "type": "setPlayMode", mode: Mode, quantum?: Quantum, } | { "type": "addScene", name: string | null, index: number | null, } | { "type": "removeScene", scene: string, } | { "type": "renameScene", scene: string, name: string, } | { "type": "moveScene", scene: string, index: number, } | { "type": "setSceneSlot", scene: string, track: string, pattern: string | null, } | { "type": "addLink", scene: string, bars: number, index: number | null, } | { "type": "setLink", link: string, scene: string | null, bars: number | null, } | { "type": "moveLink", link: string, index: number, } | { "type": "removeLink", link: string, };

/**
 * What an edit made.
 */
export type Edited = { 
/**
 * The track that was added.
 */
track: string | null, 
/**
 * The pattern that was added.
 */
pattern: string | null, 
/**
 * The scene that was added.
 */
scene: string | null, 
/**
 * The link of the chain that was added.
 */
link: string | null, 
/**
 * What undo would now undo.
 */
label: string, };

/**
 * What kind of refusal, for the interface to match and the command line to exit with.
 */
export type ErrorCode = "badRequest" | "invalid" | "notFound" | "notAllowed" | "unreachable" | "badFile" | "storage" | "internal";

/**
 * Everything that changes. A page that connects, or has fallen behind, is sent whole views first.
 */
export type Event = { "type": "session", session: SessionView | null, } | { "type": "sessions", sessions: Array<SessionEntry>, } | { "type": "song", change: SongChange, } | { "type": "ears", ears: Ears, } | { "type": "transport", transport: TransportView, } | { "type": "waiting", waiting: WaitingView | null, } | { "type": "saved", saved: Saved, } | { "type": "history", history: HistoryView, } | { "type": "members", members: Array<MemberView>, } | { "type": "nearby", nearby: Array<NearbyPeer>, } | { "type": "joinRequests", requests: Array<JoinRequest>, } | { "type": "flash", peer: string, colour: number, track: string | null, 
/**
 * The pattern of the steps, where there are any.
 */
pattern: string | null, steps: Array<number>, } | { "type": "samples", samples: Array<SampleView>, } | { "type": "audio", audio: AudioState, } | { "type": "telemetry", telemetry: Telemetry, } | { "type": "job", job: Job, } | { "type": "beats", beats: Array<BeatView>, } | { "type": "metronome", metronome: Metronome, } | { "type": "late", peer: string, 
/**
 * What they are called.
 */
name: string, byMs: number, 
/**
 * `transport`, `launch` or `edit`.
 */
what: string, } | { "type": "notice", level: NoticeLevel, text: string, nextStep: string | null, };

/**
 * A note that will sound.
 */
export type EventView = { track: string, trackName: string, pattern: string, patternName: string, 
/**
 * Where it is played, in steps from the first bar.
 */
atSteps: number, 
/**
 * Where it is written: before swing, groove, micro-timing, looseness and ratchets.
 */
writtenSteps: number, 
/**
 * The same in frames of the 48 kHz stream.
 */
frame: number, 
/**
 * The step that it is of, counted from 0; absent: a free note.
 */
step: number | null, 
/**
 * The free note that it is.
 */
note: string | null, 
/**
 * How often the pattern was played before.
 */
cycle: number, 
/**
 * The bar at which the pattern began, counted from 0: the first, or where its link of the chain did.
 */
originBar: number, 
/**
 * Which of the step's strikes, counted from 0.
 */
hit: number, 
/**
 * Which note of the step's chord: 0 is its own, the others ascend.
 */
chord: number, 
/**
 * Semitones from the track's own pitch.
 */
pitch: number, velocity: number, lengthSteps: number, dice: DiceView, };

/**
 * What will sound, with the dice rolled, in the order it sounds.
 */
export type EventsView = { bars: number, bpm: number, 
/**
 * What the dice are rolled from, 16 hexadecimal digits.
 */
seed: string, events: Array<EventView>, };

/**
 * Fill, and while a switch has not come, what holds until then.
 */
export type FillView = { to: boolean, from: boolean, 
/**
 * Absent: nothing is pending.
 */
atSteps: number | null, };

/**
 * A knob or fader that is being turned: heard at once, committed by the edit that follows.
 */
export type Gesture = { track: string | null, 
/**
 * Absent: the master.
 */
gainDb: number | null, pan: number | null, };

export type GrooveView = { 
/**
 * One of the catalogue's grooves.
 */
template: string, 
/**
 * 0 to 100.
 */
amount: number, };

/**
 * Who and what answers, once at the start.
 */
export type Hello = { 
/**
 * Version of the program.
 */
version: string, 
/**
 * Version of the canonical sound.
 */
engineVersion: number, me: Person, 
/**
 * Folder that holds everything of this peer.
 */
dataFolder: string, sounds: Array<SoundInfo>, catalogue: Catalogue, 
/**
 * The session to show at once, when one was open last.
 */
openSession: string | null, 
/**
 * True until the first session was opened by hand: the interface greets.
 */
firstStart: boolean, };

export type HistoryView = { 
/**
 * What undo would undo, for its tooltip.
 */
undo: string | null, redo: string | null, };

/**
 * Clock packets ignored for one reason.
 */
export type IgnoredPackets = { 
/**
 * One word or two: `forged`, `stale`.
 */
reason: string, packets: number, };

/**
 * An audio file, by path (window, command line) or by its bytes (browser).
 */
export type ImportSample = { name: string, path: string | null, base64: string | null, 
/**
 * Gives the sample to this track; absent: a new track plays it.
 */
track: string | null, };

export type Imported = { sample: string, track: string, seconds: number, };

export type Invite = { 
/**
 * `antiphon://join/...`
 */
link: string, qrSvg: string, expiresInS: number, };

/**
 * Something long that runs.
 */
export type Job = { id: number, label: string, 
/**
 * 0 to 1.
 */
progress: number, done: boolean, error: string | null, };

/**
 * Through Nearby (`peer`), an invite link, or an address.
 */
export type Join = { peer: string | null, link: string | null, 
/**
 * `/ip4/192.0.2.7/tcp/4001`, or `192.0.2.7:4001`.
 */
address: string | null, };

/**
 * Someone asks to join the open session.
 */
export type JoinRequest = { person: Person, 
/**
 * Came through an invite that I made.
 */
invited: boolean, };

/**
 * A place in the chain.
 */
export type LinkView = { id: string, scene: string, bars: number, };

export type ListBeats = { 
/**
 * Absent: all on this device.
 */
session: string | null, };

export type ListEvents = { 
/**
 * Absent: until every track's loop meets again, at most 64 bars.
 */
bars: number | null, };

export type Locate = { positionSteps: number, };

export type LockEdit = { step: number, param: string, 
/**
 * Null unlocks.
 */
value: number | null, };

export type LockView = { step: number, param: string, value: number, };

/**
 * Someone who belongs to the session.
 */
export type MemberView = { person: Person, role: Role, me: boolean, 
/**
 * Connected now.
 */
here: boolean, 
/**
 * Where they edit.
 */
track: string | null, step: number | null, sync: SyncQuality | null, 
/**
 * Why this member works only in part, in words: another protocol or engine version.
 */
differs: string | null, };

/**
 * A time signature.
 */
export type MeterView = { 
/**
 * 1 to 16.
 */
beats: number, 
/**
 * 2, 4, 8 or 16.
 */
unit: number, };

/**
 * How this device keeps time for its own person.
 */
export type Metronome = { 
/**
 * Does it click while the music plays? Nobody else hears it.
 */
on: boolean, 
/**
 * -60 (silence) to 6.
 */
volumeDb: number, 
/**
 * Bars counted in when I press play, 0 to 8; everybody hears them.
 */
countInBars: number, };

export type Mode = "live" | "chain";

/**
 * What decides which patterns play, and while a switch has not come, what does until then.
 */
export type ModeView = { to: Mode, from: Mode, 
/**
 * Absent: nothing is pending.
 */
atSteps: number | null, };

/**
 * A peer in reach that is visible.
 */
export type NearbyPeer = { person: Person, session: NearbySession | null, 
/**
 * Where I stand with that session.
 */
standing: Standing, differs: string | null, };

export type NearbySession = { id: string, name: string, };

export type NewSession = { 
/**
 * Made up where there is none.
 */
name: string | null, };

/**
 * A note that is put, changed or taken away.
 */
export type NoteEdit = { 
/**
 * Null: a new note.
 */
id: string | null, 
/**
 * Null takes it away.
 */
note: NotePlace | null, };

export type NotePlace = { 
/**
 * From the pattern's beginning, with its fraction.
 */
startSteps: number, lengthSteps: number, pitch: number, velocity: number, };

/**
 * A note at any place of a pattern.
 */
export type NoteView = { id: string, startSteps: number, lengthSteps: number, pitch: number, velocity: number, };

export type NoticeLevel = "info" | "warning" | "error";

/**
 * An audio output.
 */
export type OutputView = { id: string, name: string, chosen: boolean, 
/**
 * Trim by ear, ms: positive plays earlier to make up for a late output.
 */
trimMs: number, };

/**
 * A parameter of a sound.
 */
export type ParamInfo = { param: string, label: string, 
/**
 * What its numbers count: `dB/100`, `%`, `cents`, `ms`, `‰`.
 */
unit: string, min: number, max: number, 
/**
 * The value with which a sound is as it was made.
 */
neutral: number, };

export type ParamView = { param: string, value: number, };

/**
 * The fields of a pattern that changed. The new length is applied before the steps.
 */
export type PatternChange = { track: string, pattern: string, name: string | null, 
/**
 * Steps beyond it go; new ones are among `steps`.
 */
length: number | null, speed: string | null, humanise: number | null, steps: Array<StepChange>, chords: Array<ChordView> | null, locks: Array<LockView> | null, 
/**
 * Notes that are new or changed.
 */
notes: Array<NoteView>, 
/**
 * Ids of the notes that are gone.
 */
goneNotes: Array<string>, };

/**
 * A pattern of the open session; absent: the one that was launched.
 */
export type PatternRef = { track: string, pattern: string | null, };

/**
 * Text that a pattern was written as, or that one is to be made from.
 */
export type PatternText = { text: string, };

export type PatternView = { id: string, name: string, length: number, 
/**
 * `1/8` to `2`.
 */
speed: string, 
/**
 * 0 to 100.
 */
humanise: number, 
/**
 * One entry a step, `length` of them.
 */
steps: Array<StepView>, 
/**
 * Notes that sound with a step beside its own, by step and pitch.
 */
chords: Array<ChordView>, locks: Array<LockView>, 
/**
 * Notes at any place, by start.
 */
notes: Array<NoteView>, };

/**
 * A launch that has not come: until the transport is there, something else plays.
 */
export type PendingView = { 
/**
 * The pattern that plays until then.
 */
from: string, atSteps: number, };

/**
 * A peer as people see it.
 */
export type Person = { 
/**
 * Peer id, 64 hexadecimal digits.
 */
peer: string, 
/**
 * Chosen name, or a pseudonym derived from the key.
 */
name: string, 
/**
 * Index into the palette, derived from the key.
 */
colour: number, };

/**
 * How to begin.
 */
export type Play = { 
/**
 * Bars to count in, 0 to 8; absent: as this device is set.
 */
countInBars?: number, };

export type PlayNote = { track: string, 
/**
 * MIDI note.
 */
note: number, 
/**
 * 1 to 127; 0 releases.
 */
velocity: number, };

export type Preview = { sound: string, };

export type Publish = { title: string | null, 
/**
 * SPDX identifier; `CC-BY-4.0` where there is none.
 */
licence: string | null, 
/**
 * Folder or file to write a copy to.
 */
path: string | null, };

/**
 * The grid on which something that was asked for waits.
 */
export type Quantum = "now" | "beat" | "bar" | "fourBars";

export type Render = { path: string, 
/**
 * Absent: until every track's loop meets again, at most 64 bars.
 */
bars: number | null, };

export type RenderVerdict = { "state": "notAsked" } | { "state": "same" } | { "state": "different" } | { "state": "otherEngine", version: number, ours: number, };

/**
 * What a tool does to a pattern.
 */
export type ReshapeTool = { "type": "euclid", hits: number, rotation: number, } | { "type": "rotate", steps: number, } | { "type": "invert" } | { "type": "reverse" } | { "type": "mirror" } | { "type": "transpose", semitones: number, } | { "type": "quantise", grid: string, strength: number, } | { "type": "block", colour: number, rhythm: number, };

/**
 * What a member may do.
 */
export type Role = "owner" | "editor" | "listener";

export type SampleView = { id: string, name: string, seconds: number, 
/**
 * Is the sound here, or still on its way from a peer?
 */
here: boolean, 
/**
 * 0 to 1 while it is on its way.
 */
progress: number, };

/**
 * Is everything on disk?
 */
export type Saved = { "state": "saved" } | { "state": "saving" } | { "state": "failing", reason: string, };

export type SceneView = { id: string, name: string, 
/**
 * In the order of the tracks; those that are not there go on with their own.
 */
slots: Array<SlotView>, };

/**
 * A line of the session list.
 */
export type SessionEntry = { id: string, name: string, tracks: number, bpm: number, 
/**
 * Unix milliseconds of the last change on this device.
 */
editedAtMs: number, 
/**
 * Is it the open one?
 */
open: boolean, role: Role, 
/**
 * Cannot be edited here, with the reason (made by a newer version, damaged).
 */
readOnly: string | null, };

export type SessionRef = { session: string, };

/**
 * The open session in full.
 */
export type SessionView = { id: string, role: Role, readOnly: string | null, 
/**
 * False while a session that was just joined is still on its way.
 */
arrived: boolean, song: SongView, ears: Ears, transport: TransportView, 
/**
 * Edits that are made, and are to be heard from a bar on.
 */
waiting: WaitingView | null, saved: Saved, history: HistoryView, members: Array<MemberView>, 
/**
 * The beat this session was remixed from.
 */
parent: string | null, };

/**
 * My own hearing of one track, or my own volume where there is no track.
 */
export type SetEars = { track: string | null, mute: boolean | null, solo: boolean | null, gainDb: number | null, };

/**
 * Fields that are absent stay as they are; the reply has them all.
 */
export type SetMetronome = { on?: boolean, 
/**
 * -60 (silence) to 6.
 */
volumeDb?: number, 
/**
 * 0 to 8.
 */
countInBars?: number, };

export type SetName = { name: string, };

export type SetOutput = { 
/**
 * Absent: the system's default.
 */
output: string | null, trimMs: number | null, };

/**
 * Where I edit, for the others to see.
 */
export type SetPresence = { track: string | null, step: number | null, };

export type SlotEdit = { track: string, pattern: string, };

export type SlotView = { track: string, pattern: string, };

/**
 * The fields of the song that changed.
 */
export type SongChange = { name: string | null, bpm: number | null, meter: MeterView | null, quantum: Quantum | null, editsAtBar: boolean | null, swing: number | null, groove: GrooveView | null, masterDb: number | null, fill: FillView | null, mode: ModeView | null, scenes: Array<SceneView> | null, chain: Array<LinkView> | null, seed: string | null, 
/**
 * Tracks that are new, or changed beyond the inside of their patterns: whole.
 */
tracks: Array<TrackView>, 
/**
 * Patterns that changed inside, of tracks that are not in `tracks`.
 */
patterns: Array<PatternChange>, 
/**
 * All track ids in order, when that changed.
 */
order: Array<string> | null, };

export type SongView = { name: string, bpm: number, 
/**
 * What it starts with; what plays may still be in the bar before a change.
 */
meter: MeterView, 
/**
 * Where launches take effect that do not say so themselves.
 */
quantum: Quantum, 
/**
 * Are edits made while it plays heard from the next bar on, on every peer at once?
 */
editsAtBar: boolean, 
/**
 * 0 to 100.
 */
swing: number, groove: GrooveView, 
/**
 * Shared gain of the mix in dB; -60 is silence.
 */
masterDb: number, 
/**
 * Do steps with the condition `fill` sound?
 */
fill: FillView, 
/**
 * What decides which patterns play.
 */
mode: ModeView, scenes: Array<SceneView>, chain: Array<LinkView>, 
/**
 * What the dice of the session are rolled from, 16 hexadecimal digits.
 */
seed: string, tracks: Array<TrackView>, samples: Array<SampleView>, };

/**
 * A sound that a track can choose.
 */
export type SoundInfo = { 
/**
 * Text form, `drum:kick`.
 */
sound: string, 
/**
 * `Kick`.
 */
label: string, 
/**
 * `Drums`, `Synth`, `Samples`.
 */
group: string, 
/**
 * Does pitch mean notes?
 */
melodic: boolean, };

export type Standing = { "state": "stranger" } | { "state": "asking" } | { "state": "refused", reason: string, } | { "state": "member" };

/**
 * A step that is new or changed.
 */
export type StepChange = { 
/**
 * Counted from 0.
 */
index: number, step: StepView, };

/**
 * The fields of one step that change.
 */
export type StepEdit = { 
/**
 * Counted from 0.
 */
step: number, on: boolean | null, velocity: number | null, pitch: number | null, length: number | null, 
/**
 * Prolongs the note before it instead of striking.
 */
tie: boolean | null, micro: number | null, ratchet: number | null, chance: number | null, 
/**
 * One of the catalogue's conditions, or one with `!` before it.
 */
condition: string | null, };

export type StepView = { on: boolean, 
/**
 * 1 to 127.
 */
velocity: number, 
/**
 * Semitones, -36 to 36.
 */
pitch: number, 
/**
 * Sixteenths of a step; 16 is one step.
 */
length: number, 
/**
 * Prolongs the note before it instead of striking.
 */
tie: boolean, 
/**
 * 128ths of a step, -127 to 127; negative is early.
 */
micro: number, 
/**
 * Strikes within its time, 1 to 8.
 */
ratchet: number, 
/**
 * Percent.
 */
chance: number, 
/**
 * `always`, `fill`, `!fill`, `3:4`...
 */
condition: string, };

/**
 * How well two peers agree on time, as measured.
 */
export type SyncQuality = { locked: boolean, 
/**
 * Estimated difference of the two session clocks, ms, signed.
 */
errorMs: number, 
/**
 * Guaranteed bound of it, ms. An output's own latency is outside, unless trimmed.
 */
boundMs: number, roundTripMs: number, 
/**
 * Relative drift of the two clocks in parts per million.
 */
driftPpm: number, 
/**
 * 0 to 1.
 */
loss: number, path: ClockPath, 
/**
 * Why its clock is not believed, in words; it is left out of ours.
 */
suspect: string | null, };

/**
 * What a tap came to.
 */
export type Tapped = { 
/**
 * The session's tempo from now on; absent before the third tap.
 */
bpm: number | null, };

/**
 * Up to 60 times a second, past the reactive stores.
 */
export type Telemetry = { playing: boolean, 
/**
 * The step (sixteenth) that is leaving the speaker now, with its fraction.
 */
positionSteps: number, 
/**
 * Steps per second, to run on with until the next message.
 */
stepsPerSecond: number, 
/**
 * The bar of that step, counted from 0.
 */
bar: number, 
/**
 * The step at which that bar begins.
 */
barStartSteps: number, 
/**
 * The meter of that bar.
 */
meter: MeterView, 
/**
 * Beats until the music begins that is being counted in; 0 while nothing is.
 */
countIn: number, 
/**
 * Peak and RMS of each track since the last message, linear, in song order.
 */
tracks: Array<TrackMeter>, 
/**
 * Left and right.
 */
masterPeak: [number, number], 
/**
 * Gain reduction of the limiter in dB.
 */
limiterDb: number, 
/**
 * Drop-outs since the start.
 */
xruns: number, 
/**
 * Part of a block's time that the engine used, 0 to 1.
 */
load: number, };

export type TrackEars = { track: string, mute: boolean, solo: boolean, gainDb: number, };

export type TrackMeter = { peak: number, rms: number, };

export type TrackView = { id: string, name: string, colour: number, sound: string, 
/**
 * `Kick`, or the sample's name, or `Unknown sound`.
 */
soundLabel: string, melodic: boolean, gainDb: number, 
/**
 * -100 to 100.
 */
pan: number, mute: boolean, solo: boolean, 
/**
 * Absent: the session's.
 */
swing: number | null, 
/**
 * Absent: the session's.
 */
groove: GrooveView | null, 
/**
 * `one-shot` or `gated`.
 */
trigger: string, 
/**
 * 0 is none.
 */
choke: number, 
/**
 * Those that are not neutral.
 */
params: Array<ParamView>, 
/**
 * The pattern that was launched last.
 */
pattern: string, 
/**
 * While a launch has not come.
 */
pending: PendingView | null, 
/**
 * In the order they are shown; never empty.
 */
patterns: Array<PatternView>, };

/**
 * The shared transport. Telemetry carries where the sound is.
 */
export type TransportView = { playing: boolean, 
/**
 * Where play would start, in steps (sixteenths).
 */
positionSteps: number, bpm: number, 
/**
 * Who pressed last, by name, when it was not me.
 */
by: string | null, 
/**
 * The beat that I listen to instead of the session.
 */
beat: string | null, };

/**
 * An output and its trim.
 */
export type TrimmedOutput = { output: string, trimMs: number, };

/**
 * The answer of verifying a beat.
 */
export type Verdict = { intact: boolean, 
/**
 * One sentence.
 */
summary: string, beat: BeatView | null, render: RenderVerdict, };

export type Verify = { beat: BeatRef, 
/**
 * Render again and compare bit for bit.
 */
render: boolean, };

/**
 * Edits that everybody sees already, and hears from the next bar on.
 */
export type WaitingView = { 
/**
 * At least one.
 */
edits: number, 
/**
 * The number of that bar, counted from 0.
 */
bar: number, };

export interface Commands {
  hello: { args: null; reply: Hello };
  set_name: { args: SetName; reply: null };
  sessions: { args: null; reply: Array<SessionEntry> };
  session: { args: null; reply: SessionView | null };
  new_session: { args: NewSession; reply: SessionEntry };
  open_session: { args: SessionRef; reply: SessionView };
  delete_session: { args: SessionRef; reply: null };
  edit: { args: EditCommand; reply: Edited };
  pattern_text: { args: PatternRef; reply: PatternText };
  events: { args: ListEvents; reply: EventsView };
  gesture: { args: Gesture; reply: null };
  undo: { args: null; reply: string | null };
  redo: { args: null; reply: string | null };
  play: { args: Play | null; reply: null };
  pause: { args: null; reply: null };
  stop: { args: null; reply: null };
  locate: { args: Locate; reply: null };
  ears: { args: SetEars; reply: Ears };
  metronome: { args: SetMetronome; reply: Metronome };
  tap: { args: null; reply: Tapped };
  note: { args: PlayNote; reply: null };
  preview: { args: Preview; reply: null };
  all_notes_off: { args: null; reply: null };
  import_sample: { args: ImportSample; reply: Imported };
  outputs: { args: null; reply: Array<OutputView> };
  set_output: { args: SetOutput; reply: AudioState };
  adjust_trim: { args: AdjustTrim; reply: TrimmedOutput };
  audio: { args: null; reply: AudioState };
  render: { args: Render; reply: Job };
  nearby: { args: null; reply: Array<NearbyPeer> };
  join: { args: Join; reply: null };
  join_requests: { args: null; reply: Array<JoinRequest> };
  answer_join: { args: AnswerJoin; reply: null };
  invite: { args: null; reply: Invite };
  presence: { args: SetPresence; reply: null };
  clock: { args: null; reply: ClockView };
  publish: { args: Publish; reply: BeatView };
  beats: { args: ListBeats; reply: Array<BeatView> };
  verify: { args: Verify; reply: Verdict };
  add_beat: { args: BeatRef; reply: BeatView };
  play_beat: { args: BeatRef; reply: BeatView };
  stop_beat: { args: null; reply: null };
  remix: { args: BeatRef; reply: SessionEntry };
  doctor: { args: null; reply: Array<Check> };
}
