// Edits of others light up for a moment in their author's colour.

export interface Flash {
  readonly id: number;
  readonly peer: string;
  readonly colour: number;
  readonly track: string | null;
  /** The pattern of the steps, where there are any. */
  readonly pattern: string | null;
  readonly steps: readonly number[];
}

const SHOWN_MAX = 48;

export class Flashes {
  all = $state.raw<readonly Flash[]>([]);
  #next = 1;

  add(flash: Omit<Flash, 'id'>): void {
    this.all = [...this.all, { ...flash, id: this.#next++ }].slice(-SHOWN_MAX);
  }

  of(track: string): readonly Flash[] {
    return this.all.filter((flash) => flash.track === track);
  }

  end(id: number): void {
    this.all = this.all.filter((flash) => flash.id !== id);
  }
}
