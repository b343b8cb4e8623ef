import { expect, test } from 'vitest';
import { demoSong } from '../backend/fake/song';
import { changedTracks } from './song.svelte';

const NOTHING = { name: null, bpm: null, swing: null, masterDb: null, tracks: [], order: null };
const { tracks } = demoSong();
const [kick, snare, hats] = tracks;

test('a changed track replaces its older self and the others stay the same objects', () => {
  if (!kick || !snare) throw new Error('the demo has tracks');
  const next = changedTracks(tracks, { ...NOTHING, tracks: [{ ...snare, name: 'Crack' }] });
  expect(next[0]).toBe(kick);
  expect(next[1]?.name).toBe('Crack');
});

test('the order decides who is there and where', () => {
  const order = [hats, kick].map((track) => track?.id ?? '');
  expect(changedTracks(tracks, { ...NOTHING, order }).map((track) => track.id)).toEqual(order);
});

test('an unknown id in the order is passed over', () => {
  expect(changedTracks(tracks, { ...NOTHING, order: ['nobody', kick?.id ?? ''] })).toHaveLength(1);
});

test('no change keeps the list itself', () => {
  expect(changedTracks(tracks, NOTHING)).toBe(tracks);
});
