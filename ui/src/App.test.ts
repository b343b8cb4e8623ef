import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test } from 'vitest';
import App from './App.svelte';
import { FakeBackend } from './backend/fake';
import { stepEdit } from './lib/steps';
import type { CommandName } from './backend/backend';

let backend: FakeBackend;
beforeEach(async () => {
  backend = new FakeBackend(false);
  // Two tracks say all there is to say, and roles are quick to find among them.
  backend.song = { ...backend.song, tracks: backend.song.tracks.slice(0, 2) };
  render(App, { backend });
  await screen.findByRole('grid');
});
afterEach(cleanup);

function sent(name: CommandName) {
  return backend.calls.filter((call) => call.name === name).map((call) => call.args);
}

const cell = (name: string) => screen.getByRole('gridcell', { name });

test('the first start greets with a Play that has the focus', () => {
  expect(screen.getByRole('button', { name: 'Play the demo' })).toHaveFocus();
});

test('Space plays and pauses, wherever the focus is, but not while typing', async () => {
  const user = userEvent.setup();
  await user.keyboard(' ');
  expect(sent('play')).toHaveLength(1);
  screen.getByRole('button', { name: 'Publish' }).focus();
  await user.keyboard(' ');
  expect(sent('pause')).toHaveLength(1);
  expect(screen.queryByRole('dialog')).toBeNull();
  screen.getByRole('spinbutton', { name: /Tempo/ }).focus();
  await user.keyboard(' ');
  expect([...sent('play'), ...sent('pause')]).toHaveLength(2);
});

test('Space coming up presses no focused button, as Firefox and WebKit would', () => {
  const up = new KeyboardEvent('keyup', { code: 'Space', key: ' ', bubbles: true, cancelable: true });
  screen.getByRole('button', { name: 'Publish' }).dispatchEvent(up);
  expect(up.defaultPrevented).toBe(true);
});

test('a step is toggled by key, in one edit, and named anew', async () => {
  const user = userEvent.setup();
  cell('Kick, step 2 of 16, off').focus();
  await user.keyboard('{Enter}');
  expect(sent('edit')).toEqual([{ type: 'setSteps', track: backend.song.tracks[0]?.id, pattern: backend.song.tracks[0]?.pattern, steps: [stepEdit(1, { on: true })] }]);
  expect(await screen.findByRole('gridcell', { name: 'Kick, step 2 of 16, on, velocity 100' })).toHaveAttribute('aria-selected', 'true');
});

test('keys in quick succession add up, and are one edit', async () => {
  const user = userEvent.setup();
  cell('Kick, step 1 of 16, on, velocity 127').focus();
  await user.keyboard('----');
  expect(await screen.findByRole('gridcell', { name: 'Kick, step 1 of 16, on, velocity 95' })).toBeInTheDocument();
  expect(sent('edit')).toHaveLength(1);
});

test('keys that have not settled are kept when another track is chosen', async () => {
  const user = userEvent.setup();
  cell('Kick, step 1 of 16, on, velocity 127').focus();
  await user.keyboard('-{ArrowDown}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}-');
  expect(await screen.findByRole('gridcell', { name: 'Kick, step 1 of 16, on, velocity 119' })).toBeInTheDocument();
  expect(await screen.findByRole('gridcell', { name: /^Snare, step 5 of 16, on, velocity 105/ })).toBeInTheDocument();
});

test('arrows move the one tab stop through steps and tracks', async () => {
  const user = userEvent.setup();
  cell('Kick, step 1 of 16, on, velocity 127').focus();
  await user.keyboard('{ArrowRight}{ArrowDown}');
  expect(cell('Snare, step 2 of 16, off')).toHaveFocus();
  expect(within(screen.getByRole('grid')).getAllByRole('gridcell').filter((one) => one.tabIndex === 0)).toHaveLength(1);
});

test('a press on a step is one edit', async () => {
  const user = userEvent.setup();
  await user.click(cell('Snare, step 1 of 16, off'));
  expect(sent('edit')).toHaveLength(1);
});

