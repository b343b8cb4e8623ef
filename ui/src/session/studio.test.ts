import { expect, test, vi } from 'vitest';
import { FakeBackend } from '../backend/fake';
import { Refused } from '../backend/backend';
import { Studio } from './studio.svelte';

async function started() {
  const backend = new FakeBackend(false);
  const studio = new Studio(backend);
  studio.start();
  await vi.waitFor(() => expect(studio.ready).toBe(true));
  return { backend, studio };
}

test('a connection fetches everything', async () => {
  const { backend, studio } = await started();
  expect(backend.calls.map((call) => call.name).sort()).toEqual(['audio', 'beats', 'hello', 'join_requests', 'metronome', 'nearby', 'session', 'sessions']);
  expect(studio.song.tracks).toHaveLength(8);
  expect(studio.view).toBe('session');
});

test('whoever leaves the session of the start needs no greeting any more', async () => {
  const { backend, studio } = await started();
  const demo = await backend.call('session', null);
  studio.loadSession(demo);
  expect(studio.welcomed).toBe(false);
  studio.loadSession(demo && { ...demo, id: 'another' });
  expect(studio.welcomed).toBe(true);
});

test('an edit comes back as an event and is in the history', async () => {
  const { studio } = await started();
  const kick = studio.song.tracks[0];
  await studio.song.edit({ type: 'renameTrack', track: kick?.id ?? '', name: 'Boom' });
  expect(studio.song.tracks[0]?.name).toBe('Boom');
  await studio.history.undo();
  expect(studio.song.tracks[0]?.name).toBe('Kick');
  expect(studio.history.spoken).toBe('Undone: Rename track');
});

test('a refusal becomes a notice with cause and next step', async () => {
  const { backend, studio } = await started();
  vi.spyOn(backend, 'call').mockRejectedValueOnce(new Refused({ code: 'storage', message: 'the disk is full', nextStep: null }));
  await studio.transport.toggle();
  expect(studio.notices.all.at(-1)).toMatchObject({ level: 'error', text: 'The disk is full.', nextStep: 'Make room on the disk; nothing is lost while Antiphon runs.' });
});

test('the selection falls back when its track is gone', async () => {
  const { studio } = await started();
  const last = studio.song.tracks.at(-1);
  studio.selection.select(last?.id ?? '', 3);
  expect(studio.selection.track).toBe(last);
  await studio.song.edit({ type: 'removeTrack', track: last?.id ?? '' });
  expect(studio.selection.track).toBe(studio.song.tracks[0]);
});

test('a tempo that is turned is shown at once and sent once', async () => {
  const { backend, studio } = await started();
  studio.transport.turnTempo(130);
  studio.transport.turnTempo(131.004);
  expect(studio.transport.bpm).toBe(131);
  studio.transport.commitTempo();
  await vi.waitFor(() => expect(studio.song.bpm).toBe(131));
  expect(backend.calls.filter((call) => call.name === 'edit')).toHaveLength(1);
});

test('a file that is too large is refused before it is read', async () => {
  const { backend, studio } = await started();
  const file = new File(['x'], 'long.wav');
  Object.defineProperty(file, 'size', { value: 65 * 1024 * 1024 });
  await studio.importer.take([file]);
  expect(backend.calls.some((call) => call.name === 'import_sample')).toBe(false);
  expect(studio.notices.all.at(-1)?.text).toContain('64 MiB');
});

test('an audio file gets its own track, a beat joins the beats', async () => {
  const { backend, studio } = await started();
  await studio.importer.take([new File(['RIFF'], 'clap.wav')]);
  expect(backend.calls.find((call) => call.name === 'import_sample')?.args).toEqual({ name: 'clap.wav', path: null, base64: btoa('RIFF'), track: null });
  expect(studio.song.tracks.at(-1)?.name).toBe('clap');
  await studio.importer.take([new File(['?'], 'mine.beat')]);
  expect(backend.calls.at(-1)?.name).toBe('add_beat');
});

test('whoever waits at the list goes to the session that opens', async () => {
  const { backend, studio } = await started();
  const view = await backend.call('session', null);
  if (!view) throw new Error('the fake has a session open');
  studio.view = 'home';
  studio.hear({ type: 'session', session: view });
  expect(studio.view, 'it was open before').toBe('home');
  studio.hear({ type: 'session', session: { ...view, id: 'another' } });
  expect(studio.view).toBe('session');
  studio.view = 'settings';
  studio.hear({ type: 'session', session: view });
  expect(studio.view, 'whoever does something else is left there').toBe('settings');
});

test('a beat that I listen to moves nothing of the session, and play takes over from it', async () => {
  const { studio } = await started();
  await studio.beats.toggle(studio.beats.all[0]?.id ?? '');
  expect(studio.beats.playing).not.toBeNull();
  const sounding = { playing: true, positionSteps: 40, stepsPerSecond: 8, bar: 2, barStartSteps: 32, meter: { beats: 4, unit: 4 }, countIn: 0, tracks: [{ peak: 1, rms: 1 }], masterPeak: [0.5, 0.5] as [number, number], limiterDb: 0, xruns: 0, load: 0 };
  studio.hear({ type: 'telemetry', telemetry: sounding });
  expect(studio.telemetry.playing).toBe(false);
  expect(studio.telemetry.trackLevel(0, performance.now())).toBe(0);
  expect(studio.telemetry.masterLevel(0, performance.now())).toBeGreaterThan(0.4);
  await studio.transport.toggle();
  expect(studio.beats.playing).toBeNull();
});
