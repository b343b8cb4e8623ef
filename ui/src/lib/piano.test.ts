import { expect, test } from 'vitest';
import { keyLetter, midiNote, octaveKey, pianoKey } from './piano';

test('the home row is white, the row above is black', () => {
  expect(['KeyA', 'KeyW', 'KeyS', 'KeyE', 'KeyD', 'KeyF', 'KeyT', 'KeyG', 'KeyY', 'KeyH', 'KeyU', 'KeyJ'].map(pianoKey)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(midiNote(4, 0)).toBe(60);
  expect(keyLetter(6)).toBe('T');
});

test('keys with other duties play nothing', () => {
  expect(pianoKey('KeyK')).toBeNull();
  expect(pianoKey('Space')).toBeNull();
  expect(octaveKey('KeyZ')).toBe(-1);
  expect(octaveKey('KeyX')).toBe(1);
});
