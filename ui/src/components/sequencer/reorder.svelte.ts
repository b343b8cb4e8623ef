// Moving a track by its grip: a line shows where it would land, one edit moves it.
import type { SongStore } from '../../session/song.svelte';

export class Reorder {
  moving = $state<string | null>(null);
  from = $state(-1);
  target = $state(-1);
  readonly #song: SongStore;

  constructor(song: SongStore) {
    this.#song = song;
  }

  begin(track: string, event: PointerEvent): void {
    if (event.button !== 0 || !this.#song.editable) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.moving = track;
    this.from = this.#song.indexOf(track);
    this.target = this.from;
  }

  move(event: PointerEvent): void {
    if (this.moving === null) return;
    const row = document.elementsFromPoint(event.clientX, event.clientY).map((element) => element.closest<HTMLElement>('[data-row]')?.dataset['row']);
    const over = row.find((id) => id !== undefined);
    if (over !== undefined) this.target = this.#song.indexOf(over);
  }

  end(): void {
    const { moving, from, target } = this;
    this.cancel();
    if (moving !== null && target >= 0 && target !== from) void this.#song.edit({ type: 'moveTrack', track: moving, index: target });
  }

  cancel(): void {
    this.moving = null;
    this.target = -1;
  }
}
