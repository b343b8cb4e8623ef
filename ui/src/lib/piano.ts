// The computer's keyboard as a piano: two rows of keys by their place, whatever the layout prints on them.
// K stays free: it switches the piano on and off.

const ROW = ['KeyA', 'KeyW', 'KeyS', 'KeyE', 'KeyD', 'KeyF', 'KeyT', 'KeyG', 'KeyY', 'KeyH', 'KeyU', 'KeyJ'];

export const OCTAVE_MIN = 1;
export const OCTAVE_MAX = 7;

/** Semitones above C that a key plays, if it plays. */
export function pianoKey(code: string): number | null {
  const semitone = ROW.indexOf(code);
  return semitone < 0 ? null : semitone;
}

/** Which way a key moves the octave: Z down, X up. */
export function octaveKey(code: string): -1 | 1 | null {
  return code === 'KeyZ' ? -1 : code === 'KeyX' ? 1 : null;
}

/** MIDI note of a semitone in an octave, C4 = 60. */
export function midiNote(octave: number, semitone: number): number {
  return (octave + 1) * 12 + semitone;
}

export const BLACK: ReadonlySet<number> = new Set([1, 3, 6, 8, 10]);

/** The letter printed on the key of a semitone, on a QWERTY board. */
export function keyLetter(semitone: number): string {
  return ROW[semitone]?.slice(3) ?? '';
}
