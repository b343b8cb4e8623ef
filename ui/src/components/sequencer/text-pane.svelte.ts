// The notation of a pattern, being written. The peer's text is shown until a person types; what is typed stays until
// it is applied or given up, and if the pattern changes meanwhile, that is said.
import { asError, type Door } from '../../session/door.svelte';
import { explained } from '../../lib/format';
import { indexOfPlace, placeIn } from '../../lib/notation';
import type { SongStore } from '../../session/song.svelte';

export interface TextError {
  readonly message: string;
  /** Where the caret goes; absent when the refusal names no place. */
  readonly index: number | null;
}

export class PatternTextPane {
  text = $state('');
  error = $state.raw<TextError | null>(null);
  /** The pattern is no longer what the typed text began from. */
  stale = $state(false);
  applied = $state(false);
  #base = $state('');
  #asked = 0;
  #answer: Promise<void> = Promise.resolve();
  readonly #door: Door;
  readonly #song: SongStore;
  readonly #where: () => { track: string; pattern: string };

  constructor(door: Door, song: SongStore, where: () => { track: string; pattern: string }) {
    this.#door = door;
    this.#song = song;
    this.#where = where;
  }

  get dirty(): boolean {
    return this.text !== this.#base;
  }

  /** The pattern may have changed: asks for its text anew. The last question's answer counts, and is waited for. */
  refresh(): Promise<void> {
    this.#answer = this.#read(++this.#asked);
    return this.#answer;
  }

  type(text: string): void {
    this.text = text;
    this.error = null;
    this.applied = false;
  }

  /** Makes the pattern what the text says. Answers the error, for the caret to go there. */
  async apply(): Promise<TextError | null> {
    if (!this.dirty) return null;
    const text = this.text;
    try {
      await this.#door.ask('edit', { type: 'setPatternText', ...this.#where(), text });
    } catch (thrown) {
      return this.#refused(thrown, text);
    }
    // What comes back is the text as the peer writes it.
    this.#base = text;
    this.stale = false;
    this.error = null;
    await this.refresh();
    // Said once that text is shown: until then it may still be replaced under the caret.
    this.applied = true;
    return null;
  }

  /** Gives up what was typed. */
  async revert(): Promise<void> {
    this.text = this.#base;
    this.stale = false;
    this.error = null;
    await this.refresh();
  }

  /** A track made from text that came from anywhere. Answers its id. */
  async paste(text: string): Promise<string | null> {
    try {
      const edited = await this.#door.ask('edit', { type: 'pasteTrack', text, index: null });
      return edited.track;
    } catch (thrown) {
      const { message } = this.#refused(thrown, text);
      this.error = { message: `What was copied is no track: ${message}`, index: null };
      return null;
    }
  }

  get editable(): boolean {
    return this.#song.editable;
  }

  async #read(asked: number): Promise<void> {
    const reply = await this.#door.tell('pattern_text', this.#where());
    if (asked !== this.#asked) return this.#answer;
    if (!reply || reply.text === this.#base) return;
    if (this.dirty) this.stale = true;
    else this.#show(reply.text);
  }

  #show(text: string): void {
    this.#base = text;
    this.text = text;
    this.stale = false;
    this.error = null;
  }

  #refused(thrown: unknown, text: string): TextError {
    const error = asError(thrown);
    const place = placeIn(error.message);
    this.error = { message: explained(error), index: place && indexOfPlace(text, place.line, place.column) };
    return this.error;
  }
}
