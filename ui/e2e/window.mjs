// The real window: shows the demo, plays, edits, shares its folder with the command line, and loses nothing when closed.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { antiphon, dataFolder, program } from './peer.mjs';
import { PICTURES, story, until } from './story.mjs';
import { openWindow } from './webdriver.mjs';

const BINARY = program('antiphon-desktop');
/** The demo's kick rests on its second step. */
const STEP = 1;

/** The processes that run the window on this data folder. */
async function windows(folder) {
  const running = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (name) => readFile(join('/proc', pid, name), 'utf8').catch(() => '');
    const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
    if (command.startsWith(BINARY) && environment.includes(`ANTIPHON_DATA=${folder}\0`)) running.push(pid);
  }
  return running;
}

async function open(scene, folder) {
  const window = await openWindow(BINARY, { ANTIPHON_DATA: folder, ANTIPHON_DISCOVERY: 'off', ANTIPHON_AUDIO: 'off' });
  scene.push(window);
  return window;
}

const kick = `[role="gridcell"][aria-label^="Kick, step ${STEP + 1} of"]`;
const stepIs = (window, on) => until(`the step is ${on ? 'on' : 'off'}`, () => window.js(`return document.querySelector(arguments[0])?.getAttribute('aria-selected') === arguments[1]`, kick, String(on)));
const says = (window, text) => until(`"${text}" is shown`, () => window.js(`return [...document.querySelectorAll('.saved')].some((one) => one.textContent.trim() === arguments[0])`, text));
const level = `return Math.max(0, ...[...document.querySelectorAll('[aria-label="Master volume"] .level')].map((bar) => new DOMMatrix(getComputedStyle(bar).transform).a))`;

await story('The real window', async ({ fact, scene }) => {
  const data = await dataFolder();
  scene.push({ close: data.remove });
  let window;
  await fact('the first start shows the demo, with the focus on a large Play', async () => {
    const started = performance.now();
    window = await open(scene, data.folder);
    await window.named('Play the demo');
    await until('Play has the focus', async () => (await window.js('return document.activeElement.getAttribute("aria-label")')) === 'Play the demo');
    return `shown ${Math.round(performance.now() - started)} ms after the program was started`;
  });
  await fact('axe finds nothing', async () => assert.deepEqual(await window.violations(), []));
  await fact('Space plays: the meter and the playhead move', async () => {
    await window.press(' ');
    await window.named('Pause');
    await until('the meter moves', async () => (await window.js(level)) > 0.2);
    const place = () => window.js(`return document.querySelector('.head').style.transform`);
    const first = await place();
    await until('the playhead moves', async () => (await place()) !== first);
  });
  await fact('a step is switched on, and saved', async () => {
    await stepIs(window, false);
    await window.click(await window.find(kick));
    await stepIs(window, true);
    await says(window, 'Saved');
  });
  await fact('the command line attaches to the same folder and sees it', async () => {
    const shown = JSON.parse(await antiphon(data.folder, 'show', '--json'));
    assert.equal(shown.song.tracks.find(({ name }) => name === 'Kick').patterns[0].steps[STEP].on, true);
    await antiphon(data.folder, 'edit', 'tempo', '99');
    await window.find('[role="spinbutton"][aria-valuenow="99"]');
  });
  await fact('axe finds nothing while it plays', async () => {
    await mkdir(PICTURES, { recursive: true });
    await window.picture(PICTURES);
    assert.deepEqual(await window.violations(), []);
  });
  await fact('closing the window ends the program', async () => {
    assert.equal((await windows(data.folder)).length, 1);
    await window.shut();
    await until('the program has ended', async () => (await windows(data.folder)).length === 0);
  });
  await fact('everything is there at the next start, stopped', async () => {
    window = await open(scene, data.folder);
    await window.find('[role="spinbutton"][aria-valuenow="99"]');
    await stepIs(window, true);
    await window.named('Play');
  });
});
