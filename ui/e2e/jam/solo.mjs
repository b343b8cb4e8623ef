// Chapter one: a person alone. The first start plays within seconds, everything can be edited, everything is kept.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';
import { wav } from './wav.mjs';

/** What a careless program would run instead of show. */
export const POISON = '<img src=x onerror=alert(1)>';

export async function solo(fact, ada, started) {
  await firstStart(fact, ada, started);
  await steps(fact, ada);
  await tracks(fact, ada);
  await ownSound(fact, ada);
  await names(fact, ada);
  await keeping(fact, ada);
}

async function firstStart(fact, ada, started) {
  const { page } = ada;
  await fact('the first start shows the demo, with a large Play that has the focus', async () => {
    const play = ada.button('Play the demo');
    await play.waitFor();
    const ready = performance.now() - started;
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    assert.equal(focused, 'Play the demo');
    const { width, height } = await play.boundingBox();
    assert.ok(width >= 64 && height >= 64, `Play is only ${width} x ${height}`);
    assert.ok((await ada.tracks()).length >= 4, 'the demo has tracks');
    return `shown ${Math.round(ready)} ms after the page was asked for`;
  });
  await fact('axe finds nothing on the first start', async () => assert.deepEqual(await ada.violations(), []));
  await fact('Space plays it: the master meter and the playhead move', async () => {
    await ada.hearNothing();
    const pressed = performance.now();
    await ada.press('Space');
    const heard = await ada.hear().then(() => performance.now() - pressed);
    await ada.button('Pause').waitFor();
    await ada.playheadMoves();
    return `first sound on the meter ${Math.round(heard)} ms after Space`;
  });
}

async function steps(fact, ada) {
  const { page } = ada;
  await fact('a new track and its steps are made while it plays', async () => {
    await ada.press('n');
    await page.getByRole('dialog', { name: 'Sound of the new track' }).getByRole('button', { name: 'Cowbell', exact: true }).click();
    await ada.cell('Cowbell', 1, 'off').click();
    await ada.step('Cowbell', 1, 'on, velocity 100');
    await ada.saved();
    await ada.hear('Cowbell volume');
  });
  await fact('one drag over the grid draws several steps, and is one undo', async () => {
    const [from, to] = await Promise.all([ada.cell('Cowbell', 5).boundingBox(), ada.cell('Cowbell', 8).boundingBox()]);
    await page.mouse.move(from.x + 8, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(to.x + 8, to.y + 8, { steps: 6 });
    await page.mouse.up();
    for (const step of [5, 6, 7, 8]) await ada.step('Cowbell', step, 'on');
    await until('the edit can be undone', () => page.getByRole('button', { name: /^Undo: / }).isEnabled());
    await ada.press('Control+z');
    for (const step of [5, 6, 7, 8]) await ada.step('Cowbell', step, 'off');
    await ada.step('Cowbell', 1, 'on');
    await ada.press('Control+Shift+z');
    for (const step of [5, 6, 7, 8]) await ada.step('Cowbell', step, 'on');
  });
  await fact('the velocity lane draws how hard', async () => {
    const lane = page.getByRole('group', { name: 'Velocity of Cowbell' });
    const area = await lane.boundingBox();
    const column = await page.getByRole('slider', { name: 'Cowbell, step 1, velocity' }).boundingBox();
    await page.mouse.move(column.x + 8, area.y + 4);
    await page.mouse.down();
    await page.mouse.move(column.x + 8, area.y + area.height * 0.7, { steps: 5 });
    await page.mouse.up();
    const velocity = await until('the step is soft', async () => {
      const name = (await ada.cell('Cowbell', 1).getAttribute('aria-label')) ?? '';
      const value = Number(/velocity (\d+)/.exec(name)?.[1]);
      return value < 60 && value;
    });
    return `velocity ${velocity}`;
  });
}

async function tracks(fact, ada) {
  const { page } = ada;
  await fact('the tempo is typed and undone, and the music follows', async () => {
    const field = page.getByRole('spinbutton', { name: 'Tempo in beats per minute' });
    const before = Number(await field.getAttribute('aria-valuenow'));
    await field.click();
    await field.fill('140');
    await ada.press('Enter');
    await ada.tempo(140);
    await until('steps go by at 140 BPM', () => Math.abs(ada.heard.stepsPerSecond - 140 / 15) < 0.001);
    await field.blur();
    await ada.press('Control+z');
    await ada.tempo(before);
    await ada.press('Control+y');
    await ada.tempo(140);
  });
  await fact('a track is renamed, moved, removed, and brought back', async () => {
    await page.getByRole('rowheader', { name: 'Cowbell', exact: true }).getByRole('button', { name: 'Track name: Cowbell' }).dblclick();
    await page.getByRole('textbox', { name: 'Track name' }).fill('Hands');
    await ada.press('Enter');
    await page.getByRole('rowheader', { name: 'Hands', exact: true }).waitFor();
    const place = async () => (await ada.tracks()).indexOf('Hands');
    const before = await place();
    await ada.press('Alt+ArrowUp');
    await until('it is one place higher', async () => (await place()) === before - 1);
    await ada.button('More for Hands').click();
    await page.getByRole('dialog', { name: 'More for Hands' }).getByRole('button', { name: 'Remove track' }).click();
    await until('it is gone', async () => (await place()) === -1);
    await ada.press('Control+z');
    await until('it is back', async () => (await place()) === before - 1);
    await ada.step('Hands', 5, 'on');
  });
  await fact('mute silences a track for the meter, and only that', async () => {
    await ada.button('Mute Hands for everyone').click();
    await ada.hearNothing('Hands volume');
    await ada.hear();
    await ada.button('Mute Hands for everyone').click();
    await ada.hear('Hands volume');
  });
}

async function ownSound(fact, ada) {
  const { page } = ada;
  await fact('a dropped WAV file becomes a track and sounds', async () => {
    await page.evaluate((bytes) => {
      const files = new DataTransfer();
      files.items.add(new File([Uint8Array.from(bytes)], 'bell.wav', { type: 'audio/wav' }));
      for (const type of ['dragover', 'drop']) window.dispatchEvent(new DragEvent(type, { dataTransfer: files, cancelable: true, bubbles: true }));
    }, [...wav()]);
    await page.getByText('bell.wav plays on its own track now.').waitFor();
    await ada.cell('bell', 1).waitFor();
    for (const step of [1, 9]) {
      if (await ada.cell('bell', step, 'off').count()) await ada.cell('bell', step).click();
      await ada.step('bell', step, 'on');
    }
    await ada.hear('bell volume');
  });
  await fact('a file that is no sound is refused in words', async () => {
    await page.locator('body').evaluate(() => {
      const files = new DataTransfer();
      files.items.add(new File(['no sound at all'], 'letter.wav', { type: 'audio/wav' }));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: files, cancelable: true, bubbles: true }));
    });
    const refusal = page.locator('.notice.error');
    await refusal.waitFor();
    const text = (await refusal.innerText()).replaceAll('\n', ' ');
    await refusal.getByRole('button', { name: 'Dismiss' }).click();
    return `"${text}"`;
  });
}

