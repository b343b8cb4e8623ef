// What the panel of people tells of their clocks.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';

/** How many points of the curve are drawn, and not only the line in its middle. Runs in the page. */
const painted = (canvas) => {
  const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const columns = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 128 && data[i + 1] > data[i] + 40) columns.add((i / 4) % width);
  }
  return columns.size;
};

export async function clocks(fact, { ada, bo }) {
  await fact('people shows error, bound, round trip, drift, loss and path of the other’s clock', async () => {
    const told = [];
    for (const one of [ada, bo]) {
      const sync = one.page.getByRole('complementary', { name: 'People' }).locator('.sync.locked');
      await sync.waitFor();
      const text = (await sync.innerText()).replace(/\s+/g, ' ');
      assert.match(text, /^In phase, [\d.]+ [mµ]s apart within [\d.]+ [mµ]s · RTT [\d.]+ [mµ]s drift -?[\d.]+ ppm · loss [\d.]+ % · (UDP|stream)$/);
      told.push(text);
    }
    return told.join(' | ');
  });
  await fact('and draws what was measured', async () => {
    for (const one of [ada, bo]) {
      const graph = one.page.getByRole('img', { name: /^Measured difference to .* over the last minute, at most [\d.]+ [mµ]s$/ });
      await until(`${one.who} draws a curve`, async () => (await graph.locator('canvas').evaluate(painted)) >= 5);
    }
  });
  await fact('axe finds nothing', async () => {
    for (const one of [ada, bo]) assert.deepEqual(await one.violations(), []);
  });
}
