// While it plays, nothing moves but what plays: no layout shift, and the lit step is the one that sounds.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { launch, openPage, serve, UI } from './lib.mjs';

const server = await serve(join(UI, 'dist-fake'));
const browser = await launch();

try {
  const { page, faults } = await openPage(browser, server.url);
  await page.getByRole('button', { name: 'Play the demo' }).waitFor();
  const seen = await page.evaluate(async () => {
    let shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (shift += entry.hadRecentInput ? 0 : entry.value))).observe({ type: 'layout-shift' });
    const fake = window.antiphonFake;
    await fake.call('edit', { type: 'setSwing', percent: 0 });
    let heard = null;
    let at = 0;
    fake.onEvent((event) => {
      if (event.type !== 'telemetry') return;
      heard = event.telemetry;
      at = performance.now();
    });
    await fake.call('play', null);
    const first = document.querySelector('[role="row"] .steps');
    const head = first.querySelector('.head');
    const lefts = [...first.querySelectorAll('[role="gridcell"]')].map((cell) => Math.round(cell.getBoundingClientRect().left - first.getBoundingClientRect().left));
    let frames = 0;
    let right = 0;
    // Two bars of the demo's first track.
    while (!heard?.playing || heard.positionSteps < 32) {
      const now = await new Promise(requestAnimationFrame);
      if (!heard?.playing) continue;
      const step = Math.floor(heard.positionSteps + (Math.max(0, now - at) / 1000) * heard.stepsPerSecond) % lefts.length;
      frames += 1;
      right += Number(Math.round(new DOMMatrix(getComputedStyle(head).transform).e) === lefts[step]);
    }
    return { shift, frames, right };
  });
  console.log(`layout shift ${seen.shift}; the lit step was the sounding one in ${seen.right} of ${seen.frames} frames`);
  assert.equal(seen.shift, 0);
  assert.equal(seen.right, seen.frames);
  assert.deepEqual(faults, []);
} finally {
  await browser.close();
  await server.close();
}
