// The sessions on this device.
import type { SessionEntry, SessionView } from '../backend/generated/api';
import type { Door } from './door.svelte';

export class SessionsStore {
  all = $state.raw<readonly SessionEntry[]>([]);
  /** The session that is being opened, for its line to say so. */
  opening = $state<string | null>(null);
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  async open(session: string): Promise<SessionView | undefined> {
    this.opening = session;
    const view = await this.#door.tell('open_session', { session });
    this.opening = null;
    return view;
  }

  async create(name: string | null): Promise<SessionView | undefined> {
    const entry = await this.#door.tell('new_session', { name });
    return entry && this.open(entry.id);
  }

  async delete(session: string): Promise<boolean> {
    const reply = await this.#door.tell('delete_session', { session });
    if (reply === undefined) return false;
    this.all = this.all.filter((entry) => entry.id !== session);
    return true;
  }
}
