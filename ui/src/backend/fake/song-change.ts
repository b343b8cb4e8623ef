// What a peer tells of a song that has changed.
import type { SongChange, SongView } from '../generated/api';

export const NO_CHANGE: SongChange = { name: null, bpm: null, meter: null, quantum: null, editsAtBar: null, swing: null, masterDb: null, groove: null, fill: null, mode: null, scenes: null, chain: null, seed: null, tracks: [], patterns: [], order: null };

/** What differs from `before`. */
export function songChange(before: SongView, song: SongView): SongChange {
  const { tracks, name, bpm, meter, quantum, editsAtBar, swing, groove, masterDb, fill, mode, scenes, chain, seed } = song;
  const changed = tracks.filter((track) => !before.tracks.includes(track));
  const order = tracks.map((track) => track.id);
  const moved = order.length !== before.tracks.length || order.some((id, i) => before.tracks[i]?.id !== id);
  return { name, bpm, meter, quantum, editsAtBar, swing, groove, masterDb, fill, mode, scenes, chain, seed, tracks: changed, patterns: [], order: moved ? order : null };
}
