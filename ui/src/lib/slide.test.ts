import { expect, test } from 'vitest';
import { GAIN, gainToTravel, keyValue, meterShare, PAN, settle, travelToGain } from './slide';

test('a fader’s travel and its gain are each other’s inverse', () => {
  for (let db = GAIN.min; db <= GAIN.max; db += 0.5) expect(travelToGain(gainToTravel(db))).toBeCloseTo(db, 1);
});

test('travel grows with gain', () => {
  for (let db = GAIN.min; db < GAIN.max; db += 0.5) expect(gainToTravel(db + 0.5)).toBeGreaterThan(gainToTravel(db));
});

test('keys turn by a step, with shift finely, and stay in range', () => {
  expect(keyValue(PAN, 0, 'ArrowUp', false)).toBe(5);
  expect(keyValue(PAN, 0, 'ArrowDown', true)).toBe(-1);
  expect(keyValue(PAN, 99, 'ArrowRight', false)).toBe(100);
  expect(keyValue(PAN, 40, 'Delete', false)).toBe(0);
  expect(keyValue(PAN, 40, 'a', false)).toBeNull();
});

test('values settle on the fine step', () => {
  expect(settle(GAIN, -3.14159)).toBe(-3.1);
});

test('a meter shows unity where the fader has it', () => {
  expect(meterShare(1)).toBeCloseTo(gainToTravel(0), 6);
  expect(meterShare(0)).toBe(0);
});
