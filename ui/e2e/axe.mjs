// Accessibility of every view and dialog, on the interface with its in-memory peer (`npm run e2e`):
// axe finds nothing, every control has a name and a tooltip, nothing breaks the content policy.
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { launch, openPage, serve, UI } from './lib.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const server = await serve(join(UI, 'dist-fake'));
const browser = await launch();
let failed = 0;

function report(where, problems) {
  if (problems.length === 0) return console.log(`ok   ${where}`);
  failed += problems.length;
  console.log(`FAIL ${where}`);
  for (const problem of problems) console.log(`     ${problem}`);
}

/** Controls without a tooltip: what a mouse hovers should explain itself as well as a screen reader is told. */
function untold(page) {
  return page.$$eval('button, [role="slider"], [role="spinbutton"], select', (controls) =>
    controls
      .filter((control) => control.checkVisibility() && !control.closest('[data-tip]'))
      .filter((control) => !(control.id && document.querySelector(`label[for="${control.id}"]`)))
      .map((control) => `no tooltip: ${control.outerHTML.slice(0, 160)}`),
  );
}

async function check(page, where) {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const found = violations.map((violation) => `${violation.id} x${violation.nodes.length}: ${violation.help}\n       ${violation.nodes[0]?.html.slice(0, 200)}\n       ${violation.nodes[0]?.failureSummary?.replaceAll('\n', ' ')}`);
  report(where, [...found, ...(await untold(page))]);
}

const button = (page, name) => page.getByRole('button', { name, exact: true });

async function everyView(width, height) {
  const size = `${width}x${height}`;
  const { page, context, faults } = await openPage(browser, server.url, { viewport: { width, height }, reducedMotion: 'reduce' });
  await button(page, 'Play').waitFor();
  await page.getByText('asks to join').waitFor();
  await check(page, `${size} welcome and a join request`);
  await page.keyboard.press('Space');
  await button(page, 'Pause').waitFor();
  await page.getByRole('group', { name: /asks to join/ }).getByRole('button', { name: 'No' }).click();
  await check(page, `${size} session`);
  await page.keyboard.press('Control+Enter');
  await check(page, `${size} publish`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('i');
  await page.getByRole('img', { name: /QR/ }).waitFor();
  await check(page, `${size} invite`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await check(page, `${size} shortcuts`);
  await page.keyboard.press('Escape');
  if (width >= 560) await inSession(page, size);
  await button(page, 'Beats').click();
  await page.getByRole('button', { name: 'Verify' }).first().click();
  await page.getByText('bit for bit').waitFor();
  await check(page, `${size} beats`);
  await button(page, 'Sessions').click();
  await check(page, `${size} sessions`);
  await button(page, 'Settings').click();
  await button(page, 'Check everything').click();
  await page.getByText('Join by address if').waitFor();
  await check(page, `${size} settings`);
  report(`${size} policy and scripts`, faults);
  await context.close();
}

async function inSession(page, size) {
  for (const [name, where] of [
    [/^Sound:/, 'sound chooser'],
    [/^My ears: /, 'my ears'],
    [/^More for/, 'track menu'],
  ]) {
    await page.getByRole('button', { name }).first().click();
    await check(page, `${size} ${where}`);
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('k');
  await check(page, `${size} piano`);
  await page.keyboard.press('k');
  await ofSequencer(page, size);
}

/** Every panel of the sequencer, reached by its key. */
async function ofSequencer(page, size) {
  await page.getByRole('gridcell', { name: /^Bass line, step 7 / }).focus();
  for (const [key, where] of [['d', 'step'], ['e', 'text'], ['u', 'micro-timing'], ['c', 'chance'], ['r', 'ratchet'], ['2', 'another pattern than plays']]) {
    await page.keyboard.press(key);
    await check(page, `${size} ${where}`);
  }
  await page.getByLabel('Other lanes').selectOption('lock:cutoff');
  await check(page, `${size} lock lane`);
  await page.getByRole('gridcell', { name: /^Bass line, step 1 / }).focus();
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('f');
  await check(page, `${size} launch and fill`);
  await page.keyboard.press('g');
  await page.getByRole('dialog', { name: /^Tools of Bass line/ }).waitFor();
  await check(page, `${size} tools`);
  await page.keyboard.press('Escape');
  for (const [name, where] of [['All patterns of Bass line', 'patterns'], ['Dice of the session', 'dice'], ['Meter 4/4, count-in and grid', 'meter and grid']]) {
    await page.getByRole('button', { name }).click();
    await check(page, `${size} ${where}`);
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('q');
  await page.keyboard.press('j');
  await check(page, `${size} scenes and chain`);
  await page.keyboard.press('j');
  await page.keyboard.press('q');
}

try {
  await everyView(1280, 800);
  await everyView(1024, 700);
  await everyView(640, 480);
  await everyView(375, 800);
} finally {
  await browser.close();
  await server.close();
}
console.log(failed === 0 ? 'Everything is accessible as far as axe can tell.' : `${failed} problems`);
process.exitCode = failed === 0 ? 0 : 1;
