// Chapter three: the session becomes a beat; the beat is verified, played and remixed.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../story.mjs';

const TITLE = 'Two of us';

export async function beat(fact, ada) {
  const { page } = ada;
  const card = page.getByRole('article').filter({ has: page.getByRole('heading', { name: TITLE, exact: true }) });
  await fact('the session is published', async () => {
    await ada.press('Control+Enter');
    await page.getByRole('textbox', { name: 'Title' }).fill(TITLE);
    await ada.press('Enter');
    await ada.button('Show my beats').click();
    await card.waitFor();
  });
  await fact('the beat verifies: intact, and the same sound bit for bit', async () => {
    await card.getByRole('button', { name: 'Verify' }).click();
    await card.getByText('Intact', { exact: true }).waitFor();
    await card.getByText('bit for bit').waitFor();
    assert.deepEqual(await ada.violations(), []);
  });
  await fact('the command line verifies the same file', async () => {
    const folder = join(ada.peer.folder, 'beats');
    const files = (await readdir(folder)).filter((name) => name.endsWith('.beat'));
    const said = await Promise.all(files.map((name) => ada.peer.cli('verify', join(folder, name), '--json')));
    assert.ok(said.some((text) => text.includes(TITLE)), 'one of the files is this beat');
  });
  await fact('the beat plays, and stops', async () => {
    await card.getByRole('button', { name: `Play ${TITLE}` }).click();
    await card.getByRole('button', { name: `Stop ${TITLE}` }).waitFor();
    await until('it is heard', () => Math.max(...ada.heard.masterPeak) > 0.05);
    await card.getByRole('button', { name: `Stop ${TITLE}` }).click();
    await card.getByRole('button', { name: `Play ${TITLE}` }).waitFor();
  });
  await fact('the session says that a beat is heard instead, and playing it ends that', async () => {
    await card.getByRole('button', { name: `Play ${TITLE}` }).click();
    await ada.button('Jam').click();
    await ada.button(`Hearing ${TITLE}`).waitFor();
    await ada.press('0');
    await ada.button(`Hearing ${TITLE}`).waitFor({ state: 'detached' });
    await ada.button('Beats').click();
  });
  await fact('a remix is a session of its own, and remembers', async () => {
    await card.getByRole('button', { name: 'Remix' }).click();
    await page.getByRole('grid', { name: 'Steps' }).waitFor();
    await page.getByRole('button', { name: new RegExp(`^Session name: .*${TITLE}`) }).waitFor();
    await ada.step('bell', 4, 'on');
    await ada.press('Control+Enter');
    await page.getByRole('textbox', { name: 'Title' }).fill('Again');
    await ada.press('Enter');
    await ada.button('Show my beats').click();
    await page.getByRole('article').filter({ hasText: 'Remix of' }).getByText(TITLE).waitFor();
  });
}
