// One person's page: what they see, press and hear. Hearing is by meter: what the engine measured is what is drawn.
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { DEADLINE_MS, openPage } from './lib.mjs';

const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export function literally(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Frame by frame, until the meter drawn in the fader of that name is above 0.2, or at rest. Runs in the page. */
const listen = async ({ name, loud, deadlineMs }) => {
  const started = performance.now();
  for (;;) {
    const fader = [...document.querySelectorAll('[role="slider"]')].find((one) => one.getAttribute('aria-label') === name);
    const shares = [...(fader?.querySelectorAll('.level') ?? [])].map((bar) => new DOMMatrix(getComputedStyle(bar).transform).a);
    if (shares.length > 0 && (loud ? Math.max(...shares) > 0.2 : Math.max(...shares) === 0)) return;
    if (performance.now() - started > deadlineMs) throw new Error(`the meter of ${name} shows ${shares}, which is not ${loud ? 'sound' : 'silence'}`);
    await new Promise(requestAnimationFrame);
  }
};

export class JamPage {
  /** Opens the page of a peer. The last telemetry that crossed its socket is kept, with when it came. */
  static async open(browser, peer, who) {
    const self = new JamPage();
    self.who = who;
    self.peer = peer;
    self.heard = null;
    const watch = (page) =>
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          const at = performance.now();
          const { event } = JSON.parse(String(payload));
          if (event?.type === 'telemetry') self.heard = { at, ...event.telemetry };
        }),
      );
    Object.assign(self, await openPage(browser, peer.url, { locale: 'en-GB' }, watch));
    return self;
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** A step of a track, in the state that its name tells: `cell('Kick', 5, 'on, velocity 90')`. */
  cell(track, step, state = '') {
    return this.page.getByRole('gridcell', { name: new RegExp(`^${literally(track)}, step ${step} of \\d+, ${state}`) });
  }

  async step(track, step, state) {
    await this.cell(track, step, state).waitFor();
  }

  tracks() {
    return this.page.getByRole('rowheader').evaluateAll((headers) => headers.map((header) => header.getAttribute('aria-label')));
  }

  /** Waits until the meter in that fader moves. */
  hear(name = 'Master volume') {
    return this.page.evaluate(listen, { name, loud: true, deadlineMs: DEADLINE_MS });
  }

  hearNothing(name = 'Master volume') {
    return this.page.evaluate(listen, { name, loud: false, deadlineMs: DEADLINE_MS });
  }

  /** Waits until what is lit in the first track has been at `count` places. */
  playheadMoves(count = 4) {
    return this.page.evaluate(async (wanted) => {
      const head = document.querySelector('.head');
      const places = new Set();
      while (places.size < wanted) {
        await new Promise(requestAnimationFrame);
        places.add(head.style.transform);
      }
    }, count);
  }

  async saved() {
    await this.page.getByText('Saved', { exact: true }).waitFor();
  }

  async tempo(bpm) {
    await this.page.locator(`[role="spinbutton"][aria-valuenow="${bpm}"]`).waitFor();
  }

  /** Chooses a view; it has come when its heading has. */
  async go(view, heading = view) {
    await this.button(view).click();
    await this.page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor({ state: 'attached' });
  }

  /** What axe finds on the page as it is. */
  async violations() {
    const { violations } = await new AxeBuilder({ page: this.page }).withTags(AXE_TAGS).analyze();
    return violations.map(({ id, help, nodes }) => `${id} x${nodes.length}: ${help}: ${nodes[0]?.html.slice(0, 160)}`);
  }

  picture(folder) {
    return this.page.screenshot({ path: join(folder, `${this.who}.png`) });
  }

  async close() {
    await this.context.close();
  }
}
