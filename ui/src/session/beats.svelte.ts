// Published beats on this device: list, play read-only, verify, remix.
import type { BeatRef, BeatView, Publish, SessionEntry, Verdict } from '../backend/generated/api';
import { explained } from '../lib/format';
import { asError, type Door } from './door.svelte';

export type Checking = { state: 'running' } | { state: 'done'; verdict: Verdict } | { state: 'failed'; reason: string };

export function beatById(id: string): BeatRef {
  return { beat: id, path: null, base64: null };
}

export class BeatsStore {
  all = $state.raw<readonly BeatView[]>([]);
  /** The beat that plays, read-only. */
  playing = $state<string | null>(null);
  #checks = $state.raw<ReadonlyMap<string, Checking>>(new Map());
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  of(session: string): readonly BeatView[] {
    return this.all.filter((beat) => beat.session === session);
  }

  check(id: string): Checking | undefined {
    return this.#checks.get(id);
  }

  async toggle(id: string): Promise<void> {
    if (this.playing === id) return this.stop();
    const beat = await this.#door.tell('play_beat', beatById(id));
    if (beat) this.playing = id;
  }

  async stop(): Promise<void> {
    const reply = await this.#door.tell('stop_beat', null);
    if (reply !== undefined) this.playing = null;
  }

  async verify(id: string, render: boolean): Promise<void> {
    this.#note(id, { state: 'running' });
    try {
      const verdict = await this.#door.ask('verify', { beat: beatById(id), render });
      this.#note(id, { state: 'done', verdict });
    } catch (thrown) {
      this.#note(id, { state: 'failed', reason: explained(asError(thrown)) });
    }
  }

  publish(args: Publish): Promise<BeatView> {
    return this.#door.ask('publish', args);
  }

  async add(file: BeatRef): Promise<BeatView | undefined> {
    const beat = await this.#door.tell('add_beat', file);
    if (beat) this.keep(beat);
    return beat;
  }

  remix(id: string): Promise<SessionEntry | undefined> {
    return this.#door.tell('remix', beatById(id));
  }

  keep(beat: BeatView): void {
    this.all = [beat, ...this.all.filter((other) => other.id !== beat.id)];
  }

  #note(id: string, checking: Checking): void {
    this.#checks = new Map(this.#checks).set(id, checking);
  }
}
