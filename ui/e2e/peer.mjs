// A real peer: the program itself, with a folder and ports of its own, silent and unseen on the network.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { UI } from './lib.mjs';

const run = promisify(execFile);

/** Where cargo put a debug program. */
export function program(name) {
  return join(process.env.CARGO_TARGET_DIR ?? resolve(UI, '..', 'target'), 'debug', name);
}

/** What is missing for tests with real peers, in words; nothing when all is there. */
export function missingProgram(name) {
  return existsSync(program(name)) ? null : `${program(name)} is not built`;
}

export async function dataFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-e2e-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) };
}

/** The command line on a data folder: attaches to whoever runs there. */
export async function antiphon(folder, ...args) {
  const { stdout } = await run(program('antiphon'), ['--data', folder, '--discovery', 'off', '--audio', 'off', ...args]);
  return stdout;
}

/** Serves until closed; `url` is the address it prints. `sound` is what the program needs to find an output; without it there is none. */
export async function startPeer(sound = null) {
  const data = await dataFolder();
  const serving = spawn(program('antiphon'), ['--data', data.folder, '--discovery', 'off', '--audio', sound ? 'on' : 'off', 'serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...sound },
  });
  const ended = new Promise((end) => serving.once('exit', (code) => end(code)));
  let complaint = '';
  serving.stderr.on('data', (text) => (complaint += text));
  const url = await new Promise((opened, failed) => {
    createInterface({ input: serving.stdout }).on('line', (line) => line.startsWith('open ') && opened(line.slice(5)));
    void ended.then((code) => failed(new Error(`antiphon serve ended with ${code}: ${complaint}`)));
  });
  return {
    url,
    folder: data.folder,
    cli: (...args) => antiphon(data.folder, ...args),
    async close() {
      serving.kill('SIGTERM');
      const code = await ended;
      await data.remove();
      if (code !== 0 || complaint.includes('panicked')) throw new Error(`antiphon serve ended with ${code}: ${complaint}`);
    },
  };
}
