// What is for my ears alone, and the bars that I count in for everybody.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';
import { play, rest, setTempo, TimePanel } from './field.mjs';
import { placesUntil } from './place.mjs';

const pressed = (one, on) => one.page.locator(`button[aria-label="Metronome"][aria-pressed="${on}"]`).waitFor();
const kept = async (one) => JSON.parse(await one.peer.cli('metronome', '--json'));
const level = (panel) => panel.getByRole('slider', { name: 'Metronome level' });

export async function alone(fact, duo) {
  const { ada, bo } = duo;
  const panel = new TimePanel(ada);
  await fact('the metronome is switched by a key and by a press, for one alone', async () => {
    await ada.press('Shift+M');
    await pressed(ada, true);
    await ada.button('Metronome').click();
    await pressed(ada, false);
    await ada.button('Metronome').click();
    await pressed(ada, true);
    await pressed(bo, false);
  });
  await fact('its level is kept: after a reload it clicks as loud as before', async () => {
    const db = await panel.with(async (shown) => {
      const before = await level(shown).getAttribute('aria-valuenow');
      for (let i = 0; i < 5; i++) await level(shown).press('ArrowDown');
      const after = await level(shown).getAttribute('aria-valuenow');
      assert.ok(Number(after) < Number(before), `${before} dB became ${after} dB`);
      assert.deepEqual(await ada.violations(), []);
      return after;
    });
    await until('the peer has it', async () => Math.abs((await kept(ada)).volumeDb - Number(db)) < 0.05);
    await ada.page.reload();
    await pressed(ada, true);
    const reloaded = await panel.with((shown) => level(shown).getAttribute('aria-valuenow'));
    assert.ok(Math.abs(Number(reloaded) - Number(db)) < 0.05, `${db} dB became ${reloaded} dB`);
    return `${db} dB`;
  });
  await fact('a count-in is counted by both before the first bar', async () => {
    await setTempo(duo, 60);
    await panel.choose('Count-in', '1 bar');
    const counted = Promise.all([ada, bo].map((one) => one.page.evaluate(placesUntil, 2)));
    await play(duo);
    for (const places of await counted) {
      const from = places.findIndex((place) => place.startsWith('−'));
      const to = places.findLastIndex((place) => place.startsWith('−'));
      assert.equal(places.slice(from, to + 1).join(' '), '−4 −3 −2 −1');
      assert.match(places[to + 1], /^1:1:/);
    }
    await rest(duo);
    await panel.choose('Count-in', 'None');
    return (await counted)[1].slice(0, 6).join(' ');
  });
}
