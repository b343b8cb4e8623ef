// Several patterns of a track: added, named, shown by one alone, launched for all on the same bar.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';

const TRACK = 'Kick';
const of = (song) => song.tracks.find((track) => track.name === TRACK);
const chip = (one, letter) => one.page.getByRole('group', { name: `Patterns of ${TRACK}` }).getByRole('button', { name: new RegExp(`^Pattern ${letter}\\b`) });

/** The bar at which a chip says that it plays. Runs in the page, and answers when it has happened. */
const barOfSwitch = (button) =>
  new Promise((switched) => {
    const plays = () => /, plays/.test(button.getAttribute('aria-label'));
    if (plays()) return switched('it plays already');
    const observer = new MutationObserver(() => {
      if (!plays()) return;
      observer.disconnect();
      // The position is drawn with the next frame.
      requestAnimationFrame(() => requestAnimationFrame(() => switched(Number(document.querySelector('.position .bar').textContent))));
    });
    observer.observe(button, { attributeFilter: ['aria-label'] });
  });

export async function patterns(fact, duo) {
  const { ada, bo } = duo;
  await fact('a pattern is added as a copy, and edited without touching the one that plays', async () => {
    await ada.cell(TRACK, 1).focus();
    await duo.changes('the new pattern', ada, (song) => of(song).patterns.length, () => ada.press('b'));
    await ada.page.getByText('A plays').waitFor();
    const before = of(await duo.song(ada)).patterns[0].steps;
    await duo.changes('a step of B', ada, (song) => of(song).patterns[1].steps, () => ada.cell(TRACK, 2, 'off').click());
    assert.deepEqual(of(await duo.song(bo)).patterns[0].steps, before);
    await bo.step(TRACK, 2, 'off');
    await chip(bo, 'B').click();
    await bo.step(TRACK, 2, 'on');
    await bo.page.getByText('A plays').waitFor();
    await chip(bo, 'A').click();
    assert.deepEqual(await ada.violations(), []);
  });
  await fact('a pattern is renamed, duplicated and removed in its menu', async () => {
    await ada.button(`All patterns of ${TRACK}`).click();
    const menu = ada.page.getByRole('dialog', { name: `Patterns of ${TRACK}` });
    await menu.getByRole('button', { name: 'Pattern name: B', exact: true }).dblclick();
    await duo.changes('the name', ada, (song) => of(song).patterns[1].name, async () => {
      await menu.getByRole('textbox', { name: 'Pattern name' }).fill('Break');
      await ada.press('Enter');
    });
    await duo.changes('the duplicate', ada, (song) => of(song).patterns.length, () => menu.getByRole('button', { name: 'Duplicate B Break' }).click());
    await duo.changes('it is removed', ada, (song) => of(song).patterns.length, () => menu.getByRole('button', { name: /^Remove C/ }).click());
    await ada.press('Escape');
    await chip(bo, 'B').getAttribute('data-tip').then((tip) => assert.match(tip, /Break/));
  });
  await fact('a launch blinks at both until its bar, and switches both on the same bar', async () => {
    await ada.press('Space');
    await ada.hear();
    await bo.hear();
    const bars = [];
    for (const [one, letter] of [[ada, 'B'], [bo, 'A'], [ada, 'B'], [bo, 'A']]) {
      // Early in a bar, so that the launch has time to be seen waiting.
      await one.page.evaluate(async () => {
        while (document.querySelector('.position').textContent.split(':')[1] !== '1') await new Promise(requestAnimationFrame);
      });
      const switched = Promise.all([ada, bo].map((page) => chip(page, letter).evaluate(barOfSwitch)));
      await chip(one, letter).click({ modifiers: ['Shift'] });
      const other = one === ada ? bo : ada;
      await chip(other, letter).and(other.page.locator('.pending')).waitFor();
      const [adas, bos] = await switched;
      assert.equal(adas, bos, `${letter} plays from bar ${adas} at Ada and from bar ${bos} at Bo`);
      bars.push(adas);
    }
    await duo.same('both have settled');
    return `bars ${bars.join(', ')}`;
  });
  await fact('the grid follows what plays', async () => {
    for (const one of [ada, bo]) {
      await until(`${one.who} shows what plays`, async () => (await one.page.locator('.other').count()) === 0);
    }
    await ada.press('0');
    await bo.button('Play').waitFor();
  });
}
