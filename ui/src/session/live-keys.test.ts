import { expect, test, vi } from 'vitest';
import { FakeBackend } from '../backend/fake';
import { Studio } from './studio.svelte';

async function piano() {
  const backend = new FakeBackend(false);
  const studio = new Studio(backend);
  studio.start();
  await vi.waitFor(() => expect(studio.ready).toBe(true));
  studio.keys.toggle();
  const notes = () => backend.calls.filter((call) => call.name === 'note').map((call) => call.args);
  return { studio, notes, track: studio.selection.track?.id };
}

test('a key sounds while it is held', async () => {
  const { studio, notes, track } = await piano();
  studio.keys.keyDown('KeyG', false);
  studio.keys.keyDown('KeyG', true);
  studio.keys.keyUp('KeyG');
  expect(notes()).toEqual([
    { track, note: 67, velocity: 100 },
    { track, note: 67, velocity: 0 },
  ]);
});

test('a note that began on one octave ends there', async () => {
  const { studio, notes } = await piano();
  studio.keys.keyDown('KeyA', false);
  studio.keys.keyDown('KeyX', false);
  studio.keys.keyUp('KeyA');
  expect(notes().at(-1)).toMatchObject({ note: 60, velocity: 0 });
});

test('switching the piano off releases everything', async () => {
  const { studio, notes } = await piano();
  studio.keys.keyDown('KeyA', false);
  studio.keys.keyDown('KeyD', false);
  studio.keys.toggle();
  expect(notes().filter((note) => (note as { velocity: number }).velocity === 0)).toHaveLength(2);
});
