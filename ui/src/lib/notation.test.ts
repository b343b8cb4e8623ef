import { expect, test } from 'vitest';
import { indexOfPlace, placeIn } from './notation';

test('a place is found in the text, and held to it', () => {
  const text = 'x---\nabc\n';
  expect(indexOfPlace(text, 1, 1)).toBe(0);
  expect(indexOfPlace(text, 2, 3)).toBe(7);
  expect(indexOfPlace(text, 2, 99)).toBe(8);
  expect(indexOfPlace(text, 99, 1)).toBe(9);
});

test('a refusal may name its place', () => {
  expect(placeIn('line 2, column 5: a step is written x or -')).toEqual({ line: 2, column: 5 });
  expect(placeIn('the disk is full')).toBeNull();
});
