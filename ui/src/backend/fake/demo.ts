// The fake peer's song: a demo beat with two sections.
import type { NoteView, PatternView, SongView, SoundInfo, StepView, TrackView } from '../generated/api';

const sound = (key: string, label: string, group: string): SoundInfo => ({ sound: key, label, group, melodic: group === 'Synth' });

export const SOUNDS: SoundInfo[] = [
  sound('drum:kick', 'Kick', 'Drums'),
  sound('drum:snare', 'Snare', 'Drums'),
  sound('drum:clap', 'Clap', 'Drums'),
  sound('drum:closed-hat', 'Closed hat', 'Drums'),
  sound('drum:open-hat', 'Open hat', 'Drums'),
  sound('drum:tom', 'Tom', 'Drums'),
  sound('drum:rim', 'Rim', 'Drums'),
  sound('drum:cowbell', 'Cowbell', 'Drums'),
  sound('synth:bass', 'Bass', 'Synth'),
  sound('synth:lead', 'Lead', 'Synth'),
  sound('synth:pad', 'Pad', 'Synth'),
  sound('synth:pluck', 'Pluck', 'Synth'),
  sound('synth:acid', 'Acid', 'Synth'),
];

export const REST: StepView = { on: false, velocity: 100, pitch: 0, length: 16, tie: false, micro: 0, ratchet: 1, chance: 100, condition: 'always' };

export function emptySteps(length: number): StepView[] {
  return Array.from({ length }, () => ({ ...REST }));
}

/** Steps from text: a digit is a velocity in ninths, anything else rests; `pitches` go to the steps that sound. */
export function stepsOf(text: string, pitches: number[] = [], noteLength = 16): StepView[] {
  let at = 0;
  return [...text.replaceAll(' ', '')].map((mark) => {
    const strength = Number(mark);
    if (!strength) return { ...REST };
    return { ...REST, on: true, velocity: Math.round((strength / 9) * 127), pitch: pitches[at++ % pitches.length] ?? 0, length: noteLength };
  });
}

let nextId = 1;
export function freshId(): string {
  return (nextId++).toString(16).padStart(32, '0');
}

export function makePattern(name: string, steps: StepView[], fields: Partial<PatternView> = {}): PatternView {
  return { id: freshId(), name, length: steps.length, speed: '1', humanise: 0, steps, chords: [], locks: [], notes: [], ...fields };
}

export function makeTrack(soundKey: string, name: string | null, colour: number, patterns: PatternView[], fields: Partial<TrackView> = {}): TrackView {
  const info = SOUNDS.find((one) => one.sound === soundKey);
  const label = info?.label ?? 'Unknown sound';
  return {
    id: freshId(),
    name: name ?? label,
    colour,
    sound: soundKey,
    soundLabel: label,
    melodic: info?.melodic ?? false,
    gainDb: -2,
    pan: 0,
    mute: false,
    solo: false,
    patterns,
    pattern: patterns[0]?.id ?? '',
    pending: null,
    swing: null,
    groove: null,
    trigger: 'one-shot',
    choke: 0,
    params: [],
    ...fields,
  };
}

/** Notes at any place: start, length and pitch of each. */
function freeNotes(...notes: [number, number, number][]): NoteView[] {
  return notes.map(([startSteps, lengthSteps, pitch]) => ({ id: freshId(), startSteps, lengthSteps, pitch, velocity: 90 }));
}

/** A step of a pattern with more to it. */
function rich(steps: StepView[], changes: Record<number, Partial<StepView>>): StepView[] {
  return steps.map((step, i) => ({ ...step, ...changes[i] }));
}

function demoTracks(): TrackView[] {
  const hats = rich(stepsOf('7.4. 7.45 7.4. 7.46'), { 7: { ratchet: 3 }, 10: { chance: 60 }, 14: { micro: 34 }, 15: { condition: 'fill' } });
  const choir = stepsOf('7............... 6............... 7............... 6.......5.......', [0, -2, 3, 5, 7], 64);
  const bass = stepsOf('9..7 ..8. 9..7 .6.. 9..7 ..8. 8..7 .656', [0, 0, 7, -2, -2, 5, 3, 3], 24);
  return [
    makeTrack('drum:kick', null, 0, [makePattern('A', stepsOf('9... ..6. 8... ...5')), makePattern('B', stepsOf('9... 9... 9... 9.5.'))], { gainDb: 0 }),
    makeTrack('drum:snare', null, 1, [makePattern('A', rich(stepsOf('.... 8... .... 8..3'), { 15: { condition: '2:4' } })), makePattern('B', stepsOf('.... 8..4 .... 8.66'))]),
    makeTrack('drum:closed-hat', 'Hats', 2, [makePattern('A', hats)], { gainDb: -6, pan: 24, choke: 1 }),
    makeTrack('drum:open-hat', null, 3, [makePattern('A', stepsOf('.... ..6. .... ..6.'))], { gainDb: -8, pan: 24, choke: 1 }),
    makeTrack('synth:bass', 'Bass line', 4, [
      makePattern('A', rich(bass, { 4: { on: true, tie: true } }), { locks: [{ step: 6, param: 'cutoff', value: 2400 }, { step: 14, param: 'cutoff', value: -1800 }] }),
      makePattern('B', stepsOf('9.9. 9.9. 7.7. 7.7.', [0, 12], 12)),
      makePattern('C', stepsOf('9... .... 9... ....', [-5, -7], 64)),
    ], { gainDb: -3, params: [{ param: 'cutoff', value: -600 }] }),
    makeTrack('synth:pad', 'Choir', 6, [makePattern('A', choir, { chords: [4, 7].map((pitch) => ({ step: 0, pitch, length: 200 })) })], { gainDb: -9, pan: -18 }),
    makeTrack('synth:pluck', 'Answer', 8, [makePattern('A', stepsOf('..6. 5..7 ..6. .5.. ..6. 5..7 .7.6 5...', [12, 15, 19, 10, 12, 7, 15, 14]), { notes: freeNotes([0.5, 3, 12], [1.75, 1.5, 15], [9.33, 4, 19], [18.2, 0.5, 7]) }), makePattern('B', stepsOf('6..6..6..6..', [12, 19, 15, 22]), { speed: '3/4' })], { gainDb: -7, pan: -40 }),
    makeTrack('drum:rim', null, 9, [makePattern('A', stepsOf('...4 ..4. ...4 .4..'))], { gainDb: -10, mute: true }),
  ];
}

export function demoSong(): SongView {
  const tracks = demoTracks();
  const slots = (wanted: number) => tracks.map((track) => ({ track: track.id, pattern: (track.patterns[wanted] ?? track.patterns[0])?.id ?? '' }));
  const verse = { id: freshId(), name: 'Verse', slots: slots(0) };
  const chorus = { id: freshId(), name: 'Chorus', slots: slots(1) };
  return {
    name: 'First light',
    bpm: 112,
    meter: { beats: 4, unit: 4 },
    quantum: 'bar',
    editsAtBar: false,
    swing: 24,
    groove: { template: 'straight', amount: 100 },
    fill: { to: false, from: false, atSteps: null },
    mode: { to: 'live', from: 'live', atSteps: null },
    scenes: [verse, chorus],
    chain: [
      { id: freshId(), scene: verse.id, bars: 4 },
      { id: freshId(), scene: chorus.id, bars: 2 },
    ],
    seed: '1f3a9c0270be55d4',
    masterDb: 0,
    samples: [{ id: 'ab'.repeat(32), name: 'Rain on tin.wav', seconds: 2.4, here: true, progress: 1 }],
    tracks,
  };
}
