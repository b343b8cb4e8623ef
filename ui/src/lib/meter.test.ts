import { describe, expect, it } from 'vitest';
import { FOUR_FOUR, meterText, parseMeter, placeIn, stepsPerBar } from './meter';

describe('meters', () => {
  it('are written as they are read, and nothing else is one', () => {
    for (const text of ['3/4', '7/8', '16/16', '1/2']) expect(meterText(parseMeter(text) ?? FOUR_FOUR)).toBe(text);
    for (const text of ['', '5/3', '0/4', '17/4', '4', '/4', '4/', '-3/4', 'NaN/4']) expect(parseMeter(text)).toBeNull();
  });

  it('give bars their steps', () => {
    expect([stepsPerBar(FOUR_FOUR), stepsPerBar({ beats: 7, unit: 8 }), stepsPerBar({ beats: 5, unit: 16 })]).toEqual([16, 14, 5]);
  });

  it('count bars and beats from the bar that is known, forwards and back', () => {
    const bar = { bar: 2, barStartSteps: 32, meter: { beats: 3, unit: 4 } };
    expect(placeIn(bar, 32)).toEqual({ bar: 3, beat: 1, sixteenth: 1 });
    expect(placeIn(bar, 41)).toEqual({ bar: 3, beat: 3, sixteenth: 2 });
    expect(placeIn(bar, 44)).toEqual({ bar: 4, beat: 1, sixteenth: 1 });
    expect(placeIn(bar, 31)).toEqual({ bar: 2, beat: 3, sixteenth: 4 });
    expect(placeIn({ bar: 0, barStartSteps: 0, meter: { beats: 5, unit: 16 } }, 7)).toEqual({ bar: 2, beat: 3, sixteenth: 1 });
  });
});
