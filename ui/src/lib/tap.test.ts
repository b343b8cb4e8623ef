import { expect, test } from 'vitest';
import { clampTempo, NO_TAPS, parseTempo, tap, tappedTempo } from './tap';

function taps(...times: number[]) {
  return times.reduce(tap, NO_TAPS);
}

test('even taps give their tempo from the third one on', () => {
  expect(tappedTempo(taps(0, 500))).toBeNull();
  expect(tappedTempo(taps(0, 500, 1000))).toBe(120);
});

test('one late finger does not change the tempo', () => {
  expect(tappedTempo(taps(0, 500, 1000, 1620, 2000, 2500))).toBe(120);
});

test('a pause starts over', () => {
  expect(tappedTempo(taps(0, 500, 1000, 9000))).toBeNull();
});

test('a typed tempo is read with comma or point and kept between 20 and 999', () => {
  expect(parseTempo('93,25')).toBe(93.25);
  expect(parseTempo(' 120 bpm')).toBe(120);
  expect(parseTempo('5')).toBe(20);
  expect(parseTempo('5000')).toBe(999);
  expect(parseTempo('fast')).toBeNull();
  expect(clampTempo(120.004)).toBe(120);
});
