// Chapter two: a friend comes in by a link, and both edit and hear one thing.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';
import { POISON } from './solo.mjs';

const BO = 'Bo <b onclick=alert(2)>';

export async function together(fact, ada, bo) {
  await comingIn(fact, ada, bo);
  await seeingEachOther(fact, ada, bo);
  await editing(fact, ada, bo);
  await playing(fact, ada, bo);
}

async function comingIn(fact, ada, bo) {
  await fact('a name is chosen in Settings', async () => {
    await bo.go('Settings');
    await bo.page.getByRole('textbox', { name: 'Name that others see' }).fill(BO);
    await bo.button('Keep').click();
    await bo.button('Kept').waitFor();
  });
  await fact('an address that leads nowhere is said in words', async () => {
    await bo.go('Sessions');
    await bo.page.getByRole('textbox', { name: 'Invite link or address' }).fill('nobody at all');
    await bo.button('Join').click();
    const refusal = bo.page.locator('.notice.error');
    await refusal.waitFor();
    const text = (await refusal.innerText()).replaceAll('\n', ' ');
    await refusal.getByRole('button', { name: 'Dismiss' }).click();
    return `"${text}"`;
  });
  await fact('an invite link, pasted by a friend, knocks at the owner', async () => {
    await ada.press('i');
    const link = ada.page.getByRole('textbox', { name: 'Link' });
    const address = await until('there is a link', async () => {
      const text = await link.inputValue();
      return text.startsWith('antiphon://join/') && text;
    });
    await ada.page.getByRole('img', { name: /QR/ }).waitFor();
    await ada.press('Escape');
    await bo.page.getByRole('textbox', { name: 'Invite link or address' }).fill(address);
    await bo.button('Join').click();
    const request = ada.page.getByRole('group', { name: `${BO} asks to join` });
    await request.waitFor();
    await request.getByText('Came with an invite of yours.').waitFor();
    assert.deepEqual(await ada.violations(), []);
  });
  await fact('the owner taps Allow, and the session opens at the friend', async () => {
    const allowed = performance.now();
    await ada.button('Allow as editor').click();
    await bo.button(`Session name: ${POISON}`).waitFor();
    await bo.page.getByRole('grid', { name: 'Steps' }).waitFor();
    await until('both have the same tracks', async () => {
      const [mine, theirs] = await Promise.all([ada.tracks(), bo.tracks()]);
      return JSON.stringify(mine) === JSON.stringify(theirs);
    });
    return `the same tracks ${Math.round(performance.now() - allowed)} ms after Allow`;
  });
}

async function seeingEachOther(fact, ada, bo) {
  await fact('both see one another, with a measured error', async () => {
    const errors = [];
    for (const one of [ada, bo]) {
      const people = one.page.getByRole('complementary', { name: 'People' });
      await people.getByText(/^In phase, /).waitFor();
      errors.push(/[\d.]+ [mµ]s/.exec(await people.getByText(/^In phase, /).innerText())[0]);
    }
    await ada.page.getByRole('complementary', { name: 'People' }).getByText(BO, { exact: true }).first().waitFor();
    return errors.join(' and ');
  });
  await fact('axe finds nothing with two people', async () => assert.deepEqual(await ada.violations(), []));
}

/** When the step changes its name in a page, on the clock that all pages of this machine share. Runs in the page. */
const changes = (cell) =>
  new Promise((changed) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      changed(performance.timeOrigin + performance.now());
    });
    observer.observe(cell, { attributeFilter: ['aria-selected'] });
  });
const presses = (cell) =>
  new Promise((pressed) => cell.addEventListener('pointerup', () => pressed(performance.timeOrigin + performance.now()), { once: true }));

/** Presses one step and says how long the other page took to show it; it also flashes there. */
async function edit(from, to, track, step, state) {
  const flash = to.page.locator('.flash').first().waitFor({ state: 'attached' });
  const seen = to.cell(track, step).evaluate(changes);
  const pressed = from.cell(track, step).evaluate(presses);
  await from.cell(track, step).click();
  await to.step(track, step, state);
  await flash;
  await to.page.waitForFunction(() => document.querySelector('.flash') === null);
  return (await seen) - (await pressed);
}

async function editing(fact, ada, bo) {
  await fact('an edit of either shows at the other, with a flash', async () => {
    const took = [];
    for (const step of [2, 3]) {
      took.push(await edit(bo, ada, POISON, step, 'on'));
      took.push(await edit(ada, bo, POISON, step, 'off'));
    }
    return `from the press to the other page: ${took.map((ms) => ms.toFixed(1)).join(', ')} ms`;
  });
  await fact('undo takes back only what is mine', async () => {
    await bo.cell('bell', 3).click();
    await ada.step('bell', 3, 'on');
    await ada.cell('bell', 4).click();
    await bo.step('bell', 4, 'on');
    await bo.press('Control+z');
    await ada.step('bell', 3, 'off');
    await ada.step('bell', 4, 'on');
  });
  await fact('where the friend edits is marked', async () => {
    await bo.cell('bell', 5).focus();
    await ada.page.locator('.mark').getByText(BO).waitFor();
    await ada.page.getByText('At bell, step 5').waitFor();
  });
  await fact('the dropped sample came over and sounds at the friend', async () => {
    await bo.button('Sound: bell').first().waitFor();
    await bo.hear('bell volume');
  });
}

/** Steps by which the two hear apart, from what both sockets carry; the newest pair of messages, run on to now. */
function apart(ada, bo) {
  const now = performance.now();
  const at = ({ heard }) => heard.positionSteps + ((now - heard.at) / 1000) * heard.stepsPerSecond;
  return Math.abs(at(ada) - at(bo));
}

async function playing(fact, ada, bo) {
  await fact('both play on the same step', async () => {
    await bo.hear();
    const samples = [];
    await until('forty pairs of messages', () => {
      const fresh = [ada, bo].every(({ heard }) => heard.playing && performance.now() - heard.at < 250);
      if (fresh) samples.push(apart(ada, bo));
      return samples.length >= 40;
    });
    samples.sort((a, b) => a - b);
    const median = samples[samples.length >> 1];
    assert.ok(median < 0.25, `apart by ${median} steps`);
    const ms = (median / ada.heard.stepsPerSecond) * 1000;
    return `${ms.toFixed(1)} ms apart in the median, socket and page included`;
  });
  await fact('stop and play by either are stop and play for both', async () => {
    await bo.press('0');
    await ada.button('Play').waitFor();
    await ada.hearNothing();
    await ada.press('Space');
    await bo.button('Pause').waitFor();
    await bo.hear();
    await ada.hear();
  });
  await fact('a friend who reloads is back in the session', async () => {
    await bo.page.reload();
    await bo.button(`Session name: ${POISON}`).waitFor();
    await bo.page.getByText(/^In phase, /).waitFor();
    await bo.hear();
  });
}
