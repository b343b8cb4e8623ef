// Painting values of steps in a lane: a drag over several is one edit, held keys settle into one.
import type { PatternView, TrackView } from '../../backend/generated/api';
import { clampToLane, type LaneSpec, paint, type Painted, paintedEdit } from '../../lib/lane';
import type { SongStore } from '../../session/song.svelte';

const KEY_SETTLE_MS = 350;

interface Subject {
  readonly spec: LaneSpec;
  readonly track: TrackView;
  readonly pattern: PatternView;
}

interface Point {
  readonly step: number;
  readonly value: number;
}

export class Painting {
  #painted = $state.raw<Painted | null>(null);
  #sentRevision: number | null = null;
  #last: Point | null = null;
  #settle: ReturnType<typeof setTimeout> | undefined;
  readonly #song: SongStore;
  readonly #subject: () => Subject;

  constructor(song: SongStore, subject: () => Subject) {
    this.#song = song;
    this.#subject = subject;
  }

  /** What was painted of a step; absent where nothing was, `null` where its lock was taken away. */
  of(step: number): number | null | undefined {
    return this.#painted?.get(step);
  }

  begin(at: Point): void {
    this.forget();
    this.#last = at;
    this.#painted = paint(new Map(), at, at);
  }

  move(at: Point): void {
    if (!this.#last || !this.#painted) return;
    this.#painted = paint(this.#painted, this.#last, at);
    this.#last = at;
  }

  /** The hand lifts. Answers the step it was over. */
  end(): number | null {
    const step = this.#last?.step ?? null;
    this.#last = null;
    if (step !== null) this.#commit();
    return step;
  }

  /** Sets one step, or unlocks it; sent when the keys rest. */
  nudge(step: number, value: number | null): void {
    const { spec } = this.#subject();
    const before = this.#sentRevision === null ? this.#painted : null;
    this.#painted = new Map(before).set(step, value === null ? null : clampToLane(spec, value));
    this.#sentRevision = null;
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#commit(), KEY_SETTLE_MS);
  }

  /** What was painted holds until the track's next revision. */
  heard(): void {
    if (this.#sentRevision !== null && this.#song.revision(this.#subject().track.id) !== this.#sentRevision) this.forget();
  }

  forget(): void {
    clearTimeout(this.#settle);
    this.#painted = null;
    this.#sentRevision = null;
    this.#last = null;
  }

  #commit(): void {
    const { spec, track, pattern } = this.#subject();
    const edit = this.#painted && paintedEdit(spec, this.#painted, track, pattern);
    if (!edit) return this.forget();
    const revision = this.#song.revision(track.id);
    this.#sentRevision = revision;
    void this.#song.edit(edit).then((edited) => !edited && this.#sentRevision === revision && this.forget());
  }
}
