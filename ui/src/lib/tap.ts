// Tempo from taps: the median of the last intervals, so that one late finger does not matter.

const FORGET_AFTER_MS = 2000;
const INTERVALS_MAX = 8;

export interface Taps {
  readonly times: readonly number[];
}

export const NO_TAPS: Taps = { times: [] };

/** Adds a tap; a pause of two seconds starts over. */
export function tap(taps: Taps, nowMs: number): Taps {
  const last = taps.times.at(-1);
  if (last === undefined || nowMs - last > FORGET_AFTER_MS || nowMs <= last) return { times: [nowMs] };
  return { times: [...taps.times, nowMs].slice(-(INTERVALS_MAX + 1)) };
}

/** The tempo tapped so far, rounded to a tenth; absent before the third tap. */
export function tappedTempo(taps: Taps): number | null {
  if (taps.times.length < 3) return null;
  const intervals = taps.times.slice(1).map((time, i) => time - (taps.times[i] ?? time));
  intervals.sort((a, b) => a - b);
  const middle = intervals.length >> 1;
  const upper = intervals[middle] ?? 0;
  const median = intervals.length % 2 === 1 ? upper : (upper + (intervals[middle - 1] ?? upper)) / 2;
  return clampTempo(Math.round(600_000 / median) / 10);
}

export const TEMPO_MIN = 20;
export const TEMPO_MAX = 999;

/** A tempo the session accepts: 20 to 999 in hundredths. */
export function clampTempo(bpm: number): number {
  return Math.round(Math.min(TEMPO_MAX, Math.max(TEMPO_MIN, bpm)) * 100) / 100;
}

/** Reads a typed tempo, with a comma or a point; absent when it is none. */
export function parseTempo(text: string): number | null {
  const match = /^\s*(\d{1,4}(?:[.,]\d*)?)\s*(?:bpm)?\s*$/i.exec(text);
  if (!match?.[1]) return null;
  return clampTempo(Number(match[1].replace(',', '.')));
}
