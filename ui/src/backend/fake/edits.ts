// What edits do to the fake peer's song.
import type { EditCommand, PatternView, SceneView, SongView, TrackView } from '../generated/api';
import { emptySteps, freshId, makePattern, makeTrack, SOUNDS } from './demo';
import { readPattern } from './notation';
import { editPattern } from './patterns';

type TrackEdit = Extract<EditCommand, { track: string }>;

/** The pattern an edit is for: the one it names, else the one that was launched. */
function ofTrack(track: TrackView, pattern: string | null | undefined): PatternView | undefined {
  return track.patterns.find((one) => one.id === (pattern ?? track.pattern));
}

/** What one edit does to its track. */
export function editTrack(track: TrackView, edit: TrackEdit): TrackView {
  switch (edit.type) {
    case 'renameTrack':
      return { ...track, name: edit.name };
    case 'setTrackColour':
      return { ...track, colour: edit.colour };
    case 'setSound': {
      const info = SOUNDS.find((one) => one.sound === edit.sound);
      return { ...track, sound: edit.sound, soundLabel: info?.label ?? 'Sample', melodic: info?.melodic ?? false };
    }
    case 'setStrip':
      return { ...track, gainDb: edit.gainDb ?? track.gainDb, pan: edit.pan ?? track.pan, mute: edit.mute ?? track.mute, solo: edit.solo ?? track.solo };
    case 'setTrackSwing':
      return { ...track, swing: edit.percent };
    case 'setTrackGroove':
      return { ...track, groove: edit.groove };
    case 'setTrigger':
      return { ...track, trigger: edit.trigger };
    case 'setChoke':
      return { ...track, choke: edit.group };
    case 'setParam': {
      const others = track.params.filter((one) => one.param !== edit.param);
      return { ...track, params: edit.value === null ? others : [...others, { param: edit.param, value: edit.value }] };
    }
    case 'removePattern': {
      const patterns = track.patterns.filter((one) => one.id !== edit.pattern);
      return { ...track, patterns, pattern: track.pattern === edit.pattern ? (patterns[0]?.id ?? '') : track.pattern };
    }
    default: {
      const changed = 'pattern' in edit ? ofTrack(track, edit.pattern) : undefined;
      if (!changed || !('pattern' in edit)) return track;
      return { ...track, patterns: track.patterns.map((one) => (one === changed ? editPattern(one, edit) : one)) };
    }
  }
}

export interface Done {
  song: SongView;
  track?: string;
  pattern?: string;
  scene?: string;
  link?: string;
}

function inOrder<T extends { id: string }>(all: readonly T[], id: string, index: number): T[] {
  const others = all.filter((one) => one.id !== id);
  const moved = all.find((one) => one.id === id);
  if (moved) others.splice(index, 0, moved);
  return others;
}

function inserted<T>(all: readonly T[], index: number | null | undefined, one: T): T[] {
  const next = [...all];
  next.splice(index ?? next.length, 0, one);
  return next;
}

function withTrack(song: SongView, id: string, change: (track: TrackView) => TrackView): SongView {
  return { ...song, tracks: song.tracks.map((track) => (track.id === id ? change(track) : track)) };
}

function withScene(song: SongView, id: string, change: (scene: SceneView) => SceneView): SongView {
  return { ...song, scenes: song.scenes.map((scene) => (scene.id === id ? change(scene) : scene)) };
}

/** The fake launches at `atSteps`, or at once where nothing plays. */
function launched(song: SongView, slots: readonly { track: string; pattern: string }[], atSteps: number | null): SongView {
  return slots.reduce(
    (all, { track, pattern }) => withTrack(all, track, (one) => ({ ...one, pattern, pending: atSteps === null || one.pattern === pattern ? null : { from: one.pattern, atSteps } })),
    song,
  );
}

