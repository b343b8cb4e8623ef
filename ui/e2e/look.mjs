// Screenshots of every view in several sizes, to look at: node e2e/look.mjs [folder]
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, openPage, serve, UI } from './lib.mjs';

const out = process.argv[2] ?? join(tmpdir(), 'antiphon-look');
await mkdir(out, { recursive: true });
const server = await serve(join(UI, 'dist-fake'));
const browser = await launch();
const SIZES = [
  [1440, 900],
  [1280, 800],
  [1024, 700],
  [640, 480],
  [375, 800],
];

async function shot(page, name) {
  await page.screenshot({ path: join(out, `${name}.png`) });
}

/** Everything of the sequencer that opens. */
async function sequencer(page, size) {
  await page.getByRole('gridcell', { name: /Bass line, step 7 / }).focus();
  await page.getByLabel('Other lanes').selectOption('lock:cutoff');
  await shot(page, `${size}-lock-lane`);
  await page.getByRole('gridcell', { name: /Hats, step 11 / }).focus();
  for (const [key, name] of [['u', 'micro'], ['c', 'chance'], ['r', 'ratchet']]) {
    await page.keyboard.press(key);
    await shot(page, `${size}-${name}`);
  }
  await page.getByRole('gridcell', { name: /Choir, step 1 / }).focus();
  await page.keyboard.press('d');
  await shot(page, `${size}-step`);
  await page.getByRole('gridcell', { name: /Bass line, step 7 / }).focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await shot(page, `${size}-steps`);
  await page.keyboard.press('e');
  await shot(page, `${size}-text`);
  await page.getByLabel('Text of Bass line').fill('x---x---x-?-');
  await page.keyboard.press('Control+Enter');
  await page.locator('.bad').first().waitFor();
  await shot(page, `${size}-text-error`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('gridcell', { name: /Bass line, step 7 / }).focus();
  await page.keyboard.press('v');
  await page.keyboard.press('2');
  await shot(page, `${size}-apart`);
  await page.keyboard.press('Shift+2');
  await shot(page, `${size}-launching`);
  await page.keyboard.press('g');
  await shot(page, `${size}-tools`);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'All patterns of Bass line' }).click({ force: true }).catch(() => {});
  await shot(page, `${size}-patterns`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('.');
  await page.keyboard.press('f');
  await page.keyboard.press('q');
  await shot(page, `${size}-scenes`);
  await page.keyboard.press('j');
  await shot(page, `${size}-chain`);
  await page.keyboard.press('j');
  await page.keyboard.press('q');
  await page.getByRole('button', { name: 'Dice of the session' }).click();
  await shot(page, `${size}-dice`);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Meter / }).click();
  await page.getByRole('checkbox', { name: 'Edits are heard at the next bar' }).check();
  await shot(page, `${size}-time`);
  await page.keyboard.press('Escape');
  await page.getByText(/waits? for bar/).waitFor();
  await shot(page, `${size}-waiting`);
  await page.getByRole('button', { name: /^Meter / }).click();
  await page.getByRole('checkbox', { name: 'Edits are heard at the next bar' }).uncheck();
  await page.keyboard.press('Escape');
}

try {
  for (const [width, height] of SIZES) {
    const size = `${width}x${height}`;
    const { page, context, faults } = await openPage(browser, server.url, { viewport: { width, height } });
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await shot(page, `${size}-first`);
    await page.keyboard.press('Space');
    await page.getByText('asks to join').waitFor();
    if (width > 600) {
      await page.getByRole('gridcell', { name: /Bass line, step 5 / }).click();
      await shot(page, `${size}-jam`);
      await page.getByRole('group', { name: /asks to join/ }).getByRole('button', { name: 'No' }).click();
      await page.getByRole('gridcell', { name: /Answer, step 4 / }).focus();
      await page.keyboard.press('p');
      await shot(page, `${size}-pitch`);
      await page.keyboard.press('k');
      await shot(page, `${size}-keys`);
      await page.keyboard.press('k');
      await sequencer(page, size);
      await page.getByRole('button', { name: /^Sound:/ }).nth(1).click();
      await shot(page, `${size}-sound`);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^My ears: Snare/ }).click();
      await page.getByRole('button', { name: 'Mute', exact: true }).click();
      await shot(page, `${size}-ears`);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^More for Kick/ }).click();
      await shot(page, `${size}-menu`);
      await page.keyboard.press('Escape');
    }
    if (width > 600) {
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await page.getByRole('img', { name: /QR/ }).waitFor();
      await shot(page, `${size}-invite`);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Enter');
      await shot(page, `${size}-publish`);
      await page.getByRole('button', { name: 'Publish', exact: true }).last().click();
      await page.getByText('Show my beats').waitFor();
      await shot(page, `${size}-published`);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await shot(page, `${size}-shortcuts`);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Beats', exact: true }).click();
    await page.getByRole('button', { name: 'Verify' }).first().click();
    await page.getByText('bit for bit').waitFor();
    await shot(page, `${size}-beats`);
    await page.getByRole('button', { name: 'Sessions', exact: true }).click();
    await shot(page, `${size}-home`);
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('button', { name: 'Check everything' }).click();
    await page.getByText('Join by address if').waitFor();
    await shot(page, `${size}-settings`);
    if (faults.length > 0) console.error(size, faults);
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
}
console.log(`Screenshots are in ${out}`);
