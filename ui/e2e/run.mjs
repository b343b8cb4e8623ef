// Every end-to-end scenario, one after the other: `npm run e2e`, or `npm run e2e -- jam window` for some of them.
//
// A scenario is a script of its own. It prints a line per fact (`ok   …`, `FAIL …`); one without such lines is one
// fact. What a scenario needs and is not here is a failure where everything must run (CI, ANTIPHON_REQUIRE_ALL), and
// a notice elsewhere. The last line is for `cargo xtask test`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UI } from './lib.mjs';
import { missingProgram } from './peer.mjs';

const chromium = () => {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return existsSync(path) ? null : `${path} is not installed`;
};
const onPath = (name) => () => {
  const found = (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));
  return found ? null : `${name} is not installed`;
};
const built = (name) => () => missingProgram(name);

const SCENARIOS = [
  { name: 'play', needs: [chromium] },
  { name: 'keyboard', needs: [chromium] },
  { name: 'axe', needs: [chromium] },
  { name: 'jam', needs: [chromium, built('antiphon')] },
  { name: 'sequence', needs: [chromium, built('antiphon')] },
  { name: 'time', needs: [chromium, built('antiphon')] },
  { name: 'window', needs: [onPath('WebKitWebDriver'), onPath('Xvfb'), built('antiphon'), built('antiphon-desktop')] },
];

const requireAll = Boolean(process.env.CI || process.env.ANTIPHON_REQUIRE_ALL);

/** Runs a program, shows what it prints, and counts the facts. */
async function run(command, args) {
  const child = spawn(command, args, { cwd: UI, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((end) => {
    child.once('error', (error) => end(error.message));
    child.once('close', (code) => end(code));
  });
  const count = { passed: 0, failed: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(`  ${line}`);
    if (line.startsWith('ok ')) count.passed += 1;
    if (line.startsWith('FAIL ')) count.failed += 1;
  }
  const end = await ended;
  if (end !== 0 && count.failed === 0) count.failed = 1;
  if (end === 0 && count.passed === 0) count.passed = 1;
  return count;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`no scenario is called ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const total = { passed: 0, failed: 0 };

/** The interface with its in-memory peer, which the first three scenarios use. */
const building = await run('npm', ['run', 'build:fake', '--silent', '--', '--logLevel', 'warn']);
if (building.failed > 0) {
  console.log('FAIL the interface with its in-memory peer cannot be built');
  total.failed += 1;
}
for (const { name, needs } of SCENARIOS.filter((scenario) => wanted.length === 0 || wanted.includes(scenario.name))) {
  const missing = needs.map((need) => need()).filter(Boolean);
  if (missing.length > 0) {
    console.log(`${requireAll ? 'FAILED' : 'NOT RUN'} ${name}: ${missing.join('; ')}`);
    total.failed += requireAll ? 1 : 0;
    continue;
  }
  const started = performance.now();
  console.log(name);
  const count = await run(process.execPath, [join('e2e', `${name}.mjs`)]);
  total.passed += count.passed;
  total.failed += count.failed;
  console.log(`${count.failed === 0 ? 'passed' : 'FAILED'} ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
console.log(`e2e: ${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
