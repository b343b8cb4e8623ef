// The whole way without a mouse, on the in-memory peer: play, make a beat, play it live, invite, publish, verify.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { launch, openPage, serve, UI } from './lib.mjs';

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
  const tabTo = async (name, most = 60) => {
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
