// Where I am: the track and step under my hands, which the others see as my presence.
import type { SetPresence } from '../backend/generated/api';
import type { LaneName } from '../lib/lane';
import type { ArrangementStore } from './arrangement.svelte';
import type { Door } from './door.svelte';
import type { SongStore } from './song.svelte';

/** Presence follows the hand at this pace, not at every cell a drag crosses. */
const PRESENCE_PAUSE_MS = 120;

export class Selection {
  #track = $state<string | null>(null);
  #step = $state(0);
  /** The other end of a range of steps; absent while one step is selected. */
  #anchor = $state<number | null>(null);
  lane = $state<LaneName>('velocity');
  #told = '';
  #latest: SetPresence = { track: null, step: null };
  #pause: ReturnType<typeof setTimeout> | undefined;
  readonly #door: Door;
  readonly #song: SongStore;
  readonly #arrangement: ArrangementStore;

  constructor(door: Door, song: SongStore, arrangement: ArrangementStore) {
    this.#door = door;
    this.#song = song;
    this.#arrangement = arrangement;
  }

  /** The selected track; the first one where none was chosen or the chosen one is gone. */
  track = $derived.by(() => this.#song.track(this.#track) ?? this.#song.tracks[0]);
  /** Its pattern that is shown. */
  pattern = $derived.by(() => this.track && this.#arrangement.shown(this.track));
  step = $derived.by(() => Math.min(this.#step, (this.pattern?.length ?? 1) - 1));
  /** First and last selected step. */
  range = $derived.by<readonly [number, number]>(() => {
    const other = Math.min(this.#anchor ?? this.step, (this.pattern?.length ?? 1) - 1);
    return [Math.min(this.step, other), Math.max(this.step, other)];
  });
  steps = $derived.by(() => Array.from({ length: this.range[1] - this.range[0] + 1 }, (_, i) => this.range[0] + i));

  select(track: string, step: number | null = null): void {
    if (track !== this.track?.id || step !== null) this.#anchor = null;
    this.#track = track;
    if (step !== null) this.#step = step;
    this.#announce();
  }

  /** Takes all steps up to this one into the selection. */
  extend(step: number): void {
    this.#anchor ??= this.step;
    this.#step = step;
    if (this.#anchor === step) this.#anchor = null;
    this.#announce();
  }

  has(track: string, step: number): boolean {
    return this.track?.id === track && step >= this.range[0] && step <= this.range[1];
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
