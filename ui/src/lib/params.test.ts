import { expect, test } from 'vitest';
import { CATALOGUE } from '../backend/fake/catalogue';
import { paramSlide, paramText } from './params';

function info(param: string) {
  const found = CATALOGUE.params.find((one) => one.param === param);
  if (!found) throw new Error(`no parameter is called ${param}`);
  return found;
}
const said = (param: string, value: number) => paramText(info(param), value);

test('parameters are read in their own units', () => {
  expect(said('level', -350)).toBe('−3.5 dB');
  expect(said('tune', 700)).toBe('+7 st');
  expect(said('tune', 15)).toBe('+15 cents');
  expect(said('cutoff', -2400)).toBe('−2 oct');
  expect(said('cutoff', 0)).toBe('0 st');
  expect(said('decay', 100)).toBe('100 %');
  expect(said('start', 255)).toBe('25.5 %');
  expect(said('pan', -30)).toBe('L 30');
  expect(paramText({ param: 'new', unit: 'Hz', min: 0, max: 9, neutral: 0 }, 3)).toBe('3 Hz');
});

test('a knob turns a wide range in round steps and a narrow one by units', () => {
  expect(paramSlide(info('cutoff'))).toMatchObject({ min: -9600, max: 4800, step: 200, fine: 20, reset: 0 });
  expect(paramSlide(info('drive'))).toMatchObject({ step: 2, fine: 1 });
});
