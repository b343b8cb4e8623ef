// What the grid costs with 16 and with 64 tracks of 64 steps while it plays: time from a key to the next paint,
// and frames per second. Figures only; nothing is asserted, since they depend on the machine.
import { join } from 'node:path';
import { launch, openPage, serve, UI } from './lib.mjs';

const server = await serve(join(UI, 'dist-fake'));
const browser = await launch();

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

async function measure(tracks) {
  const { page, context } = await openPage(browser, server.url);
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.evaluate(async (count) => {
    const fake = window.antiphonFake;
    for (const track of fake.song.tracks) await fake.call('edit', { type: 'removeTrack', track: track.id });
    for (let i = 0; i < count; i++) {
      const { track } = await fake.call('edit', { type: 'addTrack', sound: 'drum:kick', name: `Track ${i + 1}`, index: null });
      await fake.call('edit', { type: 'setPatternLength', track, length: 64 });
      const steps = Array.from({ length: 64 }, (_, step) => ({ step, on: (step + i) % 3 === 0, velocity: null, pitch: null, length: null }));
      await fake.call('edit', { type: 'setSteps', track, steps });
    }
    await fake.call('play', null);
  }, tracks);
  await page.getByText(tracks === 1 ? '1 track' : `${tracks} tracks`).first().waitFor();
  const figures = await page.evaluate(async () => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
    const cell = document.querySelectorAll('[role="gridcell"]')[5];
    cell.focus();
    const script = [];
    const toPaint = [];
    for (let i = 0; i < 40; i++) {
      const start = performance.now();
      cell.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
      await Promise.resolve();
      script.push(performance.now() - start);
      toPaint.push((await painted()) - start);
    }
    const start = performance.now();
    let frames = 0;
    while (performance.now() - start < 2000) {
      await new Promise(requestAnimationFrame);
      frames += 1;
    }
    return { script, toPaint, fps: frames / 2 };
  });
  console.log(`${tracks} tracks x 64 steps: toggle ${median(figures.script).toFixed(1)} ms of script, ${median(figures.toPaint).toFixed(1)} ms to paint, ${figures.fps} frames/s while playing`);
  await context.close();
}

try {
  await measure(16);
  await measure(64);
} finally {
  await browser.close();
  await server.close();
}
