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

  /** Is a step on, as the hand sees it? */
  shown(track: TrackView, step: number): boolean {
    const drawing = this.#of(track.id);
    if (drawing?.steps.has(step)) return drawing.on;
    return track.steps[step]?.on ?? false;
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

  #of(track: string): Drawing | null {
    if (this.#drawing?.track === track) return this.#drawing;
    if (this.#sent?.drawing.track !== track || this.#sent.revision !== this.#song.revision(track)) return null;
    return this.#sent.drawing;
  }
}
