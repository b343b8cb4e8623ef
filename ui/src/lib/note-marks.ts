// Where free notes are drawn over a row of steps.
import type { NoteView } from '../backend/generated/api';

export interface NoteMark {
  readonly id: string;
  /** Pixels from the row's left edge. */
  readonly left: number;
  readonly width: number;
  /** 0 for the lowest note of the pattern, near 1 for the highest. */
  readonly height: number;
  /** How opaque, by velocity. */
  readonly strength: number;
}

const WIDTH_MIN = 3;
/** More marks than this are a blur, and slow to draw. */
export const MARKS_MAX = 2_000;

/** The marks of notes that begin inside `length` steps. `x` is the left edge of a whole step, `pitch` the width of one. */
export function noteMarks(notes: readonly NoteView[], length: number, x: (step: number) => number, pitch: number): NoteMark[] {
  const shown = notes.filter((note) => note.startSteps < length).slice(0, MARKS_MAX);
  const pitches = shown.map((note) => note.pitch);
  const lowest = Math.min(...pitches);
  const span = Math.max(1, Math.max(...pitches) - lowest);
  const at = (steps: number) => x(Math.floor(steps)) + (steps - Math.floor(steps)) * pitch;
  return shown.map((note) => {
    const left = at(note.startSteps);
    const end = at(Math.min(length, note.startSteps + note.lengthSteps));
    return {
      id: note.id,
      left,
      width: Math.max(WIDTH_MIN, end - left),
      height: ((note.pitch - lowest) / span) * 0.94,
      strength: 0.4 + (0.6 * note.velocity) / 127,
    };
  });
}
