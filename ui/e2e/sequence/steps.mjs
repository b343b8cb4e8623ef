// Everything that a single step, and a track as a whole, can be told beside on and off.
import assert from 'node:assert/strict';
import { literally } from '../jam-page.mjs';
import { content } from './duo.mjs';

const TRACK = 'Bass';
const of = (song) => song.tracks.find((track) => track.name === TRACK);
const plays = (song) => content(of(song).patterns[0]);

async function inspector(one, step) {
  await one.cell(TRACK, step).focus();
  await one.press('d');
  return one.page.getByRole('group', { name: `Step ${step} of ${TRACK}` });
}

async function type(panel, name, value) {
  const field = panel.getByRole('spinbutton', { name, exact: true });
  await field.fill(String(value));
  await field.press('Enter');
}

export async function steps(fact, duo) {
  const { ada, bo } = duo;
  await fact('velocity, pitch, length, micro-timing, ratchet, chance and condition of a step come over', async () => {
    const panel = await inspector(ada, 1);
    for (const [name, value] of [['Velocity', 77], ['Pitch in semitones', 7], ['Length in sixteenths of a step', 24], ['Micro-timing', -20], ['Ratchet', 3], ['Chance in percent', 80]]) {
      await duo.changes(name, ada, plays, () => type(panel, name, value));
    }
    await duo.changes('the condition', ada, plays, () => panel.getByLabel('Condition', { exact: true }).selectOption('1:4'));
    await duo.changes('its opposite', ada, plays, () => panel.getByRole('button', { name: 'Not' }).click());
    await bo.step(TRACK, 1, literally('on, velocity 77, pitch +7, 3 hits, early, chance 80 %, condition !1:4'));
    const step = of(await duo.song(bo)).patterns[0].steps[0];
    assert.deepEqual(step, { on: true, velocity: 77, pitch: 7, length: 24, tie: false, micro: -20, ratchet: 3, chance: 80, condition: '!1:4' });
  });
  await fact('a tie prolongs the step before', async () => {
    const panel = await inspector(bo, 2);
    await duo.changes('the tie', bo, plays, () => panel.getByRole('button', { name: 'Tie' }).click());
    await ada.page.getByRole('gridcell', { name: new RegExp(`^${TRACK}, step 2 of .*, tied`) }).waitFor();
  });
  await fact('notes of a chord are added, lengthened and taken away', async () => {
    const panel = await inspector(ada, 1);
    const chord = (song) => of(song).patterns[0].chords;
    await duo.changes('a note', ada, chord, () => panel.getByRole('button', { name: '+11 semitones, add' }).click());
    await duo.changes('its length', ada, chord, () => type(panel, 'Length of +11 semitones in sixteenths of a step', 40));
    await duo.changes('another note', ada, chord, () => panel.getByRole('button', { name: '-5 semitones, add' }).click());
    assert.deepEqual(chord(await duo.song(bo)), [{ step: 0, pitch: -5, length: 24 }, { step: 0, pitch: 11, length: 40 }]);
    await duo.changes('one less', ada, chord, () => panel.getByRole('button', { name: 'Take -5 semitones out of the chord' }).click());
    await bo.step(TRACK, 1, literally('on, velocity 77, pitch +7, chord of 2'));
  });
  await fact('a lock is drawn in its lane, shown as a knob at the other, and cleared', async () => {
    const locks = (song) => of(song).patterns[0].locks;
    await ada.cell(TRACK, 1).focus();
    await ada.press('v');
    await ada.page.getByLabel('Other lanes').selectOption('lock:cutoff');
    await duo.changes('the lock', ada, locks, () => ada.page.getByRole('slider', { name: `${TRACK}, step 1, lock: cutoff` }).press('ArrowUp'));
    const panel = await inspector(bo, 1);
    await panel.getByRole('slider', { name: 'Cutoff of the step' }).waitFor();
    await duo.changes('every parameter is locked', bo, (song) => locks(song).length, async () => {
      const choice = panel.getByLabel('Lock a parameter');
      for (let left = await choice.locator('option').count(); left > 1; left--) {
        await choice.selectOption({ index: 1 });
        await panel.getByRole('button', { name: /^Unlock / }).nth(10 - left + 1).waitFor();
      }
    });
    assert.equal(locks(await duo.song(ada)).length, 10);
    await panel.getByRole('button', { name: 'Clear' }).click();
    await duo.same('nothing is locked');
    assert.deepEqual(locks(await duo.song(ada)), []);
    await ada.press('v');
  });
  await fact('several steps are changed in one edit', async () => {
    await bo.cell(TRACK, 4).focus();
    await bo.press('Shift+ArrowRight', 'Shift+ArrowRight');
    const panel = bo.page.getByRole('group', { name: `Steps 4 to 6 of ${TRACK}` });
    const { before } = await duo.changes('the chances', bo, plays, () => type(panel, 'Chance in percent', 33));
    assert.deepEqual(of(await duo.song(ada)).patterns[0].steps.slice(2, 7).map((step) => step.chance), [100, 33, 33, 33, 100]);
    await duo.undo('the chances', bo, plays, before);
  });
  await fact('the sound of a track, its trigger, choke group, swing and groove come over', async () => {
    await ada.button(`More for ${TRACK}`).click();
    const menu = ada.page.getByRole('dialog', { name: `More for ${TRACK}` });
    for (const name of ['level', 'tune', 'cutoff', 'resonance', 'attack', 'decay', 'release', 'drive', 'start']) {
      await duo.changes(name, ada, (song) => of(song).params, () => menu.getByRole('slider', { name: `${TRACK} ${name}` }).press('ArrowUp'));
    }
    await duo.changes('gated', ada, (song) => of(song).trigger, () => menu.getByRole('button', { name: /^Gated/ }).click());
    await duo.changes('the choke group', ada, (song) => of(song).choke, () => menu.getByLabel('Choke group').selectOption('3'));
    await duo.changes('own swing', ada, (song) => of(song).swing, () => menu.getByLabel('Swing of its own').selectOption('own'));
    await duo.changes('how much', ada, (song) => of(song).swing, () => type(menu, 'Swing in percent', 41));
    await duo.changes('own groove', ada, (song) => of(song).groove, () => menu.getByLabel('Groove of its own').selectOption('samba'));
    await duo.changes('how much', ada, (song) => of(song).groove, () => type(menu, 'Groove amount in percent', 60));
    assert.deepEqual(await ada.violations(), []);
    await ada.press('Escape');
    const track = of(await duo.song(bo));
    assert.equal(track.params.length, 9);
    assert.deepEqual([track.trigger, track.choke, track.swing, track.groove], ['gated', 3, 41, { template: 'samba', amount: 60 }]);
  });
  await fact('the session’s groove and its dice are one for both', async () => {
    await duo.changes('the groove', bo, (song) => song.groove, () => bo.page.getByLabel('Groove', { exact: true }).selectOption('laid-back'));
    await ada.button('Dice of the session').click();
    const seed = ada.page.getByLabel('Seed');
    const old = await seed.innerText();
    await duo.changes('the dice', ada, (song) => song.seed, () => ada.button('Roll anew').click());
    await ada.press('Escape');
    await bo.button('Dice of the session').click();
    const rolled = await bo.page.getByLabel('Seed').innerText();
    await bo.press('Escape');
    assert.notEqual(rolled, old);
    assert.equal(rolled, (await duo.song(ada)).seed);
    return `${old} became ${rolled}`;
  });
}
