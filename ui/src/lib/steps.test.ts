import { expect, test } from 'vitest';
import type { StepView } from '../backend/generated/api';
import { draw, drawnSteps, loopStep, soundingStep, startDrawing, stepEdit, stepName } from './steps';

function steps(text: string): StepView[] {
  return [...text].map((mark) => ({ on: mark === 'x', velocity: 90, pitch: 0, length: 16, tie: false, micro: 0, ratchet: 1, chance: 100, condition: 'always' }));
}

test('a drag that begins on an empty step draws, and leaves what is on as it is', () => {
  const pattern = steps('..x.');
  const drawing = draw(startDrawing('t', { id: 'p', steps: pattern }, 0), 3, 4);
  expect(drawnSteps(drawing, pattern).map((edit) => [edit.step, edit.on])).toEqual([
    [0, true],
    [1, true],
    [3, true],
  ]);
});

test('a drag that begins on a sounding step deletes', () => {
  const pattern = steps('xx.x');
  const drawing = draw(startDrawing('t', { id: 'p', steps: pattern }, 3), 0, 4);
  expect(drawnSteps(drawing, pattern).map((edit) => [edit.step, edit.on])).toEqual([
    [0, false],
    [1, false],
    [3, false],
  ]);
});

test('a quick pointer leaves no gaps, and stays inside the pattern', () => {
  const pattern = steps('....');
  const drawing = draw(draw(startDrawing('t', { id: 'p', steps: pattern }, 1), 9, 4), -3, 4);
  expect([...drawing.steps].sort()).toEqual([0, 1, 2, 3]);
});

test('an edit names only the field that changes', () => {
  const pattern = steps('.');
  expect(drawnSteps(startDrawing('t', { id: 'p', steps: pattern }, 0), pattern)).toEqual([{ ...stepEdit(0, {}), on: true }]);
});

test('a cell says what it is', () => {
  const pattern = steps('....x...........');
  expect(stepName('Kick', pattern, 4, false)).toBe('Kick, step 5 of 16, on, velocity 90');
  expect(stepName('Kick', pattern, 0, false)).toBe('Kick, step 1 of 16, off');
  const rich = { ...pattern[4]!, tie: true, micro: -3, ratchet: 3, chance: 50, condition: '1:4' };
  expect(stepName('Kick', [rich], 0, false, true, 2)).toBe('Kick, step 1 of 1, on, velocity 90, chord of 3, tied, 3 hits, early, chance 50 %, condition 1:4');
  expect(stepName('Bass', pattern, 4, true)).toBe('Bass, step 5 of 16, on, velocity 90, pitch 0');
});

test('a swung step lights when it sounds, not when its straight place passes', () => {
  expect(soundingStep(1.2, 0)).toBe(1);
  expect(soundingStep(1.2, 50)).toBe(0);
  expect(soundingStep(1.25, 50)).toBe(1);
  expect(soundingStep(1.49, 100)).toBe(0);
  expect(soundingStep(2.01, 100)).toBe(2);
});

test('every track loops by itself', () => {
  expect(loopStep(17.9, 16)).toBe(1);
  expect(loopStep(17.9, 32)).toBe(17);
  expect(loopStep(63.99, 64)).toBe(63);
  expect(loopStep(-1, 16)).toBe(15);
});
