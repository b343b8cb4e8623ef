// The fake peer's song: a demo beat, and what edits do to it.
import type { EditCommand, SongView, SoundInfo, StepView, TrackView } from '../generated/api';

const sound = (key: string, label: string, group: string): SoundInfo => ({ sound: key, label, group, melodic: group === 'Synth' });

export const SOUNDS: SoundInfo[] = [
  sound('drum:kick', 'Kick', 'Drums'),
  sound('drum:snare', 'Snare', 'Drums'),
  sound('drum:clap', 'Clap', 'Drums'),
  sound('drum:closed-hat', 'Closed hat', 'Drums'),
  sound('drum:open-hat', 'Open hat', 'Drums'),
  sound('drum:tom', 'Tom', 'Drums'),
  sound('drum:rim', 'Rim', 'Drums'),
  sound('drum:cowbell', 'Cowbell', 'Drums'),
  sound('synth:bass', 'Bass', 'Synth'),
  sound('synth:lead', 'Lead', 'Synth'),
  sound('synth:pad', 'Pad', 'Synth'),
  sound('synth:pluck', 'Pluck', 'Synth'),
  sound('synth:acid', 'Acid', 'Synth'),
];

const REST: StepView = { on: false, velocity: 100, pitch: 0, length: 16 };

export function emptySteps(length: number): StepView[] {
  return Array.from({ length }, () => ({ ...REST }));
}

/** Steps from text: a digit is a velocity in ninths, anything else rests; `pitches` go to the steps that sound. */
function pattern(text: string, pitches: number[] = [], noteLength = 16): StepView[] {
  let at = 0;
  return [...text.replaceAll(' ', '')].map((mark) => {
    const strength = Number(mark);
    if (!strength) return { ...REST };
    return { on: true, velocity: Math.round((strength / 9) * 127), pitch: pitches[at++ % pitches.length] ?? 0, length: noteLength };
  });
}

let nextId = 1;
export function freshId(): string {
  return (nextId++).toString(16).padStart(32, '0');
}

export function makeTrack(soundKey: string, name: string | null, colour: number, steps: StepView[], fields: Partial<TrackView> = {}): TrackView {
  const info = SOUNDS.find((one) => one.sound === soundKey);
  const label = info?.label ?? 'Unknown sound';
  return {
    id: freshId(),
    name: name ?? label,
    colour,
    sound: soundKey,
    soundLabel: label,
    melodic: info?.melodic ?? false,
    gainDb: -2,
    pan: 0,
    mute: false,
    solo: false,
    pattern: freshId(),
    length: steps.length,
    steps,
    ...fields,
  };
}

export function demoSong(): SongView {
  return {
    name: 'First light',
    bpm: 112,
    swing: 24,
    masterDb: 0,
    samples: [{ id: 'ab'.repeat(32), name: 'Rain on tin.wav', seconds: 2.4, here: true, progress: 1 }],
    tracks: [
      makeTrack('drum:kick', null, 0, pattern('9... ..6. 8... ...5'), { gainDb: 0 }),
      makeTrack('drum:snare', null, 1, pattern('.... 8... .... 8..3')),
      makeTrack('drum:closed-hat', 'Hats', 2, pattern('7.4. 7.45 7.4. 7.46'), { gainDb: -6, pan: 24 }),
      makeTrack('drum:open-hat', null, 3, pattern('.... ..6. .... ..6.'), { gainDb: -8, pan: 24 }),
      makeTrack('synth:bass', 'Bass line', 4, pattern('9..7 ..8. 9..7 .6.. 9..7 ..8. 8..7 .656', [0, 0, 7, -2, -2, 5, 3, 3], 24), { gainDb: -3 }),
      makeTrack('synth:pad', 'Choir', 6, pattern('7............... 6............... 7............... 6.......5.......', [0, -2, 3, 5, 7], 64), { gainDb: -9, pan: -18 }),
      makeTrack('synth:pluck', 'Answer', 8, pattern('..6. 5..7 ..6. .5.. ..6. 5..7 .7.6 5...', [12, 15, 19, 10, 12, 7, 15, 14]), { gainDb: -7, pan: -40 }),
      makeTrack('drum:rim', null, 9, pattern('...4 ..4. ...4 .4..'), { gainDb: -10, mute: true }),
    ],
  };
}

function resized(steps: readonly StepView[], length: number): StepView[] {
  return Array.from({ length }, (_, i) => steps[i] ?? { ...REST });
}

type TrackEdit = Extract<EditCommand, { track: string }>;

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
    case 'setPatternLength':
      return { ...track, length: edit.length, steps: resized(track.steps, edit.length) };
    case 'clearPattern':
      return { ...track, steps: emptySteps(track.length) };
    case 'setSteps': {
      const steps = [...track.steps];
      for (const change of edit.steps) {
        const old = steps[change.step];
        if (!old) continue;
        steps[change.step] = {
          on: change.on ?? old.on,
          velocity: change.velocity ?? old.velocity,
          pitch: change.pitch ?? old.pitch,
          length: change.length ?? old.length,
        };
      }
      return { ...track, steps };
    }
    default:
      return track;
  }
}

/** What one edit does to the song, and the track it made. */
export function editSong(song: SongView, edit: EditCommand): { song: SongView; made: string | null } {
  const changed = (fields: Partial<SongView>, made: string | null = null) => ({ song: { ...song, ...fields }, made });
  switch (edit.type) {
    case 'renameSession':
      return changed({ name: edit.name });
    case 'setTempo':
      return changed({ bpm: edit.bpm });
    case 'setSwing':
      return changed({ swing: edit.percent });
    case 'setMaster':
      return changed({ masterDb: edit.db });
    case 'addTrack': {
      const track = makeTrack(edit.sound, edit.name, song.tracks.length % 12, emptySteps(16));
      const tracks = [...song.tracks];
      tracks.splice(edit.index ?? tracks.length, 0, track);
      return changed({ tracks }, track.id);
    }
    case 'removeTrack':
      return changed({ tracks: song.tracks.filter((track) => track.id !== edit.track) });
    case 'moveTrack': {
      const tracks = song.tracks.filter((track) => track.id !== edit.track);
      const moved = song.tracks.find((track) => track.id === edit.track);
      if (moved) tracks.splice(edit.index, 0, moved);
      return changed({ tracks });
    }
    default:
      return changed({ tracks: song.tracks.map((track) => (track.id === edit.track ? editTrack(track, edit) : track)) });
  }
}

/** What undo calls an edit. */
export function editLabel(edit: EditCommand): string {
  const words = edit.type.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
