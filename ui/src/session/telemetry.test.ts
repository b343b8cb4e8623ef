import { FOUR_FOUR } from '../lib/meter';
import { expect, test } from 'vitest';
import { TelemetryFeed } from './telemetry';

const AT_REST = { bar: 0, barStartSteps: 0, meter: FOUR_FOUR, countIn: 0 };

const message = { playing: true, positionSteps: 8, stepsPerSecond: 8, tracks: [{ peak: 1, rms: 0.5 }], masterPeak: [1, 0.5] as [number, number], limiterDb: 0, xruns: 0, load: 0, ...AT_REST };

test('the position runs on at the tempo between messages', () => {
  const feed = new TelemetryFeed();
  feed.receive(message, 1000);
  expect(feed.position(1125)).toBeCloseTo(9);
});

test('the position stands while stopped, and when messages stay away', () => {
  const feed = new TelemetryFeed();
  feed.receive(message, 1000);
  expect(feed.position(60_000)).toBeCloseTo(12);
  feed.receive({ ...message, playing: false, positionSteps: 3 }, 2000);
  expect(feed.position(9000)).toBe(3);
});

test('a meter falls by 24 dB a second and jumps to a louder peak', () => {
  const feed = new TelemetryFeed();
  feed.receive(message, 0);
  expect(20 * Math.log10(feed.trackLevel(0, 1000))).toBeCloseTo(-24);
  feed.receive({ ...message, tracks: [{ peak: 0.001, rms: 0 }] }, 500);
  expect(20 * Math.log10(feed.trackLevel(0, 500))).toBeCloseTo(-12);
  feed.receive({ ...message, tracks: [{ peak: 0.8, rms: 0 }] }, 600);
  expect(feed.trackLevel(0, 600)).toBeCloseTo(0.8);
});

test('a message between two blocks of the output lets the meters fall, not drop', () => {
  const feed = new TelemetryFeed();
  const told = { playing: true, positionSteps: 0, stepsPerSecond: 8, limiterDb: 0, xruns: 0, load: 0, ...AT_REST };
  feed.receive({ ...told, tracks: [{ peak: 0.5, rms: 0.1 }], masterPeak: [0.5, 0.5] }, 0);
  feed.receive({ ...told, tracks: [], masterPeak: [0, 0] }, 16);
  expect(feed.trackLevel(0, 16)).toBeCloseTo(feed.masterLevel(0, 16), 9);
  expect(feed.trackLevel(0, 16)).toBeGreaterThan(0.45);
});
