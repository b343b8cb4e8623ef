// The real window, steered through WebKitWebDriver on a screen that nobody sees.
//
// A small W3C client of our own: the driver that Tauri offers only renames an option of this one.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './story.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const SCREEN = '1280x840x24';

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((end) => child.once('exit', end));
}

async function kill(child) {
  child.kill();
  await ended(child);
}

/** Sends one command; a refusal becomes an error with the driver's words. */
async function command(base, method, path, body) {
  const reply = await fetch(base + path, { method, body: body && JSON.stringify(body) });
  const { value } = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(`${value.error}: ${value.message}`), { code: value.error });
  return value;
}

/** Starts a program's window with folders of its own; `environment` is what the program gets besides. */
export async function openWindow(binary, environment) {
  const home = await mkdtemp(join(tmpdir(), 'antiphon-window-'));
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', SCREEN, '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const display = await new Promise((ready) => screen.stdout.once('data', (text) => ready(`:${String(text).trim()}`)));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      ...process.env,
      ...environment,
      DISPLAY: display,
      TAURI_WEBVIEW_AUTOMATION: 'true',
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_CACHE_HOME: join(home, 'cache'),
    },
  });
  const end = async () => {
    await Promise.all([kill(driver), kill(screen)]);
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    await until('the driver answers', () => command(base, 'GET', '/status').catch(() => null));
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: [] } } };
    const { sessionId } = await command(base, 'POST', '/session', { capabilities });
    return new Window((method, path, body) => command(base, method, `/session/${sessionId}${path}`, body), end);
  } catch (error) {
    await end();
    throw error;
  }
}

export class Window {
  who = 'window';
  #ask;
  #end;

  constructor(ask, end) {
    this.#ask = ask;
    this.#end = end;
  }

  /** Runs a script in the page; `return` gives its answer. */
  js(script, ...args) {
    return this.#ask('POST', '/execute/sync', { script, args });
  }

  /** Runs a script that calls its last argument when it is done. */
  jsLater(script, ...args) {
    return this.#ask('POST', '/execute/async', { script, args });
  }

  /** Waits for an element. */
  find(css) {
    return until(css, async () => {
      try {
        return (await this.#ask('POST', '/element', { using: 'css selector', value: css }))[ELEMENT];
      } catch (error) {
        if (error.code === 'no such element') return null;
        throw error;
      }
    });
  }

  /** Waits for the control of that exact name. */
  named(name) {
    return this.find(`[aria-label="${name}"]`);
  }

  async click(element) {
    await this.#ask('POST', `/element/${element}/click`, {});
  }

  /** Presses one key on whatever has the focus. */
  async press(key) {
    const actions = [{ type: 'keyDown', value: key }, { type: 'keyUp', value: key }];
    await this.#ask('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** What axe finds on the page as it is. */
  async violations() {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await this.js(axe);
    return this.jsLater(`
      const done = arguments[arguments.length - 1];
      const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      axe.run({ runOnly }).then(({ violations }) => done(violations.map(({ id, help, nodes }) =>
        id + ' x' + nodes.length + ': ' + help + ': ' + nodes[0].html.slice(0, 160))), (error) => done([String(error)]));
    `);
  }

  async picture(folder) {
    await writeFile(join(folder, 'window.png'), Buffer.from(await this.#ask('GET', '/screenshot'), 'base64'));
  }

  /** Closes the window as its button would: the program then ends by itself. */
  async shut() {
    await this.#ask('DELETE', '/window');
  }

  async close() {
    await this.#ask('DELETE', '').catch(() => {});
    await this.#end();
  }
}
