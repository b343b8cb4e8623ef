// What an event of the peer makes of the tracks that are known: whole tracks replace their older selves, patterns
// change inside, and everything else stays the very same object, so that only what changed is drawn anew.
import type { PatternChange, PatternView, SongChange, StepView, TrackView } from '../backend/generated/api';

/** The tracks after a change; `order` decides who is there. */
export function changedTracks(tracks: readonly TrackView[], change: SongChange): readonly TrackView[] {
  if (change.tracks.length === 0 && change.patterns.length === 0 && !change.order) return tracks;
  const byId = new Map(tracks.map((track) => [track.id, track]));
  for (const track of change.tracks) byId.set(track.id, track);
  for (const inside of change.patterns) {
    const track = byId.get(inside.track);
    if (track) byId.set(track.id, { ...track, patterns: track.patterns.map((one) => (one.id === inside.pattern ? changedPattern(one, inside) : one)) });
  }
  if (!change.order) return [...byId.values()];
  return change.order.flatMap((id) => byId.get(id) ?? []);
}

/** A pattern after a change of its inside. */
export function changedPattern(pattern: PatternView, change: PatternChange): PatternView {
  return {
    ...pattern,
    name: change.name ?? pattern.name,
    length: change.length ?? pattern.length,
    speed: change.speed ?? pattern.speed,
    humanise: change.humanise ?? pattern.humanise,
    steps: changedSteps(pattern.steps, change),
    chords: change.chords ?? pattern.chords,
    locks: change.locks ?? pattern.locks,
    notes: changedNotes(pattern.notes, change),
  };
}

function changedSteps(steps: StepView[], change: PatternChange): StepView[] {
  if (change.length === null && change.steps.length === 0) return steps;
  const next = steps.slice(0, change.length ?? steps.length);
  for (const { index, step } of change.steps) next[index] = step;
  return next;
}

function changedNotes(notes: PatternView['notes'], change: PatternChange): PatternView['notes'] {
  if (change.notes.length === 0 && change.goneNotes.length === 0) return notes;
  const gone = new Set([...change.goneNotes, ...change.notes.map((note) => note.id)]);
  return [...notes.filter((note) => !gone.has(note.id)), ...change.notes].sort((a, b) => a.startSteps - b.startSteps);
}
