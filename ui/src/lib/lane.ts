// The lane under the grid: a height is a value, and a drag paints one value per step.
import type { StepEdit, StepView } from '../backend/generated/api';
import { semitones, stepLength } from './format';
import { stepEdit } from './steps';

export type LaneField = 'velocity' | 'pitch' | 'length';

export interface LaneSpec {
  readonly field: LaneField;
  readonly title: string;
  readonly letter: string;
  readonly min: number;
  readonly max: number;
  /** Where bars grow from. */
  readonly base: number;
  readonly reset: number;
  /** What an arrow key changes, and with Shift. */
  readonly nudge: number;
  readonly fine: number;
  readonly text: (value: number) => string;
}

export const LANES: Readonly<Record<LaneField, LaneSpec>> = {
  velocity: { field: 'velocity', title: 'Velocity', letter: 'V', min: 1, max: 127, base: 0, reset: 100, nudge: 8, fine: 1, text: String },
  pitch: { field: 'pitch', title: 'Pitch', letter: 'P', min: -36, max: 36, base: 0, reset: 0, nudge: 1, fine: 12, text: semitones },
  length: { field: 'length', title: 'Length', letter: 'L', min: 1, max: 64, base: 0, reset: 16, nudge: 4, fine: 1, text: stepLength },
};

export const LANE_ORDER: readonly LaneField[] = ['velocity', 'pitch', 'length'];

export function clampToLane(spec: LaneSpec, value: number): number {
  return Math.round(Math.min(spec.max, Math.max(spec.min, value)));
}

/** The value at a height, where 0 is the bottom and 1 the top. */
export function valueAt(spec: LaneSpec, height: number): number {
  return clampToLane(spec, spec.min + height * (spec.max - spec.min));
}

/** The height of a value, 0 to 1. */
export function heightOf(spec: LaneSpec, value: number): number {
  return Math.min(1, Math.max(0, (value - spec.min) / (spec.max - spec.min)));
}

/** Values painted so far, by step. */
export type Painted = ReadonlyMap<number, number>;

/** Paints a straight line from one point to the next, so a quick pointer leaves no gaps. */
export function paint(painted: Painted, from: { step: number; value: number }, to: { step: number; value: number }): Painted {
  const next = new Map(painted);
  const distance = to.step - from.step;
  const direction = Math.sign(distance) || 1;
  for (let step = from.step; ; step += direction) {
    const share = distance === 0 ? 1 : (step - from.step) / distance;
    next.set(step, Math.round(from.value + share * (to.value - from.value)));
    if (step === to.step) return next;
  }
}

/** The edit of a painted line: steps that sound and really change. */
export function paintedSteps(spec: LaneSpec, painted: Painted, steps: readonly StepView[]): StepEdit[] {
  return [...painted]
    .sort(([a], [b]) => a - b)
    .filter(([step, value]) => steps[step]?.on === true && steps[step][spec.field] !== value)
    .map(([step, value]) => stepEdit(step, { [spec.field]: clampToLane(spec, value) }));
}
