// A local guess of one value while a hand turns it. The event that follows the edit replaces it.
//
// Truth comes with a revision that only grows. A committed guess holds until the revision moves on, so an undo
// that brings an old value back is shown as what it is.

export class Guess {
  #value = $state<number | null>(null);
  #committedAt = $state<number | null>(null);

  /** The guess while it holds, else the truth. */
  shown(truth: number, revision: number): number {
    if (this.#value === null) return truth;
    return this.#committedAt !== null && this.#committedAt !== revision ? truth : this.#value;
  }

  get turning(): boolean {
    return this.#value !== null && this.#committedAt === null;
  }

  turn(value: number): void {
    this.#value = value;
    this.#committedAt = null;
  }

  /** The edit is on its way; `truth` and `revision` are what the store still says. A refused edit (`undefined`) drops the guess. */
  async commit(truth: number, revision: number, edit: Promise<unknown>): Promise<void> {
    const value = this.#value;
    this.#committedAt = revision;
    const reply = await edit;
    const stillMine = this.#value === value && this.#committedAt === revision;
    if (stillMine && (reply === undefined || truth === value)) this.drop();
  }

  drop(): void {
    this.#value = null;
    this.#committedAt = null;
  }
}
