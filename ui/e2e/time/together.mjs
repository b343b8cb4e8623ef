// What is the session's: tempo by tap and by ramp, meter, and the grid that launches and edits wait for.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';
import { play, rest, setTempo, TimePanel } from './field.mjs';
import { barOfSound, nextBar, placeOfSwitch, placesUntil, pressAtBar } from './place.mjs';

const TRACK = 'Kick';
const chip = (one, letter) => one.page.getByRole('group', { name: `Patterns of ${TRACK}` }).getByRole('button', { name: new RegExp(`^Pattern ${letter}\\b`) });

/** Four taps, exactly so far apart: each event carries the time at which a finger would have come down. */
const taps = (target, { type, apartMs, fromMs }) => {
  for (let i = 0; i < 4; i++) {
    const made = type === 'keydown' ? new KeyboardEvent(type, { key: 't', code: 'KeyT', bubbles: true, cancelable: true }) : new PointerEvent(type, { bubbles: true });
    Object.defineProperty(made, 'timeStamp', { value: fromMs + i * apartMs });
    target.dispatchEvent(made);
  }
};

export async function tempoAndMeter(fact, duo) {
  const { ada, bo } = duo;
  await fact('taps on T, and on the button, set the tempo of both', async () => {
    await ada.page.locator('body').evaluate(taps, { type: 'keydown', apartMs: 400, fromMs: 1_000_000 });
    for (const one of [ada, bo]) await one.tempo(150);
    await bo.button('Tap').evaluate(taps, { type: 'pointerdown', apartMs: 625, fromMs: 1_000_000 });
    for (const one of [ada, bo]) await one.tempo(96);
  });
  await fact('a meter of 3/4 is shown by both, and both count to three', async () => {
    await setTempo(duo, 150);
    await new TimePanel(bo).choose('Meter', '3/4');
    for (const one of [ada, bo]) await one.button('Meter 3/4, count-in and grid').waitFor();
    const shown = Promise.all([ada, bo].map((one) => one.page.evaluate(placesUntil, 4)));
    await play(duo);
    for (const places of await shown) {
      const beats = new Set(places.map((place) => place.split(':')[1]));
      assert.deepEqual([...beats].sort(), ['1', '2', '3']);
    }
    await rest(duo);
    await new TimePanel(ada).choose('Meter', '4/4');
    await bo.button('Meter 4/4, count-in and grid').waitFor();
  });
  await fact('a ramp of the tempo is followed by both, on the same step', async () => {
    await setTempo(duo, 90);
    await play(duo);
    const ramped = ada.peer.cli('tempo', '180', '--over', '3s');
    const speeds = new Map([ada, bo].map((one) => [one, new Set()]));
    const apart = [];
    await until('both play at 180', () => {
      const now = performance.now();
      const fresh = [ada, bo].every(({ heard }) => now - heard.at < 250);
      const at = ({ heard }) => heard.positionSteps + ((now - heard.at) / 1000) * heard.stepsPerSecond;
      const ramping = [ada, bo].every(({ heard }) => heard.stepsPerSecond > 6.01 && heard.stepsPerSecond < 11.99);
      if (fresh && ramping) apart.push(Math.abs(at(ada) - at(bo)));
      for (const one of [ada, bo]) speeds.get(one).add(one.heard.stepsPerSecond);
      return [ada, bo].every(({ heard }) => Math.abs(heard.stepsPerSecond - 12) < 1e-6);
    });
    await ramped;
    for (const one of [ada, bo]) {
      const seen = [...speeds.get(one)].filter((speed) => speed > 6.01 && speed < 11.99);
      assert.ok(seen.length >= 4, `${one.who} saw only ${[...speeds.get(one)].join(', ')} steps a second`);
      assert.deepEqual(seen, seen.toSorted((a, b) => a - b), `${one.who} saw the tempo rise steadily`);
      await one.tempo(180);
    }
    const median = apart.sort((a, b) => a - b)[apart.length >> 1];
    assert.ok(median < 0.25, `apart by ${median} steps`);
    await rest(duo);
    return `${apart.length} looks, ${median.toFixed(3)} steps apart in the median`;
  });
}

export async function launches(fact, duo) {
  const { ada, bo } = duo;
  await ada.cell(TRACK, 1).focus();
  await duo.changes('a second pattern', ada, (song) => song.tracks.find(({ name }) => name === TRACK).patterns.length, () => ada.press('b'));
  const launched = async (one, letter, bars) => {
    const places = Promise.all([ada, bo].map((page) => chip(page, letter).evaluate(placeOfSwitch)));
    const bar = await chip(one, letter).evaluate(pressAtBar, bars);
    const [adas, bos] = (await places).map((place) => place.split(':').slice(0, 2).join(':'));
    assert.equal(adas, bos, `${letter} plays from ${adas} at Ada and from ${bos} at Bo`);
    return { bar, place: adas };
  };
  await fact('with the grid of a beat, a launch comes at the next beat at both', async () => {
    await new TimePanel(ada).choose('Launches wait for', 'Next beat');
    await duo.same('both have the grid');
    await setTempo(duo, 40);
    await play(duo);
    const { bar, place } = await launched(bo, 'B', { every: 1, first: 0 });
    assert.equal(place, `${bar}:2`, `pressed at the beginning of bar ${bar}`);
    return place;
  });
  await fact('with the grid of four bars, it comes at the next four-bar line at both', async () => {
    await new TimePanel(bo).choose('Launches wait for', 'Next four bars');
    await duo.same('both have the grid');
    await setTempo(duo, 200);
    const { bar, place } = await launched(ada, 'A', { every: 4, first: 1 });
    assert.equal(place, `${bar + 3}:1`, `pressed at the beginning of bar ${bar}`);
    await rest(duo);
    await new TimePanel(bo).choose('Launches wait for', 'Next bar');
    await duo.same('both have the grid');
    return place;
  });
}

export async function editsAtBar(fact, duo) {
  const { ada, bo } = duo;
  const added = 'Cowbell';
  await fact('edits at the bar: both show at once what waits and until when, and hear it from that bar on', async () => {
    await duo.changes('an empty track', ada, (song) => song.tracks.length, () => ada.peer.cli('edit', 'add', 'drum:cowbell', '--name', added));
    await new TimePanel(bo).with((panel) => panel.getByRole('checkbox', { name: 'Edits are heard at the next bar' }).check());
    await until('both have it', async () => (await Promise.all([duo.song(ada), duo.song(bo)])).every((song) => song.editsAtBar));
    await setTempo(duo, 40);
    await ada.cell(added, 1).scrollIntoViewIfNeeded();
    await bo.cell(added, 2).scrollIntoViewIfNeeded();
    await play(duo);
    const sounds = Promise.all([ada, bo].map((one) => one.page.evaluate(barOfSound, `${added} volume`)));
    const bar = await ada.page.evaluate(nextBar);
    await ada.cell(added, 1).click();
    await bo.cell(added, 2).click();
    for (const one of [ada, bo]) {
      for (const step of [1, 2]) await one.step(added, step, 'on');
      await one.page.getByText(`2 edits wait for bar ${bar + 1}`, { exact: true }).waitFor();
    }
    assert.deepEqual(await ada.violations(), []);
    assert.deepEqual(await sounds, [bar + 1, bar + 1]);
    for (const one of [ada, bo]) await one.page.getByText(/waits? for bar/).waitFor({ state: 'detached' });
    await rest(duo);
    await new TimePanel(ada).with((panel) => panel.getByRole('checkbox', { name: 'Edits are heard at the next bar' }).uncheck());
    return `made in bar ${bar}, heard from bar ${bar + 1}`;
  });
}
