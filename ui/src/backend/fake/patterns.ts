// What edits do to one pattern of the fake peer's song.
import { euclid } from '../../lib/euclid';
import type { EditCommand, PatternView, ReshapeTool, StepView } from '../generated/api';
import { emptySteps, REST } from './demo';
import { readPattern } from './notation';

type PatternEdit = Extract<EditCommand, { track: string; pattern: string | null }>;

function given<T extends object>(old: T, change: { [K in keyof T]?: T[K] | null }): T {
  const set = Object.entries(change).filter(([key, value]) => key in old && value !== null && value !== undefined);
  return { ...old, ...Object.fromEntries(set) };
}

function resized(pattern: PatternView, length: number): PatternView {
  return { ...pattern, length, steps: Array.from({ length }, (_, i) => pattern.steps[i] ?? { ...REST }) };
}

/** Steps go where `place` says, and with them their chords and locks. */
function moved(pattern: PatternView, place: (step: number) => number): PatternView {
  const steps = [...pattern.steps];
  pattern.steps.forEach((step, i) => (steps[place(i)] = step));
  const along = <T extends { step: number }>(all: readonly T[]): T[] => all.map((one) => ({ ...one, step: place(one.step) }));
  return { ...pattern, steps, chords: along(pattern.chords), locks: along(pattern.locks) };
}

function eachStep(pattern: PatternView, change: (step: StepView, index: number) => StepView): PatternView {
  return { ...pattern, steps: pattern.steps.map(change) };
}

const COLOURS = [[0, 4, 7], [0, 3, 7], [0, 5, 7], [0, 2, 7], [0, 7, 12], [0, 4, 9], [0, 3, 10], [0, 4, 11], [-5, 0, 4], [-3, 0, 5], [0, 4, 14], [0, 7, 16]];
const RHYTHMS = ['x---x---', 'x-x-x-x-', 'x--x--x-', 'xxxx----', 'x-------', '--x---x-', 'x--xx-x-', 'xx-xx-x-', 'x---x-x-', 'x-xxx-xx', '-x-x-x-x', 'xxxxxxxx'];

function block(pattern: PatternView, colour: number, rhythm: number): PatternView {
  const text = RHYTHMS[rhythm] ?? '';
  const [first = 0, ...others] = COLOURS[colour] ?? [];
  const steps = pattern.steps.map((_, i) => ({ ...REST, on: text[i % text.length] === 'x', pitch: first }));
  const chords = steps.flatMap((step, i) => (step.on ? others.map((pitch) => ({ step: i, pitch, length: 16 })) : []));
  return { ...pattern, steps, chords };
}

export function reshaped(pattern: PatternView, tool: ReshapeTool): PatternView {
  const { length } = pattern;
  const wrap = (step: number) => ((step % length) + length) % length;
  switch (tool.type) {
    case 'euclid': {
      const on = euclid(length, tool.hits, tool.rotation);
      return eachStep(pattern, (step, i) => ({ ...step, on: on[i] ?? false }));
    }
    case 'rotate':
      return moved(pattern, (step) => wrap(step + tool.steps));
    case 'invert':
      return eachStep(pattern, (step) => ({ ...step, on: !step.on }));
    case 'reverse':
      return moved(pattern, (step) => length - 1 - step);
    case 'mirror':
      return eachStep(pattern, (step, i) => pattern.steps[i < length / 2 ? i : length - 1 - i] ?? step);
    case 'transpose': {
      const to = (pitch: number) => (Math.abs(pitch + tool.semitones) <= 36 ? pitch + tool.semitones : pitch);
      return { ...eachStep(pattern, (step) => ({ ...step, pitch: to(step.pitch) })), chords: pattern.chords.map((note) => ({ ...note, pitch: to(note.pitch) })) };
    }
    case 'quantise':
      return eachStep(pattern, (step) => ({ ...step, micro: Math.round(step.micro * (1 - tool.strength / 100)) }));
    case 'block':
      return block(pattern, tool.colour, tool.rhythm);
  }
}

/** What one edit does to its pattern. */
export function editPattern(pattern: PatternView, edit: PatternEdit): PatternView {
  switch (edit.type) {
    case 'setPatternLength':
      return resized(pattern, edit.length);
    case 'setSpeed':
      return { ...pattern, speed: edit.speed };
    case 'setHumanise':
      return { ...pattern, humanise: edit.percent };
    case 'renamePattern':
      return { ...pattern, name: edit.name };
    case 'clearPattern':
      return { ...pattern, steps: emptySteps(pattern.length) };
    case 'setSteps': {
      const steps = [...pattern.steps];
      for (const { step, ...change } of edit.steps) {
        const old = steps[step];
        if (old) steps[step] = given(old, change);
      }
      return { ...pattern, steps };
    }
    case 'setChords': {
      const touched = (note: { step: number; pitch: number }) => edit.notes.some((one) => one.step === note.step && one.pitch === note.pitch);
      const set = edit.notes.flatMap(({ step, pitch, length }) => (length === null ? [] : [{ step, pitch, length }]));
      return { ...pattern, chords: [...pattern.chords.filter((note) => !touched(note)), ...set] };
    }
    case 'setLocks': {
      const touched = (lock: { step: number; param: string }) => edit.locks.some((one) => one.step === lock.step && one.param === lock.param);
      const set = edit.locks.flatMap(({ step, param, value }) => (value === null ? [] : [{ step, param, value }]));
      return { ...pattern, locks: [...pattern.locks.filter((lock) => !touched(lock)), ...set] };
    }
    case 'reshape':
      return reshaped(pattern, edit.tool);
    case 'setPatternText':
      return { ...readPattern(edit.text, pattern), id: pattern.id, name: pattern.name };
    default:
      return pattern;
  }
}
