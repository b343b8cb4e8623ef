// The open session's song, as the peer tells it. Components read it and send edits; they never write it.
import type { EditCommand, Edited, GrooveView, LinkView, MeterView, Quantum, Role, SampleView, SceneView, SessionView, SongChange, SongView, TrackView } from '../backend/generated/api';
import { settled, type Turning } from '../lib/arrangement';
import { FOUR_FOUR } from '../lib/meter';
import { changedTracks } from '../lib/song-change';
import type { Door } from './door.svelte';

export class SongStore {
  /** Absent while no session is open. */
  session = $state<string | null>(null);
  role = $state<Role>('owner');
  readOnly = $state<string | null>(null);
  parent = $state<string | null>(null);
  name = $state('');
  bpm = $state(120);
  meter = $state.raw<MeterView>(FOUR_FOUR);
  /** Where launches wait that do not say so themselves. */
  quantum = $state<Quantum>('bar');
  /** Are edits made while it plays heard from the next bar on? */
  editsAtBar = $state(false);
  swing = $state(0);
  groove = $state.raw<GrooveView>({ template: 'straight', amount: 100 });
  /** Do steps that ask for a fill sound? */
  fill = $state.raw<Turning<boolean>>(settled(false));
  /** What decides which patterns play: what was launched, or the chain. */
  mode = $state.raw<Turning<'live' | 'chain'>>(settled('live'));
  scenes = $state.raw<readonly SceneView[]>([]);
  chain = $state.raw<readonly LinkView[]>([]);
  /** Seeds every roll of the dice, as digits. */
  seed = $state('');
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
    if (view) this.#arrange(view.song);
    this.ownRevision += 1;
  }

  apply(change: SongChange): void {
    if (changesOwn(change)) this.ownRevision += 1;
    // Counted before the tracks are told: whoever reads the new track sees the new count.
    for (const track of change.tracks) this.#count(track.id);
    for (const pattern of change.patterns) this.#count(pattern.track);
    this.name = change.name ?? this.name;
    this.bpm = change.bpm ?? this.bpm;
    this.swing = change.swing ?? this.swing;
    this.masterDb = change.masterDb ?? this.masterDb;
    this.#arrange(change);
    this.tracks = changedTracks(this.tracks, change);
  }

  #arrange(song: Partial<Arranged>): void {
    this.groove = song.groove ?? this.groove;
    this.fill = song.fill ?? this.fill;
    this.mode = song.mode ?? this.mode;
    this.scenes = song.scenes ?? this.scenes;
    this.chain = song.chain ?? this.chain;
    this.seed = song.seed ?? this.seed;
    this.meter = song.meter ?? this.meter;
    this.quantum = song.quantum ?? this.quantum;
    this.editsAtBar = song.editsAtBar ?? this.editsAtBar;
  }

  /** The launch of a track's pattern, past or still to come. */
  launchOf(track: TrackView): Turning<string> {
    return { to: track.pattern, from: track.pending?.from ?? track.pattern, atSteps: track.pending?.atSteps ?? null };
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

type Arranged = { [K in 'groove' | 'fill' | 'mode' | 'scenes' | 'chain' | 'seed' | 'meter' | 'quantum' | 'editsAtBar']: SongView[K] | null };

/** Does the change touch the song's own fields, beside its tracks? */
function changesOwn(change: SongChange): boolean {
  return Object.entries(change).some(([field, value]) => !['tracks', 'patterns', 'order'].includes(field) && value !== null);
}
