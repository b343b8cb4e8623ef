// Where I am: the track and step under my hands, which the others see as my presence.
import type { SetPresence } from '../backend/generated/api';
import type { LaneField } from '../lib/lane';
import type { Door } from './door.svelte';
import type { SongStore } from './song.svelte';

/** Presence follows the hand at this pace, not at every cell a drag crosses. */
const PRESENCE_PAUSE_MS = 120;

export class Selection {
  #track = $state<string | null>(null);
  #step = $state(0);
  lane = $state<LaneField>('velocity');
  #told = '';
  #latest: SetPresence = { track: null, step: null };
  #pause: ReturnType<typeof setTimeout> | undefined;
  readonly #door: Door;
  readonly #song: SongStore;

  constructor(door: Door, song: SongStore) {
    this.#door = door;
    this.#song = song;
  }

  /** The selected track; the first one where none was chosen or the chosen one is gone. */
  track = $derived.by(() => this.#song.track(this.#track) ?? this.#song.tracks[0]);
  step = $derived(Math.min(this.#step, (this.track?.length ?? 1) - 1));

  select(track: string, step: number | null = null): void {
    this.#track = track;
    if (step !== null) this.#step = step;
    this.#announce();
  }

  /** The track `by` rows away from the selected one. */
  neighbour(by: number): string | null {
    const index = this.track ? this.#song.indexOf(this.track.id) : -1;
    const next = Math.min(this.#song.tracks.length - 1, Math.max(0, index + by));
    return this.#song.tracks[next]?.id ?? null;
  }

  #announce(): void {
    this.#latest = { track: this.track?.id ?? null, step: this.track ? this.step : null };
    if (this.#pause !== undefined) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      const presence = this.#latest;
      const text = JSON.stringify(presence);
      if (text === this.#told) return;
      this.#told = text;
      // Presence is a courtesy: that it did not arrive is no news to the person.
      this.#door.ask('presence', presence).catch(() => {});
    }, PRESENCE_PAUSE_MS);
  }
}
