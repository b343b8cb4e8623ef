import { expect, test } from 'vitest';
import { Guess } from './guess.svelte';

test('a guess is shown while the hand turns and until the truth moves on', async () => {
  const guess = new Guess();
  expect(guess.shown(10, 1)).toBe(10);
  guess.turn(12);
  expect(guess.shown(10, 1)).toBe(12);
  await guess.commit(10, 1, Promise.resolve({}));
  expect(guess.shown(10, 1)).toBe(12);
  expect(guess.shown(12, 2)).toBe(12);
});

test('an undo that brings the old value back is shown as the old value', async () => {
  const guess = new Guess();
  guess.turn(12);
  await guess.commit(10, 1, Promise.resolve({}));
  expect(guess.shown(10, 3)).toBe(10);
});

test('a refused edit drops the guess', async () => {
  const guess = new Guess();
  guess.turn(12);
  await guess.commit(10, 1, Promise.resolve(undefined));
  expect(guess.shown(10, 1)).toBe(10);
});

test('a new turn during the answer is kept', async () => {
  const guess = new Guess();
  guess.turn(12);
  const commit = guess.commit(10, 1, Promise.resolve(undefined));
  guess.turn(14);
  await commit;
  expect(guess.shown(10, 1)).toBe(14);
});
