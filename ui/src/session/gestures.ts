// A fader in motion: heard at once, at most one command per frame, the last one wins.
import type { Gesture } from '../backend/generated/api';
import type { Door } from './door.svelte';

export class Gestures {
  #pending = new Map<string, Gesture>();
  #scheduled = false;
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  turn(gesture: Gesture): void {
    const key = gesture.track ?? '';
    const before = this.#pending.get(key);
    this.#pending.set(key, { track: gesture.track, gainDb: gesture.gainDb ?? before?.gainDb ?? null, pan: gesture.pan ?? before?.pan ?? null });
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#send());
  }

  #send(): void {
    this.#scheduled = false;
    // A gesture is superseded by the next one and by the edit: a lost one is no news.
    for (const gesture of this.#pending.values()) this.#door.ask('gesture', gesture).catch(() => {});
    this.#pending.clear();
  }
}