test('M mutes the track under the focus, and Ctrl Z takes it back', async () => {
  const user = userEvent.setup();
  cell('Snare, step 1 of 16, off').focus();
  await user.keyboard('m');
  await waitFor(() => expect(backend.song.tracks[1]?.mute).toBe(true));
  await user.keyboard('{Control>}z{/Control}');
  await waitFor(() => expect(backend.song.tracks[1]?.mute).toBe(false));
});

test('a tempo is typed', async () => {
  const user = userEvent.setup();
  const tempo = screen.getByRole('spinbutton', { name: /Tempo/ });
  await user.clear(tempo);
  await user.type(tempo, '93,5{Enter}');
  expect(sent('edit')).toEqual([{ type: 'setTempo', bpm: 93.5 }]);
});

test('the metronome is switched by key and is mine; meter and grid are edits', async () => {
  const user = userEvent.setup();
  await user.keyboard('{Shift>}M{/Shift}');
  expect(sent('metronome')).toContainEqual({ on: true });
  expect(sent('edit')).toHaveLength(0);
  await waitFor(() => expect(screen.getByRole('button', { name: 'Metronome' })).toHaveAttribute('aria-pressed', 'true'));
  await user.click(screen.getByRole('button', { name: /^Meter 4\/4/ }));
  await user.selectOptions(screen.getByRole('combobox', { name: 'Meter' }), '7/8');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Launches wait for' }), 'beat');
  await user.click(screen.getByRole('checkbox', { name: 'Edits are heard at the next bar' }));
  expect(sent('edit')).toEqual([
    { type: 'setMeter', beats: 7, unit: 8 },
    { type: 'setQuantum', quantum: 'beat' },
    { type: 'setEditsAtBar', on: true },
  ]);
  await user.selectOptions(screen.getByRole('combobox', { name: 'Count-in' }), '1 bar');
  expect(sent('metronome')).toContainEqual({ countInBars: 1 });
});

test('edits that wait for a bar are told until they are heard', async () => {
  backend.emit({ type: 'waiting', waiting: { edits: 2, bar: 8 } });
  expect(await screen.findByText('2 edits wait for bar 9')).toBeInTheDocument();
  backend.emit({ type: 'waiting', waiting: null });
  await waitFor(() => expect(screen.queryByText(/wait for bar/)).toBeNull());
});

test('a listener sees everything and can edit nothing', async () => {
  backend.emit({ type: 'session', session: { ...(await backend.call('session', null))!, role: 'listener' } });
  const user = userEvent.setup();
  await screen.findByText('Listening');
  cell('Kick, step 2 of 16, off').focus();
  await user.keyboard('{Enter}m');
  expect(sent('edit')).toHaveLength(0);
});

test('someone who asks to join is let in as an editor', async () => {
  const user = userEvent.setup();
  backend.someoneAsks();
  await user.click(await screen.findByRole('button', { name: 'Allow as editor' }));
  expect(sent('answer_join')).toEqual([{ peer: 'd'.repeat(64), role: 'editor' }]);
  await waitFor(() => expect(screen.queryByText('asks to join')).toBeNull());
});

test('names of other people are text, never markup', async () => {
  backend.emit({ type: 'joinRequests', requests: [{ person: { peer: 'e'.repeat(64), name: '<img src=x onerror=alert(1)>', colour: 0 }, invited: false }] });
  expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeInTheDocument();
  expect(document.querySelector('img')).toBeNull();
});

test('publishing asks for title and licence and shows the result', async () => {
  const user = userEvent.setup();
  await user.keyboard('{Control>}{Enter}{/Control}');
  const title = await screen.findByRole('textbox', { name: 'Title' });
  await user.clear(title);
  await user.type(title, 'Dawn');
  await user.click(screen.getAllByRole('button', { name: 'Publish' }).at(-1)!);
  expect(await screen.findByText('Dawn')).toBeInTheDocument();
  expect(sent('publish')).toEqual([{ title: 'Dawn', licence: 'CC-BY-4.0', path: null }]);
});

test('no audio output is said plainly', async () => {
  backend.emit({ type: 'audio', audio: { state: 'noOutput', reason: 'No card was found.' } });
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: /No sound output/ }));
  expect(await screen.findByText(/No card was found\. Time goes on in silence\./)).toBeInTheDocument();
});
