import { expect, test, vi } from 'vitest';
import { FakeBackend } from '../backend/fake';
import { FOUR_FOUR } from '../lib/meter';
import { launch } from './pattern-edits';
import { launchScene } from './scene-edits';
import { Studio } from './studio.svelte';

async function started() {
  const backend = new FakeBackend(false);
  const studio = new Studio(backend);
  studio.start();
  await vi.waitFor(() => expect(studio.ready).toBe(true));
  const kick = () => studio.song.tracks[0]!;
  const [a, b] = kick().patterns;
  /** The music is at that bar. */
  const at = (bar: number, playing = true) =>
    studio.hear({ type: 'telemetry', telemetry: { playing, positionSteps: bar * 16 + 1, stepsPerSecond: 8, bar, barStartSteps: bar * 16, meter: FOUR_FOUR, countIn: 0, tracks: [], masterPeak: [0, 0], limiterDb: 0, xruns: 0, load: 0 } });
  const launched = (pattern: string, from: string, atSteps: number) =>
    studio.hear({ type: 'song', change: { ...NOTHING, tracks: [{ ...kick(), pattern, pending: { from, atSteps } }] } });
  return { backend, studio, arrangement: studio.arrangement, kick, a: a!.id, b: b!.id, at, launched };
}

const NOTHING = { name: null, bpm: null, meter: null, quantum: null, editsAtBar: null, swing: null, groove: null, masterDb: null, fill: null, mode: null, scenes: null, chain: null, seed: null, tracks: [], patterns: [], order: null };

test('what plays is shown, until another is picked, and picking tells the peer nothing', async () => {
  const { backend, arrangement, kick, a, b } = await started();
  expect(arrangement.shown(kick())?.id).toBe(a);
  const before = backend.calls.length;
  arrangement.pick(kick(), b);
  expect(arrangement.shown(kick())?.id).toBe(b);
  expect(arrangement.isShownPlaying(kick())).toBe(false);
  expect(backend.calls).toHaveLength(before);
});

test('a launch waits for its bar, then plays, and the grid follows', async () => {
  const { arrangement, kick, a, b, at, launched } = await started();
  at(1);
  launched(b, a, 32);
  expect(arrangement.pending(kick())).toBe(b);
  expect(arrangement.shown(kick())?.id).toBe(a);
  at(2);
  expect(arrangement.pending(kick())).toBeNull();
  expect(arrangement.shown(kick())?.id).toBe(b);
});

test('a picked pattern that plays by now is let go: the next launch is followed again', async () => {
  const { arrangement, kick, a, b, at, launched } = await started();
  at(1);
  arrangement.pick(kick(), b);
  launched(b, a, 32);
  at(2);
  launched(a, b, 48);
  at(3);
  expect(arrangement.shown(kick())?.id).toBe(a);
});

test('while nothing plays, nothing is pending', async () => {
  const { arrangement, kick, a, b, at, launched } = await started();
  at(0, false);
  launched(b, a, 32);
  expect(arrangement.pending(kick())).toBeNull();
  expect(arrangement.playing(kick())).toBe(b);
});

test('in the chain the scene of the link decides, and a choice stays', async () => {
  const { studio, arrangement, kick, a, b, at } = await started();
  studio.hear({ type: 'song', change: { ...NOTHING, mode: { to: 'chain', from: 'live', atSteps: null } } });
  at(0);
  expect(arrangement.playing(kick())).toBe(a);
  at(4);
  expect(arrangement.link?.index).toBe(1);
  expect(arrangement.playing(kick())).toBe(b);
  arrangement.pick(kick(), a);
  at(6);
  at(10);
  expect(arrangement.shown(kick())?.id, 'the chain came by, the choice stayed').toBe(a);
});

test('edits are for the shown pattern', async () => {
  const { backend, studio, arrangement, kick, b } = await started();
  studio.selection.select(kick().id, 0);
  arrangement.pick(kick(), b);
  launch(studio);
  await vi.waitFor(() => expect(backend.calls.at(-1)?.args).toEqual({ type: 'launch', slots: [{ track: kick().id, pattern: b }] }));
});

test('launching a scene shows what it plays, whatever was picked', async () => {
  const { studio, arrangement, kick, b } = await started();
  arrangement.pick(kick(), b);
  launchScene(studio, studio.song.scenes[0]!.id);
  expect(arrangement.isShownPlaying(kick())).toBe(true);
  expect(arrangement.standing(studio.song.scenes[0]!)).toBe('playing');
});

test('a pattern that somebody removes is no longer shown', async () => {
  const { studio, arrangement, kick, a, b } = await started();
  arrangement.pick(kick(), b);
  await studio.song.edit({ type: 'removePattern', track: kick().id, pattern: b });
  expect(arrangement.shown(kick())?.id).toBe(a);
});

test('a launch that waits for a beat has come with its beat, in the middle of a bar', async () => {
  const { arrangement, studio, kick, a, b, at, launched } = await started();
  at(0);
  launched(b, a, 4);
  expect(arrangement.pending(kick())).toBe(b);
  const step = (positionSteps: number) => studio.hear({ type: 'telemetry', telemetry: { playing: true, positionSteps, stepsPerSecond: 8, bar: 0, barStartSteps: 0, meter: FOUR_FOUR, countIn: 0, tracks: [], masterPeak: [0, 0], limiterDb: 0, xruns: 0, load: 0 } });
  step(3.9);
  expect(arrangement.pending(kick())).toBe(b);
  step(4.1);
  expect(arrangement.pending(kick())).toBeNull();
  expect(arrangement.playing(kick())).toBe(b);
});
