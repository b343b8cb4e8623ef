// The sequencer, with two real peers and two browsers: whatever one does, the other has, shows, and plays on the same bar.
import { launch } from './lib.mjs';
import { JamPage } from './jam-page.mjs';
import { startPeer } from './peer.mjs';
import { story } from './story.mjs';
import { Duo } from './sequence/duo.mjs';
import { patterns } from './sequence/patterns.mjs';
import { scenes } from './sequence/scenes.mjs';
import { steps } from './sequence/steps.mjs';
import { text } from './sequence/text.mjs';
import { tools } from './sequence/tools.mjs';

await story('The sequencer of two real peers', async ({ fact, scene }) => {
  const [adasPeer, bosPeer] = await Promise.all([startPeer(), startPeer()]);
  scene.push(adasPeer, bosPeer);
  const browser = await launch();
  scene.push(browser);
  const ada = await JamPage.open(browser, adasPeer, 'ada');
  const bo = await JamPage.open(browser, bosPeer, 'bo');
  scene.push(ada, bo);
  const duo = new Duo(ada, bo);
  await fact('two people are in one session', () => duo.join());
  await tools(fact, duo);
  await steps(fact, duo);
  await patterns(fact, duo);
  await scenes(fact, duo);
  await text(fact, duo);
  for (const one of [ada, bo]) {
    await fact(`no script of ${one.who}'s page failed`, async () => {
      if (one.faults.length > 0) throw new Error(one.faults.join('\n'));
    });
  }
});
