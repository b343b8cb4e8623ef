import { expect, test } from 'vitest';
import { demoSong } from '../backend/fake/demo';
import { changedTracks } from './song-change';

const NOTHING = { name: null, bpm: null, meter: null, quantum: null, editsAtBar: null, swing: null, groove: null, masterDb: null, fill: null, mode: null, scenes: null, chain: null, seed: null, tracks: [], patterns: [], order: null };
const INSIDE = { name: null, length: null, speed: null, humanise: null, steps: [], chords: null, locks: null, notes: [], goneNotes: [] };
const { tracks } = demoSong();
const [kick, snare, hats] = tracks;

test('a changed track replaces its older self and the others stay the same objects', () => {
  if (!kick || !snare) throw new Error('the demo has tracks');
  const next = changedTracks(tracks, { ...NOTHING, tracks: [{ ...snare, name: 'Crack' }] });
  expect(next[0]).toBe(kick);
  expect(next[1]?.name).toBe('Crack');
});

test('the order decides who is there and where', () => {
  const order = [hats, kick].map((track) => track?.id ?? '');
  expect(changedTracks(tracks, { ...NOTHING, order }).map((track) => track.id)).toEqual(order);
});

test('an unknown id in the order is passed over', () => {
  expect(changedTracks(tracks, { ...NOTHING, order: ['nobody', kick?.id ?? ''] })).toHaveLength(1);
});

test('no change keeps the list itself', () => {
  expect(changedTracks(tracks, NOTHING)).toBe(tracks);
});

test('a pattern changes inside, and what did not change stays the same objects', () => {
  if (!kick || !snare) throw new Error('the demo has tracks');
  const [a, b] = kick.patterns;
  const step = { ...a!.steps[3]!, on: true };
  const next = changedTracks(tracks, { ...NOTHING, patterns: [{ ...INSIDE, track: kick.id, pattern: a!.id, speed: '2', steps: [{ index: 3, step }] }] });
  expect(next[1]).toBe(snare);
  expect(next[0]?.patterns[1]).toBe(b);
  expect(next[0]?.patterns[0]?.speed).toBe('2');
  expect(next[0]?.patterns[0]?.steps[3]).toBe(step);
  expect(next[0]?.patterns[0]?.steps[4]).toBe(a!.steps[4]);
  expect(next[0]?.patterns[0]?.locks).toBe(a!.locks);
});

test('a pattern that is shortened loses its last steps, and a longer one gets them', () => {
  if (!kick) throw new Error('the demo has tracks');
  const { id, steps } = kick.patterns[0]!;
  const change = (length: number, more: { index: number; step: (typeof steps)[number] }[]) =>
    changedTracks(tracks, { ...NOTHING, patterns: [{ ...INSIDE, track: kick.id, pattern: id, length, steps: more }] })[0]?.patterns[0];
  expect(change(5, [])?.steps).toEqual(steps.slice(0, 5));
  expect(change(17, [{ index: 16, step: steps[0]! }])?.steps).toHaveLength(17);
});

test('free notes come, change and go, and stay in order', () => {
  if (!kick) throw new Error('the demo has tracks');
  const note = (id: string, startSteps: number) => ({ id, startSteps, lengthSteps: 1, pitch: 0, velocity: 90 });
  const inside = { ...INSIDE, track: kick.id, pattern: kick.patterns[0]!.id };
  const first = changedTracks(tracks, { ...NOTHING, patterns: [{ ...inside, notes: [note('b', 2), note('a', 1)] }] });
  const then = changedTracks(first, { ...NOTHING, patterns: [{ ...inside, notes: [note('a', 3)], goneNotes: ['x'] }] });
  expect(then[0]?.patterns[0]?.notes.map((one) => one.id)).toEqual(['b', 'a']);
});
