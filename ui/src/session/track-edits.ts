// Acts on one track: the selected one where none is named. Each is one edit, so each is one undo.
import type { TrackView } from '../backend/generated/api';
import type { Studio } from './studio.svelte';

function allowed(studio: Studio, track: TrackView | undefined): track is TrackView {
  return track !== undefined && studio.song.editable;
}

export function toggleMute(studio: Studio, track = studio.selection.track): void {
  if (allowed(studio, track)) void studio.song.edit({ type: 'setStrip', track: track.id, mute: !track.mute, solo: null, gainDb: null, pan: null });
}

export function toggleSolo(studio: Studio, track = studio.selection.track): void {
  if (allowed(studio, track)) void studio.song.edit({ type: 'setStrip', track: track.id, solo: !track.solo, mute: null, gainDb: null, pan: null });
}

export function removeTrack(studio: Studio, track = studio.selection.track): void {
  if (allowed(studio, track)) void studio.song.edit({ type: 'removeTrack', track: track.id });
}

/** One place up or down. */
export function moveTrack(studio: Studio, by: -1 | 1, track = studio.selection.track): void {
  if (!allowed(studio, track)) return;
  const index = studio.song.indexOf(track.id) + by;
  if (index >= 0 && index < studio.song.tracks.length) void studio.song.edit({ type: 'moveTrack', track: track.id, index });
}

/** Adds a track at the end and goes to it. */
export async function addTrack(studio: Studio, sound: string): Promise<void> {
  const edited = await studio.song.edit({ type: 'addTrack', sound, name: null, index: null });
  if (edited?.track) studio.selection.select(edited.track, 0);
}
