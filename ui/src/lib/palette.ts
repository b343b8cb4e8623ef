// The twelve colours of tracks and people.
//
// They were found by spreading twelve hues apart in OKLab as seen with normal vision, protanopia, deuteranopia
// and tritanopia at once, with every one light enough to stand on the dark surface. Neighbours in the list are
// far apart in hue, since tracks take colours in order. palette.test.ts measures both promises.

export interface PaletteColour {
  readonly name: string;
  readonly hex: string;
}

export const PALETTE: readonly PaletteColour[] = [
  { name: 'Coral', hex: '#e7827b' },
  { name: 'Jade', hex: '#7bdcb1' },
  { name: 'Ochre', hex: '#d9b001' },
  { name: 'Slate', hex: '#70afc1' },
  { name: 'Violet', hex: '#c177ff' },
  { name: 'Vermilion', hex: '#e74c16' },
  { name: 'Ice', hex: '#81fffc' },
  { name: 'Lavender', hex: '#c2c2ff' },
  { name: 'Sun', hex: '#f9d602' },
  { name: 'Steel', hex: '#5a8cba' },
  { name: 'Lime', hex: '#bdfda7' },
  { name: 'Rose', hex: '#c85e7e' },
];

/** The colour at `index`; an index of a newer version wraps instead of failing. */
export function paletteColour(index: number): PaletteColour {
  const wrapped = ((Math.trunc(index) % PALETTE.length) + PALETTE.length) % PALETTE.length;
  return PALETTE[wrapped] ?? { name: 'Coral', hex: '#e7827b' };
}

export function hexOf(index: number): string {
  return paletteColour(index).hex;
}
