// What the engine says up to 60 times a second. A plain object, read once per frame by what is drawn:
// reactive stores would re-evaluate the page for every meter.
import type { Telemetry } from '../backend/generated/api';
import { FOUR_FOUR } from '../lib/meter';

const SILENT: Telemetry = {
  playing: false,
  positionSteps: 0,
  stepsPerSecond: 0,
  bar: 0,
  barStartSteps: 0,
  meter: FOUR_FOUR,
  countIn: 0,
  tracks: [],
  masterPeak: [0, 0],
  limiterDb: 0,
  xruns: 0,
  load: 0,
};

/** A message older than this is no ground to run on: the peer or the connection stands still. */
const RUN_ON_MS_MAX = 500;
/** How fast a meter falls: 24 dB a second, as peak meters do. */
const FALL_PER_MS = Math.pow(10, -24 / 20 / 1000);

export class TelemetryFeed {
  latest: Telemetry = SILENT;
  #receivedMs = 0;
  #tracks: number[] = [];
  #master: [number, number] = [0, 0];

  receive(telemetry: Telemetry, nowMs: number): void {
    const fall = FALL_PER_MS ** Math.max(0, nowMs - this.#receivedMs);
    // An output asks for blocks more seldom than messages come: one without meters says nothing new, it is no silence.
    const peaks = telemetry.tracks.length > 0 ? telemetry.tracks.map((meter) => meter.peak) : this.#tracks.map(() => 0);
    this.#tracks = peaks.map((peak, i) => Math.max(peak, (this.#tracks[i] ?? 0) * fall));
    this.#master = [
      Math.max(telemetry.masterPeak[0], this.#master[0] * fall),
      Math.max(telemetry.masterPeak[1], this.#master[1] * fall),
    ];
    this.latest = telemetry;
    this.#receivedMs = nowMs;
  }

  /** The position that sounds now, in steps: the last message run on at its tempo. */
  position(nowMs: number): number {
    const { playing, positionSteps, stepsPerSecond } = this.latest;
    if (!playing) return positionSteps;
    const elapsed = Math.min(RUN_ON_MS_MAX, Math.max(0, nowMs - this.#receivedMs));
    return positionSteps + (elapsed / 1000) * stepsPerSecond;
  }

  get playing(): boolean {
    return this.latest.playing;
  }

  /** The falling peak of a track, linear. */
  trackLevel(index: number, nowMs: number): number {
    return (this.#tracks[index] ?? 0) * this.#fallen(nowMs);
  }

  masterLevel(channel: 0 | 1, nowMs: number): number {
    return this.#master[channel] * this.#fallen(nowMs);
  }

  #fallen(nowMs: number): number {
    return FALL_PER_MS ** Math.max(0, nowMs - this.#receivedMs);
  }
}
