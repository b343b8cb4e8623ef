// Scenes and the chain: made by one, launched by the other, and one place in the chain for both.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';

const sceneButton = (one, name) => one.page.getByRole('group', { name: 'Launch a scene' }).getByRole('button', { name: new RegExp(`^Launch ${name}`) });
/** The lit link and its bar, as the strip shows them. */
const lit = () => {
  const link = document.querySelector('.chain li.lit');
  return link ? `${[...link.parentElement.children].indexOf(link)} ${link.querySelector('small').textContent}` : '';
};

async function makeScenes(duo) {
  const { ada } = duo;
  await duo.changes('a scene', ada, (song) => song.scenes.length, () => ada.button('Add a scene of what plays').click());
  await duo.changes('another scene', ada, (song) => song.scenes.length, () => ada.button('Add a scene of what plays').click());
  await ada.press('q');
  for (const [index, name] of [[0, 'Verse'], [1, 'Chorus']]) {
    await ada.page.getByRole('button', { name: /^Scene name: / }).nth(index).dblclick();
    await duo.changes('its name', ada, (song) => song.scenes.map((scene) => scene.name), async () => {
      await ada.page.getByRole('textbox', { name: 'Scene name' }).fill(name);
      await ada.press('Enter');
    });
  }
}

export async function scenes(fact, duo) {
  const { ada, bo } = duo;
  await fact('scenes are added from what plays, named, and their slots chosen', async () => {
    await makeScenes(duo);
    await duo.changes('a slot', ada, (song) => song.scenes[1].slots, () => ada.page.getByLabel('Kick in Chorus').selectOption({ label: 'B Break' }));
    await duo.changes('a track goes on with its own', ada, (song) => song.scenes[1].slots.length, () => ada.page.getByLabel('Lead in Chorus').selectOption({ label: 'goes on' }));
    assert.deepEqual(await ada.violations(), []);
  });
  await fact('scenes change places', async () => {
    const names = (song) => song.scenes.map((scene) => scene.name);
    await duo.changes('the order', ada, names, () => ada.button('Move Verse to the right').click());
    assert.deepEqual(names(await duo.song(bo)), ['Chorus', 'Verse']);
    await duo.changes('the order', ada, names, () => ada.button('Move Verse to the left').click());
  });
  await fact('a scene launched by one plays at both from the next bar on', async () => {
    await ada.press('Space');
    await bo.hear();
    await sceneButton(bo, 'Chorus').click();
    for (const one of [ada, bo]) await sceneButton(one, 'Chorus, plays').waitFor();
    const kick = (await duo.same('both have settled')).tracks.find((track) => track.name === 'Kick');
    assert.equal(kick.pattern, kick.patterns[1].id);
  });
  await fact('fill is one switch for both, and turns at a bar', async () => {
    await ada.cell('Kick', 1).focus();
    await ada.press('f');
    await bo.page.locator('button.fill[aria-pressed="true"]').waitFor();
    await bo.page.locator('button.fill.on:not(.pending)').waitFor();
    await ada.page.locator('button.fill.on:not(.pending)').waitFor();
    await bo.button('Fill').click();
    await ada.page.locator('button.fill:not(.on, .pending)').waitFor();
  });
  await fact('links of the chain are added, changed, moved and taken out', async () => {
    const chain = (song) => song.chain.map(({ scene, bars }) => `${song.scenes.find((one) => one.id === scene).name} ${bars}`);
    const editor = ada.page.getByRole('region', { name: 'Chain', exact: true });
    for (let i = 0; i < 3; i++) await duo.changes('a link', ada, chain, () => editor.getByRole('button', { name: 'Add' }).click());
    await duo.changes('its scene', ada, chain, () => editor.getByLabel('Scene at place 2').selectOption({ label: 'Chorus' }));
    for (const place of [1, 2]) {
      await duo.changes('its bars', ada, chain, async () => {
        const bars = editor.getByRole('spinbutton', { name: `Bars at place ${place}` });
        await bars.fill('1');
        await bars.press('Enter');
      });
    }
    await duo.changes('its place', ada, chain, () => editor.getByRole('button', { name: 'Move place 2 up' }).click());
    await duo.changes('one less', ada, chain, () => editor.getByRole('button', { name: 'Take place 3 out' }).click());
    assert.deepEqual(chain(await duo.song(bo)), ['Chorus 1', 'Verse 1']);
  });
  await fact('the chain plays: the same link is lit at both, bar after bar', async () => {
    await ada.press('q');
    await ada.cell('Kick', 1).focus();
    await ada.press('j');
    const seen = new Set();
    let apart = 0;
    let looks = 0;
    await until('every link was lit at both', async () => {
      const [adas, bos] = await Promise.all([ada.page.evaluate(lit), bo.page.evaluate(lit)]);
      looks += 1;
      if (adas === bos && adas !== '') seen.add(adas);
      else if (adas !== bos) apart += 1;
      return seen.size >= 2 && looks >= 60;
    });
    assert.ok(apart <= looks / 5, `the pages differed in ${apart} of ${looks} looks`);
    await bo.cell('Kick', 1).focus();
    await bo.press('j');
    await until('live again at both', async () => (await ada.page.evaluate(lit)) === '' && (await bo.page.evaluate(lit)) === '');
    await ada.press('0');
    await bo.button('Play').waitFor();
    return `links ${[...seen].join(', ')}; the pages differed in ${apart} of ${looks} looks`;
  });
  await fact('a removed scene leaves the chain without it', async () => {
    await ada.press('q');
    await duo.changes('the scene goes', ada, (song) => song.scenes.length, () => ada.button('Remove Chorus').click());
    await duo.same('both have the same chain');
    const { chain, scenes: left } = await duo.song(bo);
    assert.ok(chain.every((link) => left.some((scene) => scene.id === link.scene)), 'every link has its scene');
    await ada.press('q');
  });
}
