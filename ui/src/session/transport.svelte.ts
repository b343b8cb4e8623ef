// Play, stop, tempo, swing: what all members share of the timeline.
import type { Saved, TransportView, WaitingView } from '../backend/generated/api';
import { clampTempo, NO_TAPS, tap, tappedTempo } from '../lib/tap';
import type { Door } from './door.svelte';
import { Guess } from './guess.svelte';
import type { SongStore } from './song.svelte';

/** A wheel or a held key sends one edit after this pause, not one per notch. */
const SETTLE_MS = 300;

export class TransportStore {
  playing = $state(false);
  positionSteps = $state(0);
  by = $state<string | null>(null);
  saved = $state<Saved>({ state: 'saved' });
  /** Edits that everybody sees and nobody hears yet. */
  waiting = $state.raw<WaitingView | null>(null);
  readonly tempoGuess = new Guess();
  #taps = NO_TAPS;
  #settle: ReturnType<typeof setTimeout> | undefined;
  readonly #door: Door;
  readonly #song: SongStore;
  readonly #takesOver: () => void;

  /** `takesOver` hears when the session is to sound, or to be silent, instead of a beat that I listen to. */
  constructor(door: Door, song: SongStore, takesOver: () => void) {
    this.#door = door;
    this.#song = song;
    this.#takesOver = takesOver;
  }

  load(view: TransportView): void {
    this.playing = view.playing;
    this.positionSteps = view.positionSteps;
    this.by = view.by;
  }

  get bpm(): number {
    return this.tempoGuess.shown(this.#song.bpm, this.#song.ownRevision);
  }

  toggle(): Promise<null | undefined> {
    if (this.playing) return this.#door.tell('pause', null);
    this.#takesOver();
    return this.#door.tell('play', null);
  }

  stop(): Promise<null | undefined> {
    this.#takesOver();
    return this.#door.tell('stop', null);
  }

  locate(positionSteps: number): Promise<null | undefined> {
    return this.#door.tell('locate', { positionSteps });
  }

  /** Shows a tempo at once and sends it when the hand rests. */
  turnTempo(bpm: number): void {
    if (!this.#song.editable) return;
    this.tempoGuess.turn(clampTempo(bpm));
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.commitTempo(), SETTLE_MS);
  }

  commitTempo(): void {
    clearTimeout(this.#settle);
    const bpm = this.bpm;
    if (bpm === this.#song.bpm) return this.tempoGuess.drop();
    void this.tempoGuess.commit(this.#song.bpm, this.#song.ownRevision, this.#song.edit({ type: 'setTempo', bpm }));
  }

  tap(nowMs: number): void {
    this.#taps = tap(this.#taps, nowMs);
    const bpm = tappedTempo(this.#taps);
    if (bpm !== null) this.turnTempo(bpm);
  }
}
