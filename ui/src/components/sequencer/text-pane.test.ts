import { expect, test, vi } from 'vitest';
import { FakeBackend } from '../../backend/fake';
import { stepEdit } from '../../lib/steps';
import { Studio } from '../../session/studio.svelte';
import { PatternTextPane } from './text-pane.svelte';

async function opened() {
  const backend = new FakeBackend(false);
  const studio = new Studio(backend);
  studio.start();
  await vi.waitFor(() => expect(studio.ready).toBe(true));
  const track = studio.song.tracks[0]!;
  const where = { track: track.id, pattern: track.pattern };
  const pane = new PatternTextPane(studio.door, studio.song, () => where);
  await pane.refresh();
  const change = (step: number) => studio.song.edit({ type: 'setSteps', ...where, steps: [stepEdit(step, { on: true })] });
  return { studio, pane, change, steps: () => studio.song.tracks[0]!.patterns[0]!.steps };
}

test('the text follows the pattern while nobody types', async () => {
  const { pane, change } = await opened();
  const before = pane.text;
  await change(1);
  await pane.refresh();
  expect(pane.text).not.toBe(before);
  expect(pane.stale).toBe(false);
});

test('what is typed stays when the pattern changes, and that is said', async () => {
  const { pane, change } = await opened();
  pane.type('x-x-');
  await change(1);
  await pane.refresh();
  expect(pane.text).toBe('x-x-');
  expect(pane.stale).toBe(true);
  await pane.revert();
  expect(pane.stale).toBe(false);
  expect(pane.dirty).toBe(false);
  expect(pane.text).toContain('length=16');
});

test('applying makes the pattern what the text says', async () => {
  const { pane, steps } = await opened();
  pane.type('x-x-');
  expect(await pane.apply()).toBeNull();
  expect(steps().map((step) => step.on)).toEqual([true, false, true, false]);
  expect(pane.dirty).toBe(false);
});

test('a refusal says where, and nothing typed is lost', async () => {
  const { pane, steps } = await opened();
  const before = steps();
  pane.type('x-x-\nx-?-');
  expect(await pane.apply()).toMatchObject({ index: 7 });
  expect(pane.text).toBe('x-x-\nx-?-');
  expect(steps()).toBe(before);
});

test('“Applied” is said once the shown text is the peer’s, not before', async () => {
  const { pane } = await opened();
  pane.type('x-x-\n\n');
  const applied = pane.apply();
  while (pane.dirty) await Promise.resolve();
  // Asked once more while the answer is under way, as the change of the pattern does.
  const again = pane.refresh();
  while (!pane.applied) await new Promise((turn) => setTimeout(turn));
  expect(pane.text).toContain('length=4');
  await Promise.all([applied, again]);
});
