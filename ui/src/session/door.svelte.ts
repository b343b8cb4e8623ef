// The stores' way to the peer: every refusal that nobody handles becomes a notice with its cause and next step.
import { type Backend, type CommandName, type ConnectionState, Refused } from '../backend/backend';
import type { ApiError, Commands } from '../backend/generated/api';
import type { Notices } from './notices.svelte';

export function asError(thrown: unknown): ApiError {
  if (thrown instanceof Refused) return thrown.error;
  return { code: 'internal', message: String(thrown), nextStep: null };
}

export class Door {
  connection = $state<ConnectionState>({ state: 'connecting' });
  readonly backend: Backend;
  readonly #notices: Notices;

  constructor(backend: Backend, notices: Notices) {
    this.backend = backend;
    this.#notices = notices;
  }

  /** Asks the peer and lets the caller see a refusal. */
  ask<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Commands[K]['reply']> {
    return this.backend.call(name, args);
  }

  /** Tells the peer to do something; a refusal is shown and answers `undefined`. */
  async tell<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Commands[K]['reply'] | undefined> {
    try {
      return await this.backend.call(name, args);
    } catch (thrown) {
      this.#notices.refusal(asError(thrown));
      return undefined;
    }
  }
}
