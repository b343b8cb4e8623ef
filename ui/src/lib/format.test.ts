import { expect, test } from 'vitest';
import { ago, barBeat, bytes, decibels, duration, explained, measured, sentence, span, milliseconds, noteName, pan, semitones, shortId, stepLength, tempo, waitingText } from './format';

test('numbers read as musicians write them', () => {
  expect(decibels(-60)).toBe('silent');
  expect(decibels(1.5)).toBe('+1.5 dB');
  expect(decibels(-0.01)).toBe('0.0 dB');
  expect(pan(0)).toBe('centre');
  expect(pan(-30)).toBe('L 30');
  expect(tempo(93.5)).toBe('93.5');
  expect(noteName(60)).toBe('C4');
  expect(noteName(61)).toBe('C♯4');
  expect(semitones(-12)).toBe('-12 semitones');
  expect(semitones(1)).toBe('+1 semitone');
  expect(stepLength(24)).toBe('1.5 steps');
});

test('messages of the peer become sentences', () => {
  expect(sentence('this machine has no audio output')).toBe('This machine has no audio output.');
  expect(sentence('Already one.')).toBe('Already one.');
  expect(sentence('')).toBe('');
  expect(explained({ message: 'the disk is full', nextStep: 'make room' })).toBe('The disk is full. Make room.');
  expect(span(600)).toBe('10 minutes');
  expect(span(3600)).toBe('1 hour');
  expect(span(86_400)).toBe('24 hours');
});

test('a position counts bars, beats and sixteenths from one', () => {
  expect(barBeat(0)).toEqual({ bar: 1, beat: 1, sixteenth: 1 });
  expect(barBeat(21.7)).toEqual({ bar: 2, beat: 2, sixteenth: 2 });
});

test('edits that wait are counted, and their bar from one', () => {
  expect(waitingText({ edits: 1, bar: 8 })).toBe('1 edit waits for bar 9');
  expect(waitingText({ edits: 2, bar: 0 })).toBe('2 edits wait for bar 1');
});

test('times and sizes keep the digits that carry meaning', () => {
  expect(duration(67.4)).toBe('1:07');
  expect(milliseconds(0.042)).toBe('0.04 ms');
  expect(milliseconds(12.34)).toBe('12 ms');
  expect([0.0042, 0.0994, 0.0996, 0.31, 12.3].map(measured)).toEqual(['4 µs', '99 µs', '0.10 ms', '0.31 ms', '12 ms']);
  expect(bytes(24_300)).toBe('24 KiB');
  expect(ago(0, 59_000)).toBe('just now');
  expect(ago(0, 7_200_000)).toBe('2 h ago');
  expect(shortId('a'.repeat(64))).toBe('aaaaaa…aaaa');
});
