import { expect, test } from 'vitest';
import { euclid } from './euclid';

const text = (...args: Parameters<typeof euclid>) => euclid(...args).map((on) => (on ? 'x' : '-')).join('');

test('as many hits as asked for, wherever they fall', () => {
  for (let length = 1; length <= 24; length++) {
    for (let hits = 0; hits <= length; hits++) expect(euclid(length, hits, 3).filter(Boolean)).toHaveLength(hits);
  }
});

test('known rhythms come out as they are known', () => {
  const known: [number, number, string][] = [
    [8, 3, 'x--x--x-'],
    [8, 5, 'x-xx-xx-'],
    [5, 2, 'x-x--'],
    [12, 5, 'x--x-x--x-x-'],
    [16, 4, 'x---x---x---x---'],
    [16, 5, 'x--x--x--x--x---'],
    [16, 9, 'x-xx-x-x-xx-x-x-'],
    [4, 0, '----'],
    [4, 4, 'xxxx'],
    [3, 1, 'x--'],
  ];
  for (const [length, hits, rhythm] of known) expect(text(length, hits, 0)).toBe(rhythm);
});

test('a rotation moves hits to the right and round', () => {
  expect(text(8, 3, 1)).toBe('-x--x--x');
  expect(text(8, 3, -1)).toBe(text(8, 3, 7));
});
