// This device's metronome and count-in: nobody else hears the clicks, everybody hears a count-in.
import type { Metronome } from '../backend/generated/api';
import type { Door } from './door.svelte';

export const COUNT_IN_BARS_MAX = 8;

export class MetronomeStore {
  on = $state(false);
  volumeDb = $state(0);
  countInBars = $state(0);
  /** Counts what was heard, so that a turned fader knows when the truth has arrived. */
  revision = $state(0);
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  load(metronome: Metronome): void {
    this.on = metronome.on;
    this.volumeDb = metronome.volumeDb;
    this.countInBars = metronome.countInBars;
    this.revision += 1;
  }

  async set(change: Partial<Metronome>): Promise<void> {
    const metronome = await this.#door.tell('metronome', change);
    if (metronome) this.load(metronome);
  }

  toggle(): Promise<void> {
    return this.set({ on: !this.on });
  }
}
