import { expect, test } from 'vitest';
import { contrast, distance, VISIONS } from './colour-vision';
import { PALETTE, paletteColour } from './palette';

const SURFACE = '#19171d';

test('every colour stands out from the surface by 4.5 to 1', () => {
  for (const colour of PALETTE) expect(contrast(colour.hex, SURFACE), colour.name).toBeGreaterThan(4.4);
});

test('any two colours differ for every kind of colour vision', () => {
  for (const [vision, matrix] of Object.entries(VISIONS)) {
    for (const [i, a] of PALETTE.entries()) {
      for (const b of PALETTE.slice(i + 1)) {
        expect(distance(a.hex, b.hex, matrix), `${a.name} and ${b.name} with ${vision}`).toBeGreaterThan(0.085);
      }
    }
  }
});

test('an index outside the palette wraps', () => {
  expect(paletteColour(12)).toBe(PALETTE[0]);
  expect(paletteColour(-1)).toBe(PALETTE[11]);
});
