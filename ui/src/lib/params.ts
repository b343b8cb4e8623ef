// The parameters of a sound as people read and turn them.
import type { Range } from './slide';

/** What of the catalogue's entry of a parameter matters here. */
export interface ParamRange {
  readonly param: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly neutral: number;
}

const CENTS_PER_OCTAVE = 1200;

/** A sign where the value may go either way. */
function figure({ min }: ParamRange, value: number): string {
  return min < 0 && value !== 0 ? `${value > 0 ? '+' : '−'}${Math.abs(value)}` : String(value);
}

function cents(info: ParamRange, value: number): string {
  if (Math.abs(value) >= CENTS_PER_OCTAVE) return `${figure(info, Math.round((value / CENTS_PER_OCTAVE) * 10) / 10)} oct`;
  return value % 100 === 0 ? `${figure(info, value / 100)} st` : `${figure(info, value)} cents`;
}

/** A value in words. */
export function paramText(info: ParamRange, value: number): string {
  if (info.param === 'pan') return value === 0 ? 'centre' : value < 0 ? `L ${-value}` : `R ${value}`;
  switch (info.unit) {
    case 'dB/100':
      return `${figure(info, Math.round(value / 10) / 10)} dB`;
    case 'cents':
      return cents(info, value);
    case '‰':
      return `${figure(info, value / 10)} %`;
    default:
      return `${figure(info, value)} ${info.unit}`;
  }
}

/** How a knob turns it: sixty steps over the whole range, in round figures, and a tenth of them where it is fine. */
export function paramSlide({ min, max, neutral }: ParamRange): Range {
  const rough = (max - min) / 60;
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = Math.max(1, Math.round(rough / decade) * decade);
  return { min, max, step, fine: Math.max(1, Math.round(step / 10)), reset: neutral };
}
