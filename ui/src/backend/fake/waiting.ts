// The edits of the fake peer that wait for a bar.
import type { WaitingView } from '../generated/api';

export class WaitingBar {
  told: WaitingView | null = null;
  readonly #tell: (waiting: WaitingView | null) => void;

  constructor(tell: (waiting: WaitingView | null) => void) {
    this.#tell = tell;
  }

  /** One more edit waits for that bar; none does where nothing plays. */
  edited(bar: number | null): void {
    if (bar !== null) this.#set({ edits: this.told?.bar === bar ? this.told.edits + 1 : 1, bar });
  }

  /** That bar is the next one now. */
  passed(nextBar: number | null): void {
    if (this.told && (nextBar === null || this.told.bar < nextBar)) this.#set(null);
  }

  #set(waiting: WaitingView | null): void {
    this.told = waiting;
    this.#tell(waiting);
  }
}
