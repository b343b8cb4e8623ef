// Painting values of steps: a drag over several in the lane is one edit, and held keys, there or on the grid, settle
// into one. What was painted is shown until the peer has answered.
import { getContext, setContext } from 'svelte';
import type { PatternView, TrackView } from '../../backend/generated/api';
import { clampToLane, laneValues, type LaneSpec, type LaneValue, paint, type Painted, paintedEdit } from '../../lib/lane';
import type { SongStore } from '../../session/song.svelte';

const KEY_SETTLE_MS = 350;

export interface Subject {
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
  /** What was painted on. */
  #on = $state.raw<Subject | null>(null);
  #sentRevision: number | null = null;
  #last: Point | null = null;
  #settle: ReturnType<typeof setTimeout> | undefined;
  readonly #song: SongStore;

  constructor(song: SongStore) {
    this.#song = song;
  }

  /** The values of a lane, with what was painted on it and is not heard back yet. */
  values({ spec, track, pattern }: Subject): LaneValue[] {
    const values = laneValues(spec, track, pattern);
    if (!this.#painted || this.#on?.pattern.id !== pattern.id || this.#on.spec.name !== spec.name) return values;
    for (const [step, painted] of this.#painted) {
      const value = values[step];
      if (value) values[step] = painted === null ? { ...value, own: false } : { value: painted, own: true };
    }
    return values;
  }

  begin(subject: Subject, at: Point): void {
    this.#turnTo(subject);
    this.#forget();
    this.#on = subject;
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

  cancel(): void {
    if (this.#last) this.#forget();
  }

  /** Sets a step, or unlocks it; sent when the keys rest. */
  nudge(subject: Subject, step: number, value: number | null): void {
    this.#turnTo(subject);
    const before = this.#sentRevision === null ? this.#painted : null;
    this.#on = subject;
    this.#painted = new Map(before).set(step, value === null ? null : clampToLane(subject.spec, value));
    this.#sentRevision = null;
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#commit(), KEY_SETTLE_MS);
  }

  /** What was sent holds until the track's next revision. */
  heard(): void {
    const track = this.#on?.track.id;
    if (track !== undefined && this.#sentRevision !== null && this.#song.revision(track) !== this.#sentRevision) this.#forget();
  }

  /** Keys that have not settled on another subject are sent first: nothing that was pressed is lost. */
  #turnTo({ spec, pattern }: Subject): void {
    const other = this.#on !== null && (this.#on.pattern.id !== pattern.id || this.#on.spec.name !== spec.name);
    if (!other) return;
    if (this.#painted && this.#sentRevision === null) this.#commit();
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#settle);
    this.#painted = null;
    this.#sentRevision = null;
    this.#last = null;
  }

  #commit(): void {
    clearTimeout(this.#settle);
    const track = this.#song.track(this.#on?.track.id ?? null);
    const pattern = track?.patterns.find((one) => one.id === this.#on?.pattern.id);
    const edit = this.#on && this.#painted && track && pattern ? paintedEdit(this.#on.spec, this.#painted, track, pattern) : null;
    if (!edit || !track) return this.#forget();
    const revision = this.#song.revision(track.id);
    this.#sentRevision = revision;
    void this.#song.edit(edit).then((edited) => !edited && this.#sentRevision === revision && this.#forget());
  }
}

const KEY = Symbol('painting');

export function providePainting(painting: Painting): Painting {
  return setContext(KEY, painting);
}

export function usePainting(): Painting {
  return getContext<Painting>(KEY);
}