function editTracks(song: SongView, edit: EditCommand): Done | null {
  switch (edit.type) {
    case 'addTrack': {
      const track = makeTrack(edit.sound, edit.name, song.tracks.length % 12, [makePattern('A', emptySteps(16))]);
      return { song: { ...song, tracks: inserted(song.tracks, edit.index, track) }, track: track.id };
    }
    case 'pasteTrack': {
      const sound = /sound=(\S+)/.exec(edit.text)?.[1] ?? 'drum:kick';
      const name = /track "([^"]*)"/.exec(edit.text)?.[1] ?? null;
      const track = makeTrack(sound, name, song.tracks.length % 12, [readPattern(edit.text, makePattern('A', emptySteps(16)))]);
      return { song: { ...song, tracks: inserted(song.tracks, edit.index, track) }, track: track.id };
    }
    case 'removeTrack':
      return { song: { ...song, tracks: song.tracks.filter((track) => track.id !== edit.track) } };
    case 'moveTrack':
      return { song: { ...song, tracks: inOrder(song.tracks, edit.track, edit.index) } };
    case 'addPattern': {
      const like = song.tracks.find((track) => track.id === edit.track);
      const from = like && edit.like ? ofTrack(like, edit.like) : undefined;
      const made = from ? { ...from, id: freshId(), name: edit.name ?? from.name } : makePattern(edit.name ?? 'Pattern', emptySteps(16));
      return { song: withTrack(song, edit.track, (track) => ({ ...track, patterns: [...track.patterns, made] })), pattern: made.id };
    }
    case 'copyPattern': {
      const source = song.tracks.find((track) => track.id === edit.fromTrack);
      const content = source && ofTrack(source, edit.fromPattern);
      if (!content) return { song };
      return { song: withTrack(song, edit.toTrack, (track) => {
        const target = ofTrack(track, edit.toPattern);
        return { ...track, patterns: track.patterns.map((one) => (one === target ? { ...content, id: one.id, name: one.name } : one)) };
      }) };
    }
    default:
      return null;
  }
}

function editScenes(song: SongView, edit: EditCommand): Done | null {
  switch (edit.type) {
    case 'addScene': {
      const scene = { id: freshId(), name: edit.name ?? `Scene ${song.scenes.length + 1}`, slots: song.tracks.map((track) => ({ track: track.id, pattern: track.pattern })) };
      return { song: { ...song, scenes: inserted(song.scenes, edit.index, scene) }, scene: scene.id };
    }
    case 'removeScene':
      return { song: { ...song, scenes: song.scenes.filter((scene) => scene.id !== edit.scene), chain: song.chain.filter((link) => link.scene !== edit.scene) } };
    case 'renameScene':
      return { song: withScene(song, edit.scene, (scene) => ({ ...scene, name: edit.name })) };
    case 'moveScene':
      return { song: { ...song, scenes: inOrder(song.scenes, edit.scene, edit.index) } };
    case 'setSceneSlot':
      return { song: withScene(song, edit.scene, (scene) => {
        const slots = scene.slots.filter((slot) => slot.track !== edit.track);
        return { ...scene, slots: edit.pattern === null ? slots : [...slots, { track: edit.track, pattern: edit.pattern }] };
      }) };
    case 'addLink': {
      const link = { id: freshId(), scene: edit.scene, bars: edit.bars };
      return { song: { ...song, chain: inserted(song.chain, edit.index, link) }, link: link.id };
    }
    case 'setLink':
      return { song: { ...song, chain: song.chain.map((link) => (link.id === edit.link ? { ...link, scene: edit.scene ?? link.scene, bars: edit.bars ?? link.bars } : link)) } };
    case 'moveLink':
      return { song: { ...song, chain: inOrder(song.chain, edit.link, edit.index) } };
    case 'removeLink':
      return { song: { ...song, chain: song.chain.filter((link) => link.id !== edit.link) } };
    default:
      return null;
  }
}

function editOwn(song: SongView, edit: EditCommand, atSteps: number | null): SongView {
  switch (edit.type) {
    case 'renameSession':
      return { ...song, name: edit.name };
    case 'setTempo':
      return { ...song, bpm: edit.bpm };
    case 'setMeter':
      return { ...song, meter: { beats: edit.beats, unit: edit.unit } };
    case 'setQuantum':
      return { ...song, quantum: edit.quantum };
    case 'setEditsAtBar':
      return { ...song, editsAtBar: edit.on };
    case 'setSwing':
      return { ...song, swing: edit.percent };
    case 'setGroove':
      return { ...song, groove: edit.groove };
    case 'setMaster':
      return { ...song, masterDb: edit.db };
    case 'setFill':
      return { ...song, fill: { to: edit.on, from: song.fill.to, atSteps } };
    case 'setPlayMode':
      return { ...song, mode: { to: edit.mode, from: song.mode.to, atSteps } };
    case 'reroll':
      return { ...song, seed: freshId().slice(-16) };
    case 'launch':
      return launched(song, edit.slots, atSteps);
    case 'launchScene':
      return launched(song, song.scenes.find((scene) => scene.id === edit.scene)?.slots ?? [], atSteps);
    default:
      return 'track' in edit ? withTrack(song, edit.track, (track) => editTrack(track, edit as TrackEdit)) : song;
  }
}

/** What one edit does to the song, and what it made. `atSteps` is the next bar of what plays. */
export function editSong(song: SongView, edit: EditCommand, atSteps: number | null): Done {
  return editTracks(song, edit) ?? editScenes(song, edit) ?? { song: editOwn(song, edit, atSteps) };
}

/** What undo calls an edit. */
export function editLabel(edit: EditCommand): string {
  const words = edit.type.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
