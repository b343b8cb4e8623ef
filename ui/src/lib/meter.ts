// Meters: how many sixteenths a bar and a beat have, and where in its bar a position is.
import type { MeterView, Quantum } from '../backend/generated/api';

export const FOUR_FOUR: MeterView = { beats: 4, unit: 4 };
/** The meters that are offered; any other is typed. */
export const USUAL_METERS: readonly MeterView[] = [
  { beats: 2, unit: 4 },
  { beats: 3, unit: 4 },
  FOUR_FOUR,
  { beats: 5, unit: 4 },
  { beats: 6, unit: 8 },
  { beats: 7, unit: 8 },
  { beats: 9, unit: 8 },
  { beats: 12, unit: 8 },
];

export function stepsPerBeat(meter: MeterView): number {
  return 16 / meter.unit;
}

export function stepsPerBar(meter: MeterView): number {
  return meter.beats * stepsPerBeat(meter);
}

/** How far the places of a grid are apart. */
export function stepsPerQuantum(meter: MeterView, quantum: Quantum): number {
  return { now: 1, beat: stepsPerBeat(meter), bar: stepsPerBar(meter), fourBars: 4 * stepsPerBar(meter) }[quantum];
}

/** `3/4`. */
export function meterText(meter: MeterView): string {
  return `${meter.beats}/${meter.unit}`;
}

/** Reads `3/4`; absent when it is no meter. */
export function parseMeter(text: string): MeterView | null {
  const match = /^\s*(\d{1,2})\s*\/\s*(2|4|8|16)\s*$/.exec(text);
  const beats = Number(match?.[1]);
  return match && beats >= 1 && beats <= 16 ? { beats, unit: Number(match[2]) } : null;
}

/** A bar of the music, as the peer tells it. */
export interface Bar {
  /** Counted from 0. */
  readonly bar: number;
  readonly barStartSteps: number;
  readonly meter: MeterView;
}

/** Bar, beat and sixteenth of a step, counted from 1, by a bar that is known near it. */
export function placeIn(known: Bar, step: number): { bar: number; beat: number; sixteenth: number } {
  const [inBar, inBeat] = [stepsPerBar(known.meter), stepsPerBeat(known.meter)];
  const bars = Math.floor((step - known.barStartSteps) / inBar);
  const rest = step - known.barStartSteps - bars * inBar;
  return { bar: known.bar + bars + 1, beat: Math.floor(rest / inBeat) + 1, sixteenth: Math.floor(rest % inBeat) + 1 };
}
