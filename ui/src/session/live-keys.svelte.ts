// The computer's keyboard, or the drawn one, plays the selected track live.
import { midiNote, OCTAVE_MAX, OCTAVE_MIN, octaveKey, pianoKey } from '../lib/piano';
import type { Door } from './door.svelte';
import type { Selection } from './selection.svelte';

const VELOCITY = 100;

export class LiveKeys {
  on = $state(false);
  octave = $state(4);
  /** Notes that sound now, by what holds them: a key's code, or a pointer. */
  #held = $state.raw<ReadonlyMap<string, { track: string; note: number }>>(new Map());
  readonly #door: Door;
  readonly #selection: Selection;

  constructor(door: Door, selection: Selection) {
    this.#door = door;
    this.#selection = selection;
  }

  sounding = $derived(new Set([...this.#held.values()].map((held) => held.note)));

  toggle(): void {
    this.on = !this.on;
    if (!this.on) this.releaseAll();
  }

  shift(octaves: number): void {
    this.octave = Math.min(OCTAVE_MAX, Math.max(OCTAVE_MIN, this.octave + octaves));
  }

  /** True when the key was meant for the piano. */
  keyDown(code: string, repeat: boolean): boolean {
    const octave = octaveKey(code);
    const semitone = pianoKey(code);
    if (octave === null && semitone === null) return false;
    if (repeat) return true;
    if (octave !== null) this.shift(octave);
    else this.press(code, midiNote(this.octave, semitone ?? 0));
    return true;
  }

  keyUp(code: string): void {
    this.release(code);
  }

  press(holder: string, note: number): void {
    const track = this.#selection.track?.id;
    if (!track || this.#held.has(holder)) return;
    this.#held = new Map(this.#held).set(holder, { track, note });
    void this.#door.tell('note', { track, note, velocity: VELOCITY });
  }

  release(holder: string): void {
    const held = this.#held.get(holder);
    if (!held) return;
    const rest = new Map(this.#held);
    rest.delete(holder);
    this.#held = rest;
    // Another key may still hold the same note.
    if ([...rest.values()].some((other) => other.note === held.note && other.track === held.track)) return;
    this.#door.ask('note', { ...held, velocity: 0 }).catch(() => {});
  }

  /** Ends everything that sounds here, also what the song plays: its next note sounds again. */
  allNotesOff(): void {
    this.#held = new Map();
    void this.#door.tell('all_notes_off', null);
  }

  releaseAll(): void {
    for (const holder of [...this.#held.keys()]) this.release(holder);
  }
}
