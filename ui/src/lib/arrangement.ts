// Which pattern of a track plays where: the same laws as the engine's, so that what is lit is what is heard.
//
// Live, a track plays what was launched last, counted from the start of the run. In the chain every link is a scene
// for some bars, over and over; a track that the scene does not name goes on with its own.
import { loopStep, soundingStep } from './steps';

export const STEPS_PER_BAR = 16;

/** A value that may be about to change, at a step of the run that plays. */
export interface Turning<T> {
  readonly to: T;
  readonly from: T;
  /** Absent: `to` holds already. */
  readonly atSteps: number | null;
}

export function settled<T>(to: T): Turning<T> {
  return { to, from: to, atSteps: null };
}

/** What holds at a position. */
export function turnedAt<T>(turning: Turning<T>, positionSteps: number): T {
  return turning.atSteps !== null && positionSteps < turning.atSteps ? turning.from : turning.to;
}

/** Is the change still to come? */
export function isPending<T>(turning: Turning<T>, positionSteps: number): boolean {
  return turning.atSteps !== null && positionSteps < turning.atSteps && turning.from !== turning.to;
}

export interface ChainLink {
  readonly scene: string;
  readonly bars: number;
}

/** The link of the chain at a position, and where this time round it began. Absent for an empty chain. */
export function linkAt(chain: readonly ChainLink[], positionSteps: number, barSteps = STEPS_PER_BAR): { index: number; originSteps: number; bar: number } | null {
  const total = chain.reduce((bars, link) => bars + link.bars, 0) * barSteps;
  if (total <= 0) return null;
  const round = Math.floor(positionSteps / total) * total;
  let origin = round;
  for (const [index, link] of chain.entries()) {
    const end = origin + link.bars * barSteps;
    if (positionSteps < end) return { index, originSteps: origin, bar: Math.floor((positionSteps - origin) / barSteps) };
    origin = end;
  }
  return null;
}

/** A multiplier as it is written, `3/4`, as a number. */
export function speedRatio(speed: string): number {
  const [above, below] = speed.split('/').map(Number);
  const ratio = (above ?? 1) / (below ?? 1);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : 1;
}

/** `½×` for `1/2`. */
export function speedText(speed: string): string {
  const signs: Record<string, string> = { '1/8': '⅛', '1/4': '¼', '1/2': '½', '3/4': '¾', '3/2': '1½' };
  return `${signs[speed] ?? speed}×`;
}

/** The step of a pattern that sounds at a position. */
export function stepOfPattern(positionSteps: number, originSteps: number, pattern: { speed: string; length: number }, swing: number): number {
  const own = (positionSteps - originSteps) * speedRatio(pattern.speed);
  return loopStep(soundingStep(own, swing), pattern.length);
}

/** `A` to `Z`, then `AA`: how patterns are called by their place. */
export function letterOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : letterOf(Math.floor(index / 26) - 1) + letter;
}

/** Which of `count` slots fit into `room`: the first ones, and always those that must be seen. In order. */
export function slotsInView(count: number, room: number, must: readonly number[]): number[] {
  const kept = new Set(must.filter((index) => index >= 0 && index < count).slice(0, room));
  for (let index = 0; index < count && kept.size < room; index++) kept.add(index);
  return [...kept].sort((a, b) => a - b);
}
