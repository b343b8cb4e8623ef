// The whole way without a mouse, on the in-memory peer: play, make a beat, play it live, invite, publish, verify.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { launch, openPage, serve, UI } from './lib.mjs';
import { until } from './story.mjs';

/** Patterns, steps, tools, text, scenes and the chain: every act is an edit that the peer was told. */
async function sequencer(page, { press, tabTo, focused }) {
  const told = async (type, act) => {
    const count = () => page.evaluate((wanted) => window.antiphonFake.calls.filter((call) => call.name === 'edit' && call.args.type === wanted).length, type);
    const before = await count();
    await act();
    await page.waitForFunction(([wanted, least]) => window.antiphonFake.calls.filter((call) => call.name === 'edit' && call.args.type === wanted).length > least, [type, before]);
  };
  const step = (number) => page.getByRole('gridcell', { name: new RegExp(`^Clap, step ${number} of`) });
  const atGrid = async () => {
    await press('Escape');
    await tabTo(/^Clap, step/, 160);
  };

  await told('addPattern', () => press('b'));
  await page.getByText('A plays').waitFor();
  await told('launch', () => press('Shift+Enter'));
  await told('launch', () => press('Shift+1'));
  await press('[', ']');
  // As long as B plays, it is followed, to A at the bar. Once A plays, B stays in sight.
  await until('B is shown while A plays', async () => {
    await press('2');
    return page.getByText('A plays').isVisible();
  });
  await told('reshape', () => press('>'));
  await told('reshape', () => press('<'));
  await told('setSteps', () => press('u', '+'));
  await press('Shift+ArrowRight', 'd');
  await page.getByRole('group', { name: /^Steps \d+ to \d+ of Clap$/ }).waitFor();
  await tabTo(/^Tie$/);
  await told('setSteps', () => press('Enter'));
  await tabTo(/^Chance in percent$/);
  await page.keyboard.type('50');
  await told('setSteps', () => press('Enter'));
  await tabTo(/semitones?, the step’s own pitch/);
  await press('ArrowRight');
  await told('setChords', () => press('Enter'));
  await tabTo(/^Lock a parameter$/);
  await told('setLocks', () => press('ArrowDown'));
  // The peer was told; what it answers is shown a moment later, and tabbing does not wait for it.
  await page.getByRole('button', { name: 'Unlock Level' }).waitFor();
  await tabTo(/^Unlock Level$/);

  await press('g');
  await page.getByRole('dialog', { name: /^Tools of Clap/ }).waitFor();
  await tabTo(/^Reverse/);
  await told('reshape', () => press('Enter'));
  await tabTo(/^Hits$/);
  await page.keyboard.type('7');
  await press('Enter');
  await tabTo(/^Apply$/);
  await told('reshape', () => press('Enter'));
  await atGrid();

  await press('e');
  await tabTo(/^Text of Clap/);
  await press('Control+a');
  await page.keyboard.type('x---x---x---x-x-');
  await told('setPatternText', () => press('Control+Enter'));
  await step(15).and(page.getByRole('gridcell', { name: /, on/ })).waitFor();

  await press('Escape', 'v');
  await told('setFill', () => press('f'));
  await told('launchScene', () => press('.'));
  await press('q');
  await tabTo(/^Add a scene of what plays$/, 160);
  await told('addScene', () => press('Enter'));
  await tabTo(/^Kick in Chorus$/);
  await told('setSceneSlot', () => press('ArrowUp'));
  await tabTo(/^Bars at place 1$/, 160);
  await told('setLink', () => press('ArrowUp'));
  await tabTo(/^Move place 1 down$/);
  await told('moveLink', () => press('Enter'));
  await told('setPlayMode', () => press('j'));
  await told('setPlayMode', () => press('j'));
  await press('q');
  await tabTo(/^Dice of the session$/, 160);
  await press('Enter');
  assert.equal(await focused(), 'Roll anew');
  await told('reroll', () => press('Enter'));
  await press('Escape');
}

const server = await serve(join(UI, 'dist-fake'));
const browser = await launch();

try {
  const { page, faults } = await openPage(browser, server.url);
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const focused = () => page.evaluate(() => {
      const { activeElement: element, body } = document;
      return element && element !== body ? (element.getAttribute('aria-label') ?? element.textContent.trim()) : 'nothing';
    });
  /** Tabs until a control of that name has the focus; more than `most` stops would be no keyboard use. */
  const tabTo = async (name, most = 70) => {
    for (let i = 0; i < most; i++) {
      if (name.test((await focused()) ?? '')) return;
      await press('Tab');
    }
    assert.fail(`${name} is not reached by ${most} tabs; the focus is on ${await focused()}`);
  };
  const has = (text) => page.getByText(text).first().waitFor();

  await page.getByRole('button', { name: 'Play the demo' }).waitFor();
  assert.equal(await focused(), 'Play the demo');
  await press('Space');
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  assert.equal(await focused(), 'Pause', 'the focus goes on to the transport');

  await press('n');
  await page.getByRole('dialog', { name: 'Sound of the new track' }).waitFor();
  await press('ArrowDown', 'Enter');
  await page.getByRole('gridcell', { name: 'Clap, step 1 of 16, off' }).waitFor();
  await tabTo(/^Clap, step 1 of 16/);
  for (let beat = 0; beat < 4; beat++) await press('x', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  await page.getByRole('gridcell', { name: 'Clap, step 13 of 16, on, velocity 100' }).waitFor();
  await press('ArrowLeft', 'ArrowLeft', 'ArrowLeft', '-');
  await page.getByRole('gridcell', { name: 'Clap, step 13 of 16, on, velocity 92' }).waitFor();
  await press('Control+z');
  await page.getByRole('gridcell', { name: 'Clap, step 13 of 16, on, velocity 100' }).waitFor();
  await press('k', 'a');
  assert.deepEqual(await page.evaluate(() => window.antiphonFake.calls.filter((call) => call.name === 'note').map((call) => call.args.velocity)), [100, 0]);
  await press('k');

  await sequencer(page, { press, tabTo, focused });

  await press('i');
  await has(/Invite to/);
  assert.equal(await focused(), 'Copy');
  await press('Escape', 'Control+Enter');
  await page.getByRole('textbox', { name: 'Title' }).waitFor();
  await press('Control+a');
  await page.keyboard.type('By hand');
  await press('Enter');
  await has('Show my beats');
  assert.match(await focused(), /Show my beats/);
  await press('Enter');
  await page.getByRole('heading', { name: 'By hand' }).waitFor();
  await tabTo(/^Verify$/);
  await press('Enter');
  await has('bit for bit');
  assert.deepEqual(faults, []);
  console.log('The whole way works by keyboard.');
} finally {
  await browser.close();
  await server.close();
}
