// Drawing steps by hand: from the press to the peer's answer. One drag is one edit.
import { draw, type Drawing, drawnSteps, startDrawing } from '../../lib/steps';
import type { PatternView, TrackView } from '../../backend/generated/api';
import type { SongStore } from '../../session/song.svelte';

export class DrawingController {
  #drawing = $state.raw<Drawing | null>(null);
  /** Drawn, sent, and not yet heard back: shown until the track's next revision. */
  #sent = $state.raw<{ drawing: Drawing; revision: number } | null>(null);
  readonly #song: SongStore;

  constructor(song: SongStore) {
    this.#song = song;
  }

  get active(): boolean {
    return this.#drawing !== null;
  }

  /** What the hand has drawn on a pattern and the pattern does not show yet. A row asks once, not each of its cells. */
  of(track: TrackView, pattern: PatternView): Drawing | null {
    if (this.#drawing?.pattern === pattern.id) return this.#drawing;
    if (this.#sent?.drawing.pattern !== pattern.id || this.#sent.revision !== this.#song.revision(track.id)) return null;
    return this.#sent.drawing;
  }

  begin(track: TrackView, pattern: PatternView, step: number): void {
    if (this.#song.editable) this.#drawing = startDrawing(track.id, pattern, step);
  }

  move(step: number): void {
    const pattern = this.#patternOf(this.#drawing);
    if (this.#drawing && pattern) this.#drawing = draw(this.#drawing, step, pattern.length);
  }

  /** The hand lifts: one edit of the steps that really changed. */
  async end(): Promise<void> {
    const drawing = this.#drawing;
    const pattern = this.#patternOf(drawing);
    this.#drawing = null;
    if (!drawing || !pattern) return;
    const steps = drawnSteps(drawing, pattern.steps);
    if (steps.length === 0) return;
    const sent = { drawing, revision: this.#song.revision(drawing.track) };
    this.#sent = sent;
    const edited = await this.#song.edit({ type: 'setSteps', track: drawing.track, pattern: drawing.pattern, steps });
    if (!edited && this.#sent === sent) this.#sent = null;
  }

  cancel(): void {
    this.#drawing = null;
  }

  toggle(track: TrackView, pattern: PatternView, step: number): void {
    this.begin(track, pattern, step);
    void this.end();
  }

  /** The pattern as it is now: others may have edited it, or removed it, since the hand began. */
  #patternOf(drawing: Drawing | null): PatternView | undefined {
    return drawing ? this.#song.track(drawing.track)?.patterns.find((one) => one.id === drawing.pattern) : undefined;
  }
}
