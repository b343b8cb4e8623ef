// Chords of a step: notes beside its own, each with its own length.

export const CHORD_NOTES_MAX = 7;
export const PITCH_MIN = -36;
export const PITCH_MAX = 36;

export interface ChordNote {
  readonly step: number;
  readonly pitch: number;
  readonly length: number;
}

/** The notes of one step, lowest first. */
export function chordOf(chords: readonly ChordNote[], step: number): readonly ChordNote[] {
  return chords.filter((note) => note.step === step).sort((a, b) => a.pitch - b.pitch);
}

/** How many notes each step adds to its own; steps without are absent. */
export function chordCounts(chords: readonly ChordNote[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { step } of chords) counts.set(step, (counts.get(step) ?? 0) + 1);
  return counts;
}

/** The steps that tie the one before them: how far a striking step's bar reaches, in steps of grid. */
export function tiedSteps(steps: readonly { on: boolean; tie: boolean }[], step: number): number {
  let tied = 0;
  while (tied < steps.length - 1) {
    const next = steps[(step + tied + 1) % steps.length];
    if (!next?.on || !next.tie) break;
    tied += 1;
  }
  return tied;
}
