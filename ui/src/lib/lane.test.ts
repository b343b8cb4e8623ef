import { expect, test } from 'vitest';
import type { StepView } from '../backend/generated/api';
import { heightOf, LANES, paint, paintedSteps, valueAt } from './lane';

const on: StepView = { on: true, velocity: 100, pitch: 0, length: 16 };

test('a height and its value are each other’s inverse', () => {
  for (const spec of Object.values(LANES)) {
    for (let value = spec.min; value <= spec.max; value++) expect(valueAt(spec, heightOf(spec, value))).toBe(value);
  }
});

test('heights outside the lane stay inside its range', () => {
  expect(valueAt(LANES.velocity, 2)).toBe(127);
  expect(valueAt(LANES.velocity, -1)).toBe(1);
});

test('painting draws a straight line between two points', () => {
  const painted = paint(new Map(), { step: 0, value: 10 }, { step: 4, value: 50 });
  expect([...painted]).toEqual([
    [0, 10],
    [1, 20],
    [2, 30],
    [3, 40],
    [4, 50],
  ]);
  expect([...paint(new Map(), { step: 2, value: 5 }, { step: 0, value: 1 }).keys()]).toEqual([2, 1, 0]);
});

test('only steps that sound and really change are edited', () => {
  const pattern = [on, { ...on, on: false }, { ...on, velocity: 40 }];
  const painted = new Map([
    [2, 40],
    [1, 90],
    [0, 90],
  ]);
  expect(paintedSteps(LANES.velocity, painted, pattern)).toEqual([{ step: 0, on: null, velocity: 90, pitch: null, length: null }]);
});
