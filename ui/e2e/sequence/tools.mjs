// Every tool that changes a whole pattern: one presses, both have it, one undo takes it back.
import assert from 'node:assert/strict';
import { content } from './duo.mjs';

const TRACK = 'Clap';
const plays = (song) => content(song.tracks.find((track) => track.name === TRACK).patterns[0]);

/** How each tool is used in its panel. */
const press = (name) => (panel) => panel.getByRole('button', { name, exact: true }).click();
async function type(panel, name, value) {
  const field = panel.getByRole('spinbutton', { name, exact: true });
  await field.fill(String(value));
  await field.press('Enter');
}

const TOOLS = [
  ['rotate to the right', press('Rotate a step to the right')],
  ['rotate to the left', press('Rotate a step to the left')],
  ['invert', press('Invert: what sounds falls silent, what is silent sounds')],
  ['reverse', press('Reverse: plays it backwards')],
  ['mirror', press('Mirror: the first half, then the same backwards')],
  ['a semitone up', press('Transpose a semitone up')],
  ['a semitone down', press('Transpose a semitone down')],
  ['an octave up', press('Transpose an octave up')],
  ['an octave down', press('Transpose an octave down')],
  ['a length of 13', (panel) => type(panel, 'Number of steps', 13)],
  ['a length of 256', (panel) => type(panel, 'Number of steps', 256)],
  ['32 steps', press('32 steps')],
  ...['1/8', '1/4', '1/2', '3/4', '3/2', '2'].map((speed) => [`speed ${speed}`, press(`Speed ${speed}`)]),
  ['humanise', async (panel) => panel.getByRole('slider', { name: 'Humanise' }).press('End')],
  ['a block', press('Rhythm 3')],
];

async function open(one) {
  await one.cell(TRACK, 2).focus();
  await one.press('g');
  const panel = one.page.getByRole('dialog', { name: new RegExp(`^Tools of ${TRACK}`) });
  await panel.waitFor();
  return panel;
}

async function roundTrip(duo, one, name, act) {
  const { before } = await duo.changes(name, one, plays, async () => act(await open(one)));
  await duo.shownAlike(TRACK);
  await duo.undo(name, one, plays, before);
}

export async function tools(fact, duo) {
  let turn = 0;
  for (const [name, act] of TOOLS.filter(([name]) => name !== 'a block')) {
    const one = turn++ % 2 === 0 ? duo.ada : duo.bo;
    await fact(`${name} comes over from ${one.who}, and one undo takes it back`, () => roundTrip(duo, one, name, act));
  }
  await fact('Euclid makes what its preview shows', async () => {
    const panel = await open(duo.ada);
    await type(panel, 'Hits', 5);
    await type(panel, 'Rotation', 2);
    const preview = await panel.getByRole('img', { name: /^5 hits in 16 steps/ }).getAttribute('aria-label');
    const { before } = await duo.changes('Euclid', duo.ada, plays, () => panel.getByRole('region', { name: 'Euclid' }).getByRole('button', { name: 'Apply' }).click());
    const shown = (await duo.shownAlike(TRACK)).map((name) => (/, on/.test(name) ? 'x' : '-')).join('');
    assert.equal(shown, preview.split(': ')[1]);
    await duo.undo('Euclid', duo.ada, plays, before);
    return shown;
  });
  await fact('a colour and a rhythm make a block of chords', async () => {
    const panel = await open(duo.bo);
    const { before } = await duo.changes('the block', duo.bo, plays, () => panel.getByRole('group', { name: 'Rhythm' }).getByRole('button').nth(2).click());
    const { chords } = (await duo.track(duo.ada, TRACK)).patterns[0];
    assert.ok(chords.length > 0, 'a block has chords');
    await duo.undo('the block', duo.bo, plays, before);
  });
  await fact('quantise draws a late step halfway to the grid', async () => {
    await duo.ada.cell(TRACK, 5).focus();
    await duo.ada.press('u');
    const { before } = await duo.changes('the step is late', duo.ada, plays, async () => {
      const slider = duo.ada.page.getByRole('slider', { name: `${TRACK}, step 5, micro-timing` });
      for (let i = 0; i < 5; i++) await slider.press('ArrowUp');
    });
    assert.equal((await duo.track(duo.bo, TRACK)).patterns[0].steps[4].micro, 40);
    const panel = await open(duo.ada);
    await type(panel, 'Strength in percent', 50);
    const late = await duo.changes('quantise', duo.ada, plays, () => panel.getByRole('region', { name: 'Quantise' }).getByRole('button', { name: 'Apply' }).click());
    const { micro } = (await duo.track(duo.bo, TRACK)).patterns[0].steps[4];
    assert.equal(micro, 20);
    await duo.ada.press('Escape');
    await duo.undo('quantise', duo.ada, plays, late.before);
    await duo.undo('the late step', duo.ada, plays, before);
  });
  await fact('a pattern is copied to another track', async () => {
    const panel = await open(duo.ada);
    await panel.getByLabel('Track to copy to').selectOption({ label: 'Hat' });
    const hat = (song) => content(song.tracks.find((track) => track.name === 'Hat').patterns[0]);
    const { before, after } = await duo.changes('the copy', duo.ada, hat, () => panel.getByRole('button', { name: 'Copy', exact: true }).click());
    const source = JSON.parse(plays(await duo.song(duo.bo)));
    assert.deepEqual(JSON.parse(after).steps, source.steps);
    await duo.undo('the copy', duo.ada, hat, before);
  });
}
