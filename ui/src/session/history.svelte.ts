// Undo and redo of my own edits.
import type { HistoryView } from '../backend/generated/api';
import type { Door } from './door.svelte';

export class HistoryStore {
  undoLabel = $state<string | null>(null);
  redoLabel = $state<string | null>(null);
  /** The last thing undone or redone, for screen readers. */
  spoken = $state('');
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  load(view: HistoryView): void {
    this.undoLabel = view.undo;
    this.redoLabel = view.redo;
  }

  async undo(): Promise<void> {
    const label = await this.#door.tell('undo', null);
    if (label) this.spoken = `Undone: ${label}`;
  }

  async redo(): Promise<void> {
    const label = await this.#door.tell('redo', null);
    if (label) this.spoken = `Redone: ${label}`;
  }
}
