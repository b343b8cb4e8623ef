import { expect, test } from 'vitest';
import { demoSong } from '../backend/fake/demo';
import { heightOf, laneValues, lockLane, paint, paintedEdit, STEP_LANES, valueAt } from './lane';
import { stepEdit } from './steps';

const [track] = demoSong().tracks;
if (!track) throw new Error('the demo has tracks');
const pattern = track.patterns[0]!;
const cutoff = lockLane({ param: 'cutoff', label: 'Cutoff', unit: 'cents', min: -9600, max: 4800, neutral: 0 });

test('a height and its value are each other’s inverse', () => {
  for (const spec of Object.values(STEP_LANES)) {
    for (let value = spec.min; value <= spec.max; value++) expect(valueAt(spec, heightOf(spec, value))).toBe(value);
  }
});

test('heights outside the lane stay inside its range', () => {
  expect(valueAt(STEP_LANES.velocity, 2)).toBe(127);
  expect(valueAt(STEP_LANES.velocity, -1)).toBe(1);
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
  const on = { ...pattern.steps[0]!, on: true, velocity: 100 };
  const steps = [on, { ...on, on: false }, { ...on, velocity: 40 }];
  const painted = new Map([
    [2, 40],
    [1, 90],
    [0, 90],
  ]);
  expect(paintedEdit(STEP_LANES.velocity, painted, track, { ...pattern, steps })).toEqual({
    type: 'setSteps',
    track: track.id,
    pattern: pattern.id,
    steps: [{ ...stepEdit(0, {}), velocity: 90 }],
  });
});

test('a step that locks nothing shows the value of its track', () => {
  const turned = { ...track, params: [{ param: 'cutoff', value: -1200 }] };
  const locked = { ...pattern, locks: [{ step: 2, param: 'cutoff', value: 600 }] };
  const values = laneValues(cutoff, turned, locked);
  expect(values[0]).toEqual({ value: -1200, own: false });
  expect(values[2]).toEqual({ value: 600, own: true });
});

test('painting locks even where the track has that value already, and null unlocks what is locked', () => {
  const locked = { ...pattern, steps: pattern.steps.map((step) => ({ ...step, on: true })), locks: [{ step: 2, param: 'cutoff', value: 600 }] };
  expect(paintedEdit(cutoff, new Map([[0, 0], [1, null], [2, null]]), track, locked)).toEqual({
    type: 'setLocks',
    track: track.id,
    pattern: pattern.id,
    locks: [
      { step: 0, param: 'cutoff', value: 0 },
      { step: 2, param: 'cutoff', value: null },
    ],
  });
});
