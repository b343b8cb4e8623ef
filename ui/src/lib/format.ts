// Numbers and times as people read them.

export const SILENCE_DB = -60;

/** `-3.0 dB`, `+1.5 dB`, or `silent` at the end of the fader. */
export function decibels(db: number): string {
  if (db <= SILENCE_DB) return 'silent';
  const text = db.toFixed(1);
  return `${db > 0 ? '+' : ''}${text === '-0.0' ? '0.0' : text} dB`;
}

/** `centre`, `L 30`, `R 100`. */
export function pan(value: number): string {
  if (value === 0) return 'centre';
  return value < 0 ? `L ${-value}` : `R ${value}`;
}

/** Tempo with the decimals it has: `120`, `93.5`, `93.25`. */
export function tempo(bpm: number): string {
  return String(Math.round(bpm * 100) / 100);
}

/** Bar and beat of a position in sixteenths, counted from 1: `3:2`. */
export function barBeat(positionSteps: number): { bar: number; beat: number; sixteenth: number } {
  const step = Math.max(0, Math.floor(positionSteps));
  return { bar: Math.floor(step / 16) + 1, beat: (Math.floor(step / 4) % 4) + 1, sixteenth: (step % 4) + 1 };
}

/** The peer's messages chain, so they begin small and end open; shown alone they are sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const whole = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return whole === '' || /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

/** Cause and next step as one text. */
export function explained(error: { message: string; nextStep: string | null }): string {
  return [error.message, error.nextStep ?? ''].map(sentence).filter(Boolean).join(' ');
}

/** `45 minutes`, `1 hour`, `24 hours`. */
export function span(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const [count, unit] = minutes < 90 && minutes !== 60 ? [minutes, 'minute'] : [Math.round(minutes / 60), 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const NAMES = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];

/** `C4` for MIDI note 60. */
export function noteName(midi: number): string {
  return `${NAMES[((midi % 12) + 12) % 12] ?? 'C'}${Math.floor(midi / 12) - 1}`;
}

/** `+3 semitones`, `0 semitones`, `-12 semitones`. */
export function semitones(pitch: number): string {
  return `${pitch > 0 ? '+' : ''}${pitch} semitone${Math.abs(pitch) === 1 ? '' : 's'}`;
}

/** A step's length: `½ step`-like text from sixteenths of a step, `1.5 steps`. */
export function stepLength(length: number): string {
  const steps = Math.round((length / 16) * 100) / 100;
  return `${steps} ${steps === 1 ? 'step' : 'steps'}`;
}

/** `0:07`, `3:25`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** `812 B`, `41 KiB`, `3.2 MiB`. */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${Math.round(count / 1024)} KiB`;
  return `${(count / (1024 * 1024)).toFixed(1)} MiB`;
}

/** `just now`, `5 min ago`, `3 h ago`, then a date. */
export function ago(thenMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - thenMs) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return date(thenMs);
}

export function date(ms: number): string {
  return new Date(ms).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
}

/** Milliseconds with the digits that carry meaning: `0.04 ms`, `1.3 ms`, `24 ms`. */
export function milliseconds(ms: number): string {
  const size = Math.abs(ms);
  return `${ms.toFixed(size < 0.995 ? 2 : size < 9.95 ? 1 : 0)} ms`;
}

/** A measured time in the unit that suits it: `4 µs`, `0.31 ms`, `12 ms`. */
export function measured(ms: number): string {
  return Math.abs(ms) < 0.0995 ? `${Math.round(ms * 1000)} µs` : milliseconds(ms);
}

/** `1 edit waits for bar 9`, by a bar counted from 0. */
export function waitingText({ edits, bar }: { edits: number; bar: number }): string {
  return `${edits} ${edits === 1 ? 'edit waits' : 'edits wait'} for bar ${bar + 1}`;
}

/** The first digits of a long id, enough to tell it from others by eye. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id;
}
