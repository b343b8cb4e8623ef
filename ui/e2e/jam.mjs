// The first jam, with two real peers and two browsers: solo, then together, then a beat that anybody can verify.
import { launch } from './lib.mjs';
import { JamPage } from './jam-page.mjs';
import { startPeer } from './peer.mjs';
import { story } from './story.mjs';
import { beat } from './jam/beat.mjs';
import { solo } from './jam/solo.mjs';
import { together } from './jam/together.mjs';

await story('A jam of two real peers', async ({ fact, scene }) => {
  const [adasPeer, bosPeer] = await Promise.all([startPeer(), startPeer()]);
  scene.push(adasPeer, bosPeer);
  const browser = await launch();
  scene.push(browser);
  const started = performance.now();
  const ada = await JamPage.open(browser, adasPeer, 'ada');
  scene.push(ada);
  await solo(fact, ada, started);
  const bo = await JamPage.open(browser, bosPeer, 'bo');
  scene.push(bo);
  await together(fact, ada, bo);
  await beat(fact, ada);
  for (const one of [ada, bo]) {
    await fact(`no script of ${one.who}'s page failed, and none came from names`, async () => {
      if (one.faults.length > 0) throw new Error(one.faults.join('\n'));
    });
  }
});
