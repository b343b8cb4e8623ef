// A little of the notation, enough for the fake peer: a line of settings, then `x` for a step and `-` for a rest.
import { Refused } from '../backend';
import type { PatternView, TrackView } from '../generated/api';
import { REST } from './demo';

export function writePattern(track: TrackView, pattern: PatternView): string {
  const head = `track "${track.name}" sound=${track.sound}\npattern "${pattern.name}" length=${pattern.length} speed=${pattern.speed}\n`;
  const marks = pattern.steps.map((step) => (!step.on ? '-' : step.tie ? '_' : step.velocity >= 120 ? 'X' : 'x')).join('');
  return `${head}${marks.replace(/.{16}/g, '$& ').trim()}\n`;
}

function refuse(line: number, column: number, reason: string): never {
  throw new Refused({ code: 'invalid', message: `line ${line}, column ${column}: ${reason}`, nextStep: null });
}

/** The pattern that text stands for; what it does not say stays as in `before`. */
export function readPattern(text: string, before: PatternView): PatternView {
  const steps: PatternView['steps'] = [];
  text.split('\n').forEach((line, row) => {
    if (/^\s*(track|pattern|#)/.test(line)) return;
    [...line].forEach((mark, column) => {
      if (/[\s|]/.test(mark)) return;
      if (!'xX-_.'.includes(mark)) refuse(row + 1, column + 1, `${JSON.stringify(mark)} is no step; steps are x, X, _ and -`);
      const old = before.steps[steps.length] ?? REST;
      const on = mark !== '-' && mark !== '.';
      steps.push({ ...old, on, tie: mark === '_', velocity: !on || mark === '_' ? old.velocity : mark === 'X' ? Math.max(120, old.velocity) : Math.min(119, old.velocity) });
    });
  });
  if (steps.length === 0) refuse(1, 1, 'there are no steps');
  return { ...before, steps, length: steps.length };
}