async function names(fact, ada) {
  const { page } = ada;
  await fact('names that would be scripts are only names', async () => {
    await page.getByRole('button', { name: /^Session name: / }).dblclick();
    await page.getByRole('textbox', { name: 'Session name' }).fill(POISON);
    await ada.press('Enter');
    await ada.button(`Session name: ${POISON}`).waitFor();
    await page.getByRole('button', { name: 'Track name: Hands' }).dblclick();
    await page.getByRole('textbox', { name: 'Track name' }).fill(POISON);
    await ada.press('Enter');
    await page.getByRole('rowheader', { name: POISON, exact: true }).waitFor();
    await until('the page is named after the session', async () => (await page.title()).startsWith(POISON));
    assert.equal(await page.locator('img[src="x"]').count(), 0);
  });
}

async function keeping(fact, ada) {
  const { page } = ada;
  await fact('a reload comes back to the same session, saved', async () => {
    await ada.saved();
    const before = await ada.tracks();
    await page.reload();
    await ada.button(`Session name: ${POISON}`).waitFor();
    assert.deepEqual(await ada.tracks(), before);
    await ada.tempo(140);
    await ada.step(POISON, 5, 'on');
    await ada.saved();
    await ada.hear();
  });
  await fact('the command line, at the same time, shows what the page shows', async () => {
    const [entry] = JSON.parse(await ada.peer.cli('ls', '--json'));
    assert.equal(entry.name, POISON);
    assert.equal(entry.tracks, (await ada.tracks()).length);
    await ada.peer.cli('edit', 'step', POISON, '16');
    await ada.step(POISON, 16, 'on');
  });
  for (const [view, heading] of [['Jam', POISON], ['Sessions'], ['Beats'], ['Settings']]) {
    await fact(`axe finds nothing on ${view}`, async () => {
      await ada.go(view, heading);
      if (view === 'Settings') {
        await ada.button('Check everything').click();
        await ada.button('Look again').last().waitFor();
        await page.locator('li.good').first().waitFor();
      }
      assert.deepEqual(await ada.violations(), []);
    });
  }
  await ada.go('Jam', POISON);
}
