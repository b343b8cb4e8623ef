// Scenes, the chain, and what all share of how it is played. Each is one edit.
import type { SceneView } from '../backend/generated/api';
import type { Studio } from './studio.svelte';

export const SCENES_MAX = 64;
export const LINKS_MAX = 256;
export const BARS_MAX = 256;

export function launchScene(studio: Studio, scene: string): void {
  if (!studio.song.editable) return;
  studio.arrangement.followAll();
  void studio.song.edit({ type: 'launchScene', scene });
}

/** The scene before or after the one that plays; the first one where none does. */
export function launchNeighbour(studio: Studio, by: -1 | 1): void {
  const { scenes } = studio.song;
  const at = scenes.findIndex((scene) => studio.arrangement.standing(scene) !== 'other');
  const next = scenes[at < 0 ? 0 : Math.min(scenes.length - 1, Math.max(0, at + by))];
  if (next) launchScene(studio, next.id);
}

/** A scene of what was launched last on every track. */
export async function addScene(studio: Studio): Promise<void> {
  if (!studio.song.editable || studio.song.scenes.length >= SCENES_MAX) return;
  await studio.song.edit({ type: 'addScene', name: null, index: null });
}

export function removeScene(studio: Studio, scene: SceneView): void {
  void studio.song.edit({ type: 'removeScene', scene: scene.id });
}

export function moveScene(studio: Studio, scene: SceneView, by: -1 | 1): void {
  const index = studio.song.scenes.indexOf(scene) + by;
  if (index >= 0 && index < studio.song.scenes.length) void studio.song.edit({ type: 'moveScene', scene: scene.id, index });
}

export async function addLink(studio: Studio, scene: string, bars = 4): Promise<void> {
  if (studio.song.editable && studio.song.chain.length < LINKS_MAX) await studio.song.edit({ type: 'addLink', scene, bars, index: null });
}

export function setLinkBars(studio: Studio, link: string, bars: number): void {
  const held = Math.min(BARS_MAX, Math.max(1, Math.round(bars)));
  if (Number.isFinite(held)) void studio.song.edit({ type: 'setLink', link, scene: null, bars: held });
}

export function moveLink(studio: Studio, link: string, by: -1 | 1): void {
  const index = studio.song.chain.findIndex((one) => one.id === link) + by;
  if (index >= 0 && index < studio.song.chain.length) void studio.song.edit({ type: 'moveLink', link, index });
}

/** Steps that ask for a fill sound while it is on. */
export function toggleFill(studio: Studio): void {
  if (studio.song.editable) void studio.song.edit({ type: 'setFill', on: !studio.song.fill.to });
}

export function setMode(studio: Studio, mode: 'live' | 'chain'): void {
  if (studio.song.editable && studio.song.mode.to !== mode) void studio.song.edit({ type: 'setPlayMode', mode });
}

export function reroll(studio: Studio): void {
  if (studio.song.editable) void studio.song.edit({ type: 'reroll' });
}
