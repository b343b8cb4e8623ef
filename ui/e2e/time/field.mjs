// What one sets beside the tempo: the metronome for oneself, meter and grid for everybody.

const PANEL = 'Meter, count-in and grid';

export class TimePanel {
  constructor(one) {
    this.one = one;
    this.panel = one.page.getByRole('dialog', { name: PANEL });
  }

  /** Opens it, does something in it, and closes it again. */
  async with(act) {
    await this.one.page.getByRole('button', { name: /^Meter \d+\/\d+, count-in and grid$/ }).click();
    await this.panel.waitFor();
    const answer = await act(this.panel);
    await this.one.press('Escape');
    await this.panel.waitFor({ state: 'detached' });
    return answer;
  }

  choose(label, text) {
    return this.with((panel) => panel.getByLabel(label, { exact: true }).selectOption({ label: text }));
  }
}

export function setTempo(duo, bpm) {
  return Promise.all([duo.ada.peer.cli('tempo', String(bpm)), ...[duo.ada, duo.bo].map((one) => one.tempo(bpm))]);
}

/** Stops for both, at the start. */
export async function rest({ ada, bo }) {
  await ada.press('0');
  for (const one of [ada, bo]) await one.button('Play').waitFor();
}

/** Plays from the start, for both. */
export async function play({ ada, bo }) {
  await ada.press('Space');
  for (const one of [ada, bo]) await one.button('Pause').waitFor();
}
