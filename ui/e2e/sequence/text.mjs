// The text of a pattern: read, written, refused with its place, and pasted as a track.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';
import { content } from './duo.mjs';

const TRACK = 'Open hat';
const of = (song) => song.tracks.find((track) => track.name === TRACK);
const plays = (song) => content(of(song).patterns[0]);

async function pane(one) {
  await one.cell(TRACK, 1).focus();
  await one.press('e');
  const area = one.page.getByRole('textbox', { name: new RegExp(`^Text of ${TRACK}`) });
  await until('there is text', async () => (await area.inputValue()) !== '');
  return area;
}

export async function text(fact, duo) {
  const { ada, bo } = duo;
  const adas = await pane(ada);
  const bos = await pane(bo);
  await fact('both read the same text', async () => {
    const read = await adas.inputValue();
    assert.equal(await bos.inputValue(), read);
    return JSON.stringify(read.split('\n').at(-1));
  });
  await fact('what one writes, the other reads, and it plays', async () => {
    await duo.changes('the text', ada, plays, async () => {
      await adas.fill('x---x---x*3-x?1:4-X%50--o');
      await adas.press('Control+Enter');
    });
    const steps = of(await duo.song(bo)).patterns[0].steps;
    assert.deepEqual([steps[8].ratchet, steps[10].condition, steps[12].chance], [3, '1:4', 50]);
    const written = await until('the text is as the peer writes it', async () => {
      const mine = await adas.inputValue();
      return mine === (await bos.inputValue()) && mine;
    });
    // What was read, written again, changes nothing.
    await adas.fill(`${written}\n`);
    await adas.press('Control+Enter');
    await ada.page.getByText('Applied.').waitFor();
    assert.deepEqual(of(await duo.song(ada)).patterns[0].steps, steps);
  });
  await fact('an error says its place, and the caret goes there', async () => {
    await adas.fill('x---x---x*9-x---');
    await adas.press('Control+Enter');
    const said = await ada.page.locator('p.bad').innerText();
    assert.match(said, /line 1, column 11/i);
    assert.equal(await adas.evaluate((area) => area.selectionStart), 10);
    assert.equal(await adas.evaluate((area) => document.activeElement === area), true);
    assert.deepEqual(await ada.violations(), []);
    return said;
  });
  await fact('while one types, the other’s change is announced and not lost', async () => {
    await bo.cell(TRACK, 2).click();
    await ada.page.getByText('The pattern was changed meanwhile.').waitFor();
    assert.equal((await adas.inputValue()).startsWith('x---x---x*9'), true);
    await ada.button('Give up').click();
    await until('the other’s text is there', async () => (await adas.inputValue()) === (await bos.inputValue()));
  });
  await fact('the text is copied, and pasted as a track that both have', async () => {
    await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const before = (await duo.song(ada)).tracks.length;
    await ada.button('Copy').click();
    await ada.button('Copied').waitFor();
    await duo.changes('the new track', ada, (song) => song.tracks.length, () => ada.button('Paste as new track').click());
    const song = await duo.song(bo);
    assert.equal(song.tracks.length, before + 1);
    const pasted = song.tracks.at(-1);
    assert.equal(pasted.sound, of(song).sound);
    assert.deepEqual(pasted.patterns[0].steps, of(song).patterns[0].steps);
  });
}
