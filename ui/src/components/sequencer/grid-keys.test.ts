import { expect, test } from 'vitest';
import { gridKey } from './grid-keys';

function press(key: string, modifiers: { ctrlKey?: boolean; altKey?: boolean; shiftKey?: boolean } = {}, step = 5, pianoOn = false) {
  return gridKey({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers }, step, 32, pianoOn);
}

test('arrows move within the pattern', () => {
  expect(press('ArrowRight')).toEqual({ act: 'step', step: 6 });
  expect(press('ArrowRight', {}, 31)).toEqual({ act: 'step', step: 31 });
  expect(press('ArrowRight', { ctrlKey: true })).toEqual({ act: 'step', step: 21 });
  expect(press('Home')).toEqual({ act: 'step', step: 0 });
  expect(press('ArrowDown')).toEqual({ act: 'track', by: 1 });
});

test('Enter and X toggle, Space is left to play', () => {
  expect(press('Enter')).toEqual({ act: 'toggle' });
  expect(press('x')).toEqual({ act: 'toggle' });
  expect(press(' ')).toBeNull();
});

test('while the piano is on, X belongs to it', () => {
  expect(press('x', {}, 5, true)).toBeNull();
});

test('Alt and Ctrl leave keys to the window', () => {
  expect(press('ArrowUp', { altKey: true })).toBeNull();
  expect(press('Enter', { ctrlKey: true })).toBeNull();
});

test('Shift extends the selection', () => {
  expect(press('ArrowRight', { shiftKey: true })).toEqual({ act: 'extend', step: 6 });
  expect(press('ArrowLeft', { shiftKey: true, ctrlKey: true }, 20)).toEqual({ act: 'extend', step: 4 });
});
