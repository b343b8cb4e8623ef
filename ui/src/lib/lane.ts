// The lane under the grid: a height is a value, and a drag paints one value per step. Every value of a step has a
// lane, and so has every parameter that a step may lock.
import type { EditCommand, PatternView, StepView, TrackView } from '../backend/generated/api';
import { semitones, stepLength } from './format';
import { type ParamRange, paramSlide, paramText } from './params';
import { stepEdit } from './steps';

export type StepField = 'velocity' | 'pitch' | 'length' | 'micro' | 'chance' | 'ratchet';
export type LaneName = StepField | `lock:${string}`;

export interface LaneSpec {
  readonly name: LaneName;
  readonly title: string;
  readonly min: number;
  readonly max: number;
  /** Where bars grow from. */
  readonly base: number;
  readonly reset: number;
  /** What an arrow key changes, and with Shift. */
  readonly nudge: number;
  readonly fine: number;
  readonly text: (value: number) => string;
  /** Over the bar, where there is little room. */
  readonly brief: (value: number) => string;
}

/** `+12`, `−3`, `0`. */
export function signedNumber(value: number): string {
  return value === 0 ? '0' : `${value > 0 ? '+' : '−'}${Math.abs(value)}`;
}

/** `12/128 of a step late`. */
export function microText(micro: number): string {
  if (micro === 0) return 'on the grid';
  return `${Math.round((Math.abs(micro) / 128) * 100)} % of a step ${micro < 0 ? 'early' : 'late'}`;
}

export function ratchetText(ratchet: number): string {
  return ratchet === 1 ? 'one hit' : `${ratchet} hits`;
}

const percent = (value: number) => `${value} %`;

export const STEP_LANES: Readonly<Record<StepField, LaneSpec>> = {
  velocity: { name: 'velocity', title: 'Velocity', min: 1, max: 127, base: 0, reset: 100, nudge: 8, fine: 1, text: String, brief: String },
  pitch: { name: 'pitch', title: 'Pitch', min: -36, max: 36, base: 0, reset: 0, nudge: 1, fine: 12, text: semitones, brief: signedNumber },
  length: { name: 'length', title: 'Length', min: 1, max: 64, base: 0, reset: 16, nudge: 4, fine: 1, text: stepLength, brief: (value) => String(Math.round((value / 16) * 100) / 100) },
  micro: { name: 'micro', title: 'Micro-timing', min: -127, max: 127, base: 0, reset: 0, nudge: 8, fine: 1, text: microText, brief: signedNumber },
  chance: { name: 'chance', title: 'Chance', min: 0, max: 100, base: 0, reset: 100, nudge: 5, fine: 1, text: percent, brief: percent },
  ratchet: { name: 'ratchet', title: 'Ratchet', min: 1, max: 8, base: 0, reset: 1, nudge: 1, fine: 1, text: ratchetText, brief: (value) => `×${value}` },
};

/** The lanes with a button and a key of their own. */
export const MAIN_LANES = ['velocity', 'pitch', 'length'] as const;
/** The others of a step, chosen from a list. */
export const MORE_LANES = ['micro', 'chance', 'ratchet'] as const;

export function isLock(lane: LaneName): lane is `lock:${string}` {
  return lane.startsWith('lock:');
}

/** The lane of a parameter. Deleting a value there unlocks the step. */
export function lockLane(param: ParamRange & { label: string }): LaneSpec {
  const { min, max, neutral, step, fine } = { ...param, ...paramSlide(param) };
  const text = (value: number) => paramText(param, value);
  return { name: `lock:${param.param}`, title: `Lock: ${param.label}`, min, max, base: neutral, reset: neutral, nudge: step, fine, text, brief: text };
}

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

/** What the track sets where no step locks: the strip's pan, or the parameter of the sound. */
export function trackParam(track: Pick<TrackView, 'params' | 'pan'>, param: string, neutral: number): number {
  if (param === 'pan') return track.pan;
  return track.params.find((one) => one.param === param)?.value ?? neutral;
}

export interface LaneValue {
  readonly value: number;
  /** Only of lock lanes: does the step set it, or is it the track's? */
  readonly own: boolean;
}

/** Every step's value in a lane. */
export function laneValues(spec: LaneSpec, track: TrackView, pattern: PatternView): LaneValue[] {
  if (!isLock(spec.name)) {
    const field = spec.name as StepField;
    return pattern.steps.map((step) => ({ value: step[field], own: true }));
  }
  const param = spec.name.slice('lock:'.length);
  const rest = trackParam(track, param, spec.reset);
  const locks = new Map(pattern.locks.filter((lock) => lock.param === param).map((lock) => [lock.step, lock.value]));
  return pattern.steps.map((_, step) => ({ value: locks.get(step) ?? rest, own: locks.has(step) }));
}

/** Values painted so far, by step; `null` takes a lock away. */
export type Painted = ReadonlyMap<number, number | null>;

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

/** The edit of a painted line: steps that sound and really change. Absent when nothing does. */
export function paintedEdit(spec: LaneSpec, painted: Painted, track: TrackView, pattern: PatternView): EditCommand | null {
  const before = laneValues(spec, track, pattern);
  const changes = [...painted]
    .sort(([a], [b]) => a - b)
    .filter(([step]) => pattern.steps[step]?.on === true)
    .map(([step, value]) => ({ step, value: value === null ? null : clampToLane(spec, value) }))
    .filter(({ step, value }) => (value === null ? before[step]?.own : before[step]?.value !== value || !before[step]?.own));
  if (changes.length === 0) return null;
  const where = { track: track.id, pattern: pattern.id };
  if (isLock(spec.name)) {
    const param = spec.name.slice('lock:'.length);
    return { type: 'setLocks', ...where, locks: changes.map(({ step, value }) => ({ step, param, value })) };
  }
  const field = spec.name as StepField;
  const steps = changes.map(({ step, value }) => stepEdit(step, { [field]: value ?? spec.reset } as Partial<StepView>));
  return { type: 'setSteps', ...where, steps };
}
