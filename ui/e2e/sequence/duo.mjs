// Two people in one session: what each peer has, and waiting until both have the same.
import assert from 'node:assert/strict';
import { until } from '../story.mjs';

/** What a pattern plays, without its own name. */
export function content(pattern) {
  return JSON.stringify({ ...pattern, name: undefined, id: undefined });
}

export class Duo {
  constructor(ada, bo) {
    this.ada = ada;
    this.bo = bo;
  }

  async join() {
    const { link } = JSON.parse(await this.ada.peer.cli('invite', '--json'));
    await this.bo.go('Sessions');
    await this.bo.page.getByRole('textbox', { name: 'Invite link or address' }).fill(link);
    await this.bo.button('Join').click();
    await this.ada.button('Allow as editor').click();
    await this.bo.page.getByRole('grid', { name: 'Steps' }).waitFor();
    await this.same('they have the same song');
    const welcome = this.ada.button('Play the demo');
    if (await welcome.isVisible()) await this.ada.press('Space', '0');
  }

  async song(one) {
    return JSON.parse(await one.peer.cli('show', '--json')).song;
  }

  async track(one, name) {
    return (await this.song(one)).tracks.find((track) => track.name === name);
  }

  /** Waits until both peers have the same song, past what is still about to change. */
  async same(what) {
    let songs = [];
    await until(what, async () => {
      songs = await Promise.all([this.song(this.ada), this.song(this.bo)]);
      return JSON.stringify(songs[0]) === JSON.stringify(songs[1]);
    });
    return songs[0];
  }

  /** Somebody acts, and the part of the song that `look` shows is another then, the same for both. Answers what it was and is. */
  async changes(what, one, look, act) {
    const before = JSON.stringify(look(await this.song(one)));
    await act();
    await until(`${what} at ${one.who}`, async () => JSON.stringify(look(await this.song(one))) !== before);
    const after = look(await this.same(`${what} at both`));
    return { before: JSON.parse(before), after };
  }

  /** Takes the last act back, and both have what was there before. */
  async undo(what, one, look, before) {
    await one.page.getByRole('button', { name: /^Undo: / }).click();
    await until(`${what} is undone at ${one.who}`, async () => JSON.stringify(look(await this.song(one))) === JSON.stringify(before));
    assert.deepEqual(look(await this.same(`${what} is undone at both`)), before);
  }

  /** Waits until both pages show the same steps of a track, and answers their names. */
  async shownAlike(track) {
    const names = (one) => one.cell(track, '\\d+').evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label')));
    let shown = [];
    await until(`both pages show the same steps of ${track}`, async () => {
      shown = await Promise.all([names(this.ada), names(this.bo)]);
      return shown[0].length > 0 && JSON.stringify(shown[0]) === JSON.stringify(shown[1]);
    });
    return shown[0];
  }
}
