import { expect, test } from 'vitest';
import { euclid } from './euclid';

const text = (...args: Parameters<typeof euclid>) => euclid(...args).map((on) => (on ? 'x' : '-')).join('');

test('as many hits as asked for, wherever they fall', () => {
  for (let length = 1; length <= 24; length++) {
    for (let hits = 0; hits <= length; hits++) expect(euclid(length, hits, 3).filter(Boolean)).toHaveLength(hits);
  }
});

test('known rhythms', () => {
  expect(text(8, 3, 0)).toBe('x--x--x-');
  expect(text(16, 4, 0)).toBe('x---x---x---x---');
});

test('a rotation moves hits to the right and round', () => {
  expect(text(8, 3, 1)).toBe('-x--x--x');
  expect(text(8, 3, -1)).toBe(text(8, 3, 7));
});
