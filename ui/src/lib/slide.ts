// The arithmetic of faders and knobs: a range, its step, and what keys and wheels do to a value.

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** With Shift held. */
  readonly fine: number;
  readonly reset: number;
}

/** Into the range, on a multiple of the fine step. */
export function settle(range: Range, value: number): number {
  const steps = Math.round((value - range.min) / range.fine);
  const settled = Math.min(range.max, Math.max(range.min, range.min + steps * range.fine));
  return Math.round(settled * 1e6) / 1e6;
}

/** What a key does to the value; absent when it does nothing here. */
export function keyValue(range: Range, value: number, key: string, shift: boolean): number | null {
  const step = shift ? range.fine : range.step;
  const page = (range.max - range.min) / 8;
  switch (key) {
    case 'ArrowUp':
    case 'ArrowRight':
      return settle(range, value + step);
    case 'ArrowDown':
    case 'ArrowLeft':
      return settle(range, value - step);
    case 'PageUp':
      return settle(range, value + page);
    case 'PageDown':
      return settle(range, value - page);
    case 'Home':
      return range.min;
    case 'End':
      return range.max;
    case 'Delete':
    case 'Backspace':
      return range.reset;
    default:
      return null;
  }
}

/** 0 to 1. */
export function share(range: Range, value: number): number {
  return Math.min(1, Math.max(0, (value - range.min) / (range.max - range.min)));
}

// A fader's travel: three quarters for the upper 24 dB, where hands work, the rest down to silence.
const KNEE_DB = -24;
const KNEE_SHARE = 0.25;
export const GAIN: Range = { min: -60, max: 6, step: 1, fine: 0.1, reset: 0 };
export const PAN: Range = { min: -100, max: 100, step: 5, fine: 1, reset: 0 };

export function gainToTravel(db: number): number {
  if (db <= KNEE_DB) return (Math.max(0, db - GAIN.min) / (KNEE_DB - GAIN.min)) * KNEE_SHARE;
  return KNEE_SHARE + (Math.min(1, (db - KNEE_DB) / (GAIN.max - KNEE_DB))) * (1 - KNEE_SHARE);
}

export function travelToGain(travel: number): number {
  const at = Math.min(1, Math.max(0, travel));
  const db = at <= KNEE_SHARE ? GAIN.min + (at / KNEE_SHARE) * (KNEE_DB - GAIN.min) : KNEE_DB + ((at - KNEE_SHARE) / (1 - KNEE_SHARE)) * (GAIN.max - KNEE_DB);
  return settle(GAIN, db);
}

/** A linear level as the share of a meter that lights, on the fader's own travel. */
export function meterShare(level: number): number {
  return level <= 0.001 ? 0 : gainToTravel(20 * Math.log10(level));
}
