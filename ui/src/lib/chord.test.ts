import { expect, test } from 'vitest';
import { chordCounts, chordOf, tiedSteps } from './chord';

test('the notes of a step come lowest first', () => {
  const chords = [
    { step: 1, pitch: 7, length: 16 },
    { step: 2, pitch: 0, length: 16 },
    { step: 1, pitch: -5, length: 8 },
  ];
  expect(chordOf(chords, 1).map((note) => note.pitch)).toEqual([-5, 7]);
  expect([...chordCounts(chords)]).toEqual([
    [1, 2],
    [2, 1],
  ]);
});

test('ties reach over adjacent tied steps, round the end, at most one cycle', () => {
  const steps = [...'xttx-t'].map((mark) => ({ on: mark !== '-', tie: mark === 't' }));
  expect([0, 3, 5].map((step) => tiedSteps(steps, step))).toEqual([2, 0, 0]);
  const all = [...'ttt'].map(() => ({ on: true, tie: true }));
  expect(tiedSteps(all, 1)).toBe(2);
});
