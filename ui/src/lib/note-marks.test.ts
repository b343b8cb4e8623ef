import { expect, test } from 'vitest';
import { MARKS_MAX, noteMarks } from './note-marks';

const x = (step: number) => step * 10 + Math.floor(step / 16) * 8;
const note = (id: string, startSteps: number, lengthSteps: number, pitch: number, velocity = 127) => ({ id, startSteps, lengthSteps, pitch, velocity });

test('a note lies where it begins, between its steps, and is as wide as it is long', () => {
  const [mark] = noteMarks([note('a', 1.5, 2, 0)], 16, x, 10);
  expect(mark).toMatchObject({ left: 15, width: 20, height: 0, strength: 1 });
});

test('the higher note is the upper one', () => {
  const [low, high] = noteMarks([note('a', 0, 1, -5), note('b', 0, 1, 7)], 16, x, 10);
  expect(high!.height).toBeGreaterThan(low!.height);
});

test('a note ends with the pattern, and one past its end is not drawn', () => {
  const marks = noteMarks([note('a', 15, 9, 0), note('b', 16, 1, 0)], 16, x, 10);
  expect(marks.map((mark) => mark.id)).toEqual(['a']);
  expect(marks[0]!.left + marks[0]!.width).toBe(x(16));
});

test('no crowd is drawn whole', () => {
  const notes = Array.from({ length: 3 * MARKS_MAX }, (_, at) => note(String(at), at / 1000, 1, at % 12));
  expect(noteMarks(notes, 16, x, 10)).toHaveLength(MARKS_MAX);
});
