// The open session's song, as the peer tells it. Components read it and send edits; they never write it.
import type { EditCommand, Edited, Role, SampleView, SessionView, SongChange, TrackView } from '../backend/generated/api';
import type { Door } from './door.svelte';

export class SongStore {
  /** Absent while no session is open. */
  session = $state<string | null>(null);
  role = $state<Role>('owner');
  readOnly = $state<string | null>(null);
  parent = $state<string | null>(null);
  name = $state('');
  bpm = $state(120);
  swing = $state(0);
  masterDb = $state(0);
  tracks = $state.raw<readonly TrackView[]>([]);
  samples = $state.raw<readonly SampleView[]>([]);
  /** Counts what was heard of each track, so that a local guess knows when the truth has arrived. */
  #revisions = new Map<string, number>();
  /** The same for the song's own fields: name, tempo, swing, master. */
  ownRevision = $state(0);
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  editable = $derived(this.session !== null && this.readOnly === null && this.role !== 'listener');
  longest = $derived(this.tracks.reduce((most, track) => Math.max(most, track.length), 16));
  anySolo = $derived(this.tracks.some((track) => track.solo));

  load(view: SessionView | null): void {
    this.session = view?.id ?? null;
    this.role = view?.role ?? 'owner';
    this.readOnly = view?.readOnly ?? null;
    this.parent = view?.parent ?? null;
    this.name = view?.song.name ?? '';
    this.bpm = view?.song.bpm ?? 120;
    this.swing = view?.song.swing ?? 0;
    this.masterDb = view?.song.masterDb ?? 0;
    for (const track of view?.song.tracks ?? []) this.#count(track.id);
    this.tracks = view?.song.tracks ?? [];
    this.samples = view?.song.samples ?? [];
    this.ownRevision += 1;
  }

  apply(change: SongChange): void {
    if (change.name !== null || change.bpm !== null || change.swing !== null || change.masterDb !== null) this.ownRevision += 1;
    // Counted before the tracks are told: whoever reads the new track sees the new count.
    for (const track of change.tracks) this.#count(track.id);
    this.name = change.name ?? this.name;
    this.bpm = change.bpm ?? this.bpm;
    this.swing = change.swing ?? this.swing;
    this.masterDb = change.masterDb ?? this.masterDb;
    this.tracks = changedTracks(this.tracks, change);
  }

  track(id: string | null): TrackView | undefined {
    return this.tracks.find((track) => track.id === id);
  }

  indexOf(id: string): number {
    return this.tracks.findIndex((track) => track.id === id);
  }

  revision(track: string): number {
    return this.#revisions.get(track) ?? 0;
  }

  edit(command: EditCommand): Promise<Edited | undefined> {
    return this.#door.tell('edit', command);
  }

  #count(track: string): void {
    this.#revisions.set(track, this.revision(track) + 1);
  }
}

/** The tracks after a change: whole tracks replace their older selves, `order` decides who is there. */
export function changedTracks(tracks: readonly TrackView[], change: SongChange): readonly TrackView[] {
  if (change.tracks.length === 0 && !change.order) return tracks;
  const byId = new Map(tracks.map((track) => [track.id, track]));
  for (const track of change.tracks) byId.set(track.id, track);
  if (!change.order) return [...byId.values()];
  return change.order.flatMap((id) => byId.get(id) ?? []);
}
