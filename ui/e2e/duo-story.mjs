// A story of two people in one session: two real peers, two browsers, and at the end no script of either page failed.
import { launch } from './lib.mjs';
import { JamPage } from './jam-page.mjs';
import { startPeer } from './peer.mjs';
import { Duo } from './sequence/duo.mjs';
import { story } from './story.mjs';

/** Tells a story, as `story` does; each of `parts` is called with `(fact, duo)`, in order. */
export function duoStory(title, parts) {
  return story(title, async ({ fact, scene }) => {
    const [adasPeer, bosPeer] = await Promise.all([startPeer(), startPeer()]);
    scene.push(adasPeer, bosPeer);
    const browser = await launch();
    scene.push(browser);
    const ada = await JamPage.open(browser, adasPeer, 'ada');
    const bo = await JamPage.open(browser, bosPeer, 'bo');
    scene.push(ada, bo);
    const duo = new Duo(ada, bo);
    await fact('two people are in one session', () => duo.join());
    for (const part of parts) await part(fact, duo);
    for (const one of [ada, bo]) {
      await fact(`no script of ${one.who}'s page failed`, async () => {
        if (one.faults.length > 0) throw new Error(one.faults.join('\n'));
      });
    }
  });
}
