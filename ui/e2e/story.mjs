// A story is a row of facts, checked in order; the first that fails ends it, with pictures of every page.
// Its lines (`ok   fact`, `FAIL fact`) are what the runner counts.
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEADLINE_MS } from './lib.mjs';

export const PICTURES = process.env.ANTIPHON_E2E_PICTURES ?? join(tmpdir(), 'antiphon-e2e');

/** Waits for a condition, never for time: asks until `probe` answers something true, or says what did not come. */
export async function until(what, probe, deadlineMs = DEADLINE_MS) {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}

/** Tells a story. `tell` gets `fact(name, check)`, and `scene` collects `{ picture(folder), close() }` to look at and to end. */
export async function story(title, tell) {
  const scene = [];
  const fact = async (name, check) => {
    const started = performance.now();
    try {
      const said = await check();
      const figures = typeof said === 'string' ? ` · ${said}` : '';
      console.log(`ok   ${name} (${Math.round(performance.now() - started)} ms)${figures}`);
    } catch (error) {
      console.log(`FAIL ${name}`);
      console.log(String(error.stack ?? error).replace(/^/gm, '     '));
      throw Object.assign(new Error(name), { told: true });
    }
  };
  console.log(title);
  try {
    await tell({ fact, scene });
  } catch (error) {
    process.exitCode = 1;
    if (!error.told) console.log(`FAIL ${title}\n${String(error.stack ?? error).replace(/^/gm, '     ')}`);
    for (const one of scene) if (one.faults?.length) console.log(`     ${one.who}: ${[...new Set(one.faults)].join("; ")}`);
    await mkdir(PICTURES, { recursive: true });
    for (const one of scene) await one.picture?.(PICTURES).catch(() => {});
    console.log(`     pictures: ${PICTURES}`);
  } finally {
    for (const one of scene.reverse()) await one.close().catch((error) => console.log(`     while closing: ${error.message}`));
  }
}
