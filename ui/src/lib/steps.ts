// What the hands do to steps, as pure functions: toggling, drawing, painting values.
import type { StepEdit, StepView } from '../backend/generated/api';

export const PATTERN_LENGTHS = [16, 32, 64] as const;
export const STEPS_PER_PAGE = 16;

/** The longest pattern: sixteen bars of sixteenths. */
export const PATTERN_STEPS_MAX = 256;

const UNCHANGED = { on: null, velocity: null, pitch: null, length: null, tie: null, micro: null, ratchet: null, chance: null, condition: null };

export function stepEdit(step: number, fields: Partial<StepView>): StepEdit {
  return { step, ...UNCHANGED, ...fields };
}

/** A drag over the grid: the first cell decides whether it draws or deletes. */
export interface Drawing {
  readonly track: string;
  readonly pattern: string;
  readonly on: boolean;
  readonly steps: ReadonlySet<number>;
  readonly last: number;
}

export function startDrawing(track: string, pattern: { id: string; steps: readonly StepView[] }, step: number): Drawing {
  const { steps } = pattern;
  return { track, pattern: pattern.id, on: !(steps[step]?.on ?? false), steps: new Set([step]), last: step };
}

/** Goes on to `step`; cells that a quick pointer jumped over are included. */
export function draw(drawing: Drawing, step: number, length: number): Drawing {
  const to = Math.min(length - 1, Math.max(0, step));
  const steps = new Set(drawing.steps);
  const direction = Math.sign(to - drawing.last);
  for (let at = drawing.last; at !== to; at += direction) steps.add(at + direction);
  return { ...drawing, steps, last: to };
}

/** The edit of a finished drag: only the steps that really change, in order. */
export function drawnSteps(drawing: Drawing, steps: readonly StepView[]): StepEdit[] {
  return [...drawing.steps]
    .sort((a, b) => a - b)
    .filter((step) => step < steps.length && steps[step]?.on !== drawing.on)
    .map((step) => stepEdit(step, { on: drawing.on }));
}

/** `Kick, step 5 of 16, on, velocity 90`: what a screen reader says of a cell. What is as it comes is left unsaid. */
export function stepName(track: string, steps: readonly StepView[], step: number, melodic: boolean, on = steps[step]?.on, chordNotes = 0): string {
  const view = steps[step];
  if (!view) return track;
  const parts = [track, `step ${step + 1} of ${steps.length}`, on ? 'on' : 'off'];
  if (!on) return parts.join(', ');
  parts.push(`velocity ${view.velocity}`);
  if (melodic || view.pitch !== 0) parts.push(`pitch ${view.pitch > 0 ? '+' : ''}${view.pitch}`);
  if (chordNotes > 0) parts.push(`chord of ${chordNotes + 1}`);
  if (view.tie) parts.push('tied');
  if (view.ratchet > 1) parts.push(`${view.ratchet} hits`);
  if (view.micro !== 0) parts.push(view.micro < 0 ? 'early' : 'late');
  if (view.chance < 100) parts.push(`chance ${view.chance} %`);
  if (view.condition !== ALWAYS) parts.push(`condition ${view.condition}`);
  return parts.join(', ');
}

/** The condition that asks nothing. */
export const ALWAYS = 'always';

/**
 * The step that sounds at a position: with swing every second sixteenth comes late, by half a step at 100 %.
 * The same law as `antiphon-timeline`'s, so that the lit step is the one that is heard.
 */
export function soundingStep(positionSteps: number, swing: number): number {
  const step = Math.floor(positionSteps);
  const early = Math.abs(step % 2) === 1 && positionSteps - step < swing / 200;
  return early ? step - 1 : step;
}

/** The step of a pattern that sounds at a position: every track loops by itself. */
export function loopStep(positionSteps: number, length: number): number {
  if (length <= 0) return 0;
  const step = Math.floor(positionSteps) % length;
  return step < 0 ? step + length : step;
}
