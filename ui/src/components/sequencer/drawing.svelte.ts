// Drawing steps by hand: from the press to the peer's answer. One drag is one edit.
import { draw, type Drawing, drawnSteps, startDrawing } from '../../lib/steps';
import type { TrackView } from '../../backend/generated/api';
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

  /** What the hand has drawn on a track and the track does not show yet. A row asks once, not each of its cells. */
  of(track: TrackView): Drawing | null {
    if (this.#drawing?.track === track.id) return this.#drawing;
    if (this.#sent?.drawing.track !== track.id || this.#sent.revision !== this.#song.revision(track.id)) return null;
    return this.#sent.drawing;
  }

  begin(track: TrackView, step: number): void {
    if (this.#song.editable) this.#drawing = startDrawing(track.id, track.steps, step);
  }

  move(track: TrackView, step: number): void {
    if (this.#drawing?.track === track.id) this.#drawing = draw(this.#drawing, step, track.length);
  }

  /** The hand lifts: one edit of the steps that really changed. */
  async end(track: TrackView): Promise<void> {
    const drawing = this.#drawing;
    this.#drawing = null;
    if (!drawing) return;
    const steps = drawnSteps(drawing, track.steps);
    if (steps.length === 0) return;
    const sent = { drawing, revision: this.#song.revision(track.id) };
    this.#sent = sent;
    const edited = await this.#song.edit({ type: 'setSteps', track: track.id, steps });
    if (!edited && this.#sent === sent) this.#sent = null;
  }

  cancel(): void {
    this.#drawing = null;
  }

  toggle(track: TrackView, step: number): void {
    this.begin(track, step);
    void this.end(track);
  }
}
