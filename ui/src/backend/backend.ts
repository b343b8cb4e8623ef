// The one typed door to the peer. The same interface serves the window, the browser and the in-memory fake.
import type { ApiError, Commands, Event } from './generated/api';

export type CommandName = keyof Commands;

export type ConnectionState =
  | { state: 'connecting' }
  | { state: 'open' }
  /** Gone; tries again by itself. */
  | { state: 'lost' }
  /** Will not be let in: no token, or a wrong one. */
  | { state: 'refused'; reason: string };

/** Files dropped on the window, by path: the page itself never sees them there. */
export type FileDrop = { phase: 'over' } | { phase: 'leave' } | { phase: 'drop'; paths: string[] };

export interface Backend {
  readonly kind: 'window' | 'browser' | 'fake';
  call<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Commands[K]['reply']>;
  onEvent(listener: (event: Event) => void): () => void;
  /** Hears the present state at once, then every change. `open` means: fetch everything anew. */
  onConnection(listener: (state: ConnectionState) => void): () => void;
  onFileDrop(listener: (drop: FileDrop) => void): () => void;
}

/** A refusal by the peer, with its cause and next step. */
export class Refused extends Error {
  constructor(readonly error: ApiError) {
    super(error.message);
    this.name = 'Refused';
  }
}

export function unreachable(message: string, nextStep: string): Refused {
  return new Refused({ code: 'unreachable', message, nextStep });
}

/** Listeners of one thing. */
export class Listeners<T> {
  #all = new Set<(value: T) => void>();

  add(listener: (value: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(value: T): void {
    for (const listener of [...this.#all]) listener(value);
  }
}

/** The backend that fits where the page runs. */
export async function openBackend(): Promise<Backend> {
  if (import.meta.env.MODE === 'fake') {
    const fake = new (await import('./fake')).FakeBackend();
    // Scripts that look at the interface set the scene through it.
    return Object.assign(window, { antiphonFake: fake }).antiphonFake;
  }
  if ('__TAURI_INTERNALS__' in window) return (await import('./tauri')).openTauri();
  return new (await import('./web')).WebBackend();
}
