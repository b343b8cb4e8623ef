// The picture in the README: two real peers play the demo together. `npm run screenshot` writes docs/images/session.png.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { launch, UI } from './lib.mjs';
import { JamPage } from './jam-page.mjs';
import { startPeer } from './peer.mjs';
import { startSoundServer } from './sound-server.mjs';
import { story, until } from './story.mjs';

const PATH = resolve(UI, '..', 'docs', 'images', 'session.png');
const BYTES_MAX = 300 * 1024;

/** Colours come from keys, and there are few: in a picture that explains, two people shall have two. */
async function person(scene, browser, environment, name, taken = null) {
  const peer = await startPeer(environment);
  const [me] = JSON.parse(await peer.cli('peers', '--json')).members;
  if (me.person.colour === taken) {
    await peer.close();
    return person(scene, browser, environment, name, taken);
  }
  scene.push(peer);
  await peer.cli('name', name);
  const page = await JamPage.open(browser, peer, name);
  scene.push(page);
  return Object.assign(page, { colour: me.person.colour });
}

async function join(ada, bo) {
  const { link } = JSON.parse(await ada.peer.cli('invite', '--json'));
  await bo.go('Sessions');
  await bo.page.getByRole('textbox', { name: 'Invite link or address' }).fill(link);
  await bo.button('Join').click();
  await ada.button('Allow as editor').click();
  await bo.page.getByRole('grid', { name: 'Steps' }).waitFor();
  await ada.page.getByText(/^In phase, /).waitFor();
}

/** More than one section, and steps with more to them than on and off. */
async function arrange({ page, press, cell, button }) {
  for (const track of ['Kick', 'Bass', 'Lead']) {
    await cell(track, 1).focus();
    await press('b');
    await page.getByRole('rowheader', { name: track, exact: true }).getByRole('button', { name: /^Pattern B, shown/ }).waitFor();
    await press('1');
  }
  await cell('Hat', 9).focus();
  await press('r', '+', '+');
  await cell('Hat', 13).focus();
  await press('c');
  for (let i = 0; i < 6; i++) await press('-');
  await cell('Clap', 13).focus();
  await press('d');
  await page.getByLabel('Condition', { exact: true }).selectOption('1:2');
  await cell('Clap', 13).focus();
  await press('v', 'q');
  for (const name of ['Verse', 'Chorus']) {
    await button('Add a scene of what plays').click();
    await page.getByRole('button', { name: /^Scene name: (?!Verse)/ }).first().dblclick();
    await page.getByRole('textbox', { name: 'Scene name' }).fill(name);
    await press('Enter');
    await page.getByRole('button', { name: `Scene name: ${name}` }).waitFor();
  }
  for (const track of ['Kick', 'Bass', 'Lead']) await page.getByLabel(`${track} in Chorus`).selectOption({ index: 2 });
  const chain = page.getByRole('region', { name: 'Chain', exact: true });
  for (const place of [1, 2]) {
    await chain.getByRole('button', { name: 'Add' }).click();
    await chain.getByLabel(`Scene at place ${place}`).waitFor();
  }
  await chain.getByLabel('Scene at place 2').selectOption({ label: 'Chorus' });
  await button('Launch Verse').first().click();
  await cell('Bass', 4).focus();
  await press('q');
  await page.getByRole('rowheader', { name: 'Kick', exact: true }).scrollIntoViewIfNeeded();
}

await story('The picture in the README', async ({ fact, scene }) => {
  const sound = await startSoundServer();
  scene.push(sound);
  const browser = await launch();
  scene.push(browser);
  const ada = await person(scene, browser, sound.environment, 'Ada');
  const bo = await person(scene, browser, sound.environment, 'Bo', ada.colour);
  await fact('a person arranges the demo', () => arrange({ page: ada.page, press: ada.press.bind(ada), cell: ada.cell.bind(ada), button: ada.button.bind(ada) }));
  await fact('two people play', async () => {
    await join(ada, bo);
    await ada.press('Space');
    await ada.hear();
    await bo.cell('Lead', 5).click();
    await ada.step('Lead', 5, 'on');
    await ada.page.locator('.mark').getByText('Bo').waitFor();
    await ada.cell('Bass', 4).focus();
    await ada.page.mouse.move(0, 0);
    await ada.page.locator('.scroller').first().evaluate(() => document.querySelectorAll('.scroller').forEach((one) => one.scrollTo(0, 0)));
    await until('what told and flashed is over', async () => (await ada.page.locator('.notice, .flash').count()) === 0);
  });
  await fact('the picture is taken while all loops are in their first bar', async () => {
    // The demo's loops are four bars at most: in the first of four, all playheads are on the first page.
    await ada.page.evaluate(async () => {
      const wanted = () => {
        const [bar, beat, sixteenth] = document.querySelector('.position').textContent.split(':').map(Number);
        return bar % 4 === 1 && beat === 2 && sixteenth === 3;
      };
      while (!wanted()) await new Promise(requestAnimationFrame);
    });
    await mkdir(dirname(PATH), { recursive: true });
    await ada.page.screenshot({ path: PATH });
    const { size } = await stat(PATH);
    if (size > BYTES_MAX) throw new Error(`the picture has ${size} bytes, more than ${BYTES_MAX}`);
    return `${Math.round(size / 1024)} KiB`;
  });
});
