// Where steps lie. All tracks share one pitch, so that a sixteenth is a column whatever a track's length is.
import { getContext, setContext } from 'svelte';
import { STEPS_PER_PAGE } from '../../lib/steps';

/** Never smaller than a fingertip: 24 px of cell and the gap. */
const PITCH_MIN = 27;
const PITCH_MAX = 54;
export const CELL_GAP = 3;
export const PAGE_GAP = 8;
const EDGE = 12;
/** As many pages as should fit without scrolling. */
const PAGES_IN_VIEW = 2;

export class Geometry {
  /** Room for steps, beside the track controls. */
  available = $state(720);
  longest = $state(16);

  pitch = $derived.by(() => {
    const pages = Math.min(PAGES_IN_VIEW, Math.ceil(this.longest / STEPS_PER_PAGE));
    const fitting = (count: number) => Math.floor((this.available - EDGE * 2 - (count - 1) * PAGE_GAP) / (count * STEPS_PER_PAGE));
    // Two pages side by side where they fit; else one, as large as it may be, and the rest by scrolling.
    const pitch = fitting(pages) >= PITCH_MIN ? fitting(pages) : fitting(1);
    return Math.min(PITCH_MAX, Math.max(PITCH_MIN, pitch));
  });
  cell = $derived(this.pitch - CELL_GAP);

  /** The left edge of a step. */
  x(step: number): number {
    return step * this.pitch + Math.floor(step / STEPS_PER_PAGE) * PAGE_GAP;
  }

  /** How wide a pattern of `length` steps is. */
  width(length: number): number {
    return this.x(length - 1) + this.pitch;
  }

  /** The step under a distance from the left edge. */
  stepAt(x: number): number {
    const page = STEPS_PER_PAGE * this.pitch + PAGE_GAP;
    const pages = Math.max(0, Math.floor(x / page));
    const within = Math.min(STEPS_PER_PAGE - 1, Math.max(0, Math.floor((x - pages * page) / this.pitch)));
    return pages * STEPS_PER_PAGE + within;
  }
}

const KEY = Symbol('geometry');

export function provideGeometry(geometry: Geometry): Geometry {
  return setContext(KEY, geometry);
}

export function useGeometry(): Geometry {
  return getContext<Geometry>(KEY);
}
