import { expect, test } from 'vitest';
import { isPending, letterOf, linkAt, settled, slotsInView, speedRatio, stepOfPattern, turnedAt } from './arrangement';

test('a launch holds from its bar on, and is pending until then', () => {
  const launch = { from: 'a', to: 'b', atSteps: 32 };
  expect(turnedAt(launch, 31.99)).toBe('a');
  expect(turnedAt(launch, 32)).toBe('b');
  expect(isPending(launch, 31)).toBe(true);
  expect(isPending(launch, 32)).toBe(false);
  expect(isPending(settled('b'), 0)).toBe(false);
});

test('the chain goes round, and every link knows where it began this time', () => {
  const chain = [
    { scene: 'verse', bars: 2 },
    { scene: 'chorus', bars: 1 },
  ];
  expect(linkAt(chain, 0)).toEqual({ index: 0, originSteps: 0, bar: 0 });
  expect(linkAt(chain, 31.9)).toEqual({ index: 0, originSteps: 0, bar: 1 });
  expect(linkAt(chain, 32)).toEqual({ index: 1, originSteps: 32, bar: 0 });
  expect(linkAt(chain, 48 * 5 + 33)).toEqual({ index: 1, originSteps: 48 * 5 + 32, bar: 0 });
  expect(linkAt([], 5)).toBeNull();
});

test('a pattern at three quarters of the speed comes round after four thirds of its length', () => {
  const pattern = { speed: '3/4', length: 12 };
  expect(speedRatio('3/4')).toBe(0.75);
  expect(stepOfPattern(0, 0, pattern, 0)).toBe(0);
  expect(stepOfPattern(15.9, 0, pattern, 0)).toBe(11);
  expect(stepOfPattern(16, 0, pattern, 0)).toBe(0);
  expect(stepOfPattern(34, 32, pattern, 0)).toBe(1);
});

test('a speed that is none is the plain one', () => {
  expect(speedRatio('')).toBe(1);
  expect(speedRatio('x/0')).toBe(1);
});

test('patterns are called by letters', () => {
  expect([0, 25, 26, 127].map(letterOf)).toEqual(['A', 'Z', 'AA', 'DX']);
});

test('slots that must be seen take the place of the last ones', () => {
  expect(slotsInView(3, 4, [])).toEqual([0, 1, 2]);
  expect(slotsInView(9, 4, [7])).toEqual([0, 1, 2, 7]);
  expect(slotsInView(9, 4, [7, 5])).toEqual([0, 1, 5, 7]);
  expect(slotsInView(9, 4, [-1, 12])).toEqual([0, 1, 2, 3]);
});
