// Acts on the pattern that is shown of a track: the selected one where none is named. Each is one edit, so one undo.
import type { PatternView, ReshapeTool, TrackView } from '../backend/generated/api';
import { letterOf } from '../lib/arrangement';
import { PATTERN_STEPS_MAX } from '../lib/steps';
import type { Studio } from './studio.svelte';

export const PATTERNS_MAX = 128;

interface Place {
  readonly track: TrackView;
  readonly pattern: PatternView;
  readonly ids: { track: string; pattern: string };
}

/** The shown pattern of a track, where it may be edited. */
function place(studio: Studio, track = studio.selection.track): Place | null {
  const pattern = track && studio.arrangement.shown(track);
  if (!track || !pattern || !studio.song.editable) return null;
  return { track, pattern, ids: { track: track.id, pattern: pattern.id } };
}

/** `A`, `B`: what a pattern is called by its place, and by its own name where it has one. */
export function patternTitle(track: TrackView, pattern: string): string {
  const index = track.patterns.findIndex((one) => one.id === pattern);
  const letter = letterOf(Math.max(0, index));
  const name = track.patterns[index]?.name ?? '';
  return name === '' || name === letter ? letter : `${letter} ${name}`;
}

export function clearPattern(studio: Studio, track?: TrackView): void {
  const at = place(studio, track);
  if (at) void studio.song.edit({ type: 'clearPattern', ...at.ids });
}

export function setLength(studio: Studio, length: number, track?: TrackView): void {
  const at = place(studio, track);
  const held = Math.min(PATTERN_STEPS_MAX, Math.max(1, Math.round(length)));
  if (at && Number.isFinite(held) && at.pattern.length !== held) void studio.song.edit({ type: 'setPatternLength', ...at.ids, length: held });
}

export function setSpeed(studio: Studio, speed: string, track?: TrackView): void {
  const at = place(studio, track);
  if (at && at.pattern.speed !== speed) void studio.song.edit({ type: 'setSpeed', ...at.ids, speed });
}

export function setHumanise(studio: Studio, percent: number, track?: TrackView): Promise<unknown> {
  const at = place(studio, track);
  return at ? studio.song.edit({ type: 'setHumanise', ...at.ids, percent }) : Promise.resolve(undefined);
}

export function reshape(studio: Studio, tool: ReshapeTool, track?: TrackView): void {
  const at = place(studio, track);
  if (at) void studio.song.edit({ type: 'reshape', ...at.ids, tool });
}

/** Makes what another pattern plays like the shown one; that one may be on another track. */
export function copyPattern(studio: Studio, toTrack: string, toPattern: string): void {
  const at = place(studio);
  if (at) void studio.song.edit({ type: 'copyPattern', fromTrack: at.ids.track, fromPattern: at.ids.pattern, toTrack, toPattern });
}

/** Adds a copy of a pattern (the shown one), and shows it. */
export async function addPattern(studio: Studio, track?: TrackView, like?: string): Promise<void> {
  const at = place(studio, track);
  if (!at || at.track.patterns.length >= PATTERNS_MAX) return;
  const name = letterOf(at.track.patterns.length);
  const edited = await studio.song.edit({ type: 'addPattern', track: at.ids.track, like: like ?? at.ids.pattern, name });
  const now = studio.song.track(at.ids.track);
  if (edited?.pattern && now) studio.arrangement.pick(now, edited.pattern);
}

export function removePattern(studio: Studio, track: TrackView, pattern: string): void {
  if (studio.song.editable && track.patterns.length > 1) void studio.song.edit({ type: 'removePattern', track: track.id, pattern });
}

export function renamePattern(studio: Studio, track: TrackView, pattern: string, name: string): void {
  if (studio.song.editable) void studio.song.edit({ type: 'renamePattern', track: track.id, pattern, name });
}

/** Plays a pattern (the shown one) from the next bar on, for everyone. */
export function launch(studio: Studio, track = studio.selection.track, pattern?: string): void {
  const at = place(studio, track);
  if (at) void studio.song.edit({ type: 'launch', slots: [{ track: at.ids.track, pattern: pattern ?? at.ids.pattern }] });
}

/** Shows the pattern `by` places away. */
export function pickNeighbour(studio: Studio, by: -1 | 1): void {
  const track = studio.selection.track;
  const shown = track && studio.arrangement.shown(track);
  if (!track || !shown) return;
  const index = track.patterns.indexOf(shown);
  const next = track.patterns[Math.min(track.patterns.length - 1, Math.max(0, index + by))];
  if (next) studio.arrangement.pick(track, next.id);
}

/** Shows, or launches, the pattern at a place. */
export function pickNumber(studio: Studio, index: number, andLaunch: boolean): void {
  const track = studio.selection.track;
  const pattern = track?.patterns[index];
  if (!track || !pattern) return;
  if (andLaunch) launch(studio, track, pattern.id);
  else studio.arrangement.pick(track, pattern.id);
}
