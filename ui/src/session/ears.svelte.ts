// My ears: what only I hear differently, beside what the session shares.
import type { Ears, SetEars, TrackEars } from '../backend/generated/api';
import type { Door } from './door.svelte';

export class EarsStore {
  volumeDb = $state(0);
  revision = $state(0);
  #tracks = $state.raw<ReadonlyMap<string, TrackEars>>(new Map());
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  anySolo = $derived([...this.#tracks.values()].some((track) => track.solo));

  load(ears: Ears): void {
    this.revision += 1;
    this.volumeDb = ears.volumeDb;
    this.#tracks = new Map(ears.tracks.map((track) => [track.track, track]));
  }

  of(track: string): TrackEars {
    return this.#tracks.get(track) ?? { track, mute: false, solo: false, gainDb: 0 };
  }

  /** Do I hear this track other than the session does? */
  differs(track: string): boolean {
    const mine = this.of(track);
    return mine.mute || mine.solo || mine.gainDb !== 0;
  }

  async set(change: Partial<SetEars>): Promise<void> {
    const ears = await this.#door.tell('ears', { track: null, mute: null, solo: null, gainDb: null, ...change });
    if (ears) this.load(ears);
  }

  async reset(track: string): Promise<void> {
    await this.set({ track, mute: false, solo: false, gainDb: 0 });
  }
}
