// Musical time, with two real peers and two browsers: what one counts, sets and launches, the other sees on the same beat.
import { launch } from './lib.mjs';
import { JamPage } from './jam-page.mjs';
import { startPeer } from './peer.mjs';
import { story } from './story.mjs';
import { Duo } from './sequence/duo.mjs';
import { alone } from './time/alone.mjs';
import { clocks } from './time/clocks.mjs';
import { editsAtBar, launches, tempoAndMeter } from './time/together.mjs';

await story('The time of two real peers', async ({ fact, scene }) => {
  const [adasPeer, bosPeer] = await Promise.all([startPeer(), startPeer()]);
  scene.push(adasPeer, bosPeer);
  const browser = await launch();
  scene.push(browser);
  const ada = await JamPage.open(browser, adasPeer, 'ada');
  const bo = await JamPage.open(browser, bosPeer, 'bo');
  scene.push(ada, bo);
  const duo = new Duo(ada, bo);
  await fact('two people are in one session', () => duo.join());
  await clocks(fact, duo);
  await alone(fact, duo);
  await tempoAndMeter(fact, duo);
  await launches(fact, duo);
  await editsAtBar(fact, duo);
  for (const one of [ada, bo]) {
    await fact(`no script of ${one.who}'s page failed`, async () => {
      if (one.faults.length > 0) throw new Error(one.faults.join('\n'));
    });
  }
});
