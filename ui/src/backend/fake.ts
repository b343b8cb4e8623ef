// A peer in memory: enough of one for tests and for work on the looks, with a friend who edits now and then.
import { type Backend, type CommandName, type ConnectionState, Listeners, Refused } from './backend';
import { stepsPerBar, stepsPerQuantum } from '../lib/meter';
import { stepEdit } from '../lib/steps';
import type { Commands, EditCommand, ErrorCode, Event, MemberView, Metronome, SessionView, SongView, TrackEars } from './generated/api';
import * as people from './fake/people';
import { CATALOGUE } from './fake/catalogue';
import { demoSong, freshId, SOUNDS } from './fake/demo';
import { type Done, editLabel, editSong, editTrack } from './fake/edits';
import { telemetryAt } from './fake/meters';
import { writePattern } from './fake/notation';
import { NO_CHANGE, songChange } from './fake/song-change';
import { WaitingBar } from './fake/waiting';

type Handlers = { [K in CommandName]?: (args: Commands[K]['args']) => Commands[K]['reply'] };

interface Past {
  label: string;
  song: SongView;
}

const TICK_MS = 1000 / 30;

function refuse(code: ErrorCode, message: string, nextStep: string): never {
  throw new Refused({ code, message, nextStep });
}

export class FakeBackend implements Backend {
  readonly kind = 'fake';
  /** Every command that was called, for tests to read. */
  readonly calls: { name: CommandName; args: unknown }[] = [];
  song: SongView = demoSong();
  members: MemberView[] = people.demoMembers();
  #events = new Listeners<Event>();
  #connections = new Listeners<ConnectionState>();
  #undo: Past[] = [];
  #redo: Past[] = [];
  #session = '00'.repeat(16);
  #ears: TrackEars[] = [];
  #volumeDb = 0;
  #metronome: Metronome = { on: false, volumeDb: 0, countInBars: 0 };
  readonly #waiting = new WaitingBar((waiting) => this.emit({ type: 'waiting', waiting }));
  #playing = false;
  #position = 0;
  #startedMs = 0;
  #outputs = people.OUTPUTS.map((output) => ({ ...output }));
  #beats = people.demoBeats(Date.now(), this.#session);
  #nearby = people.demoNearby();
  #sessions = people.demoSessions(Date.now(), this.#session);

  /** With `alive` the clock ticks and the friend edits; tests keep it still. */
  constructor(alive = true) {
    if (!alive) return;
    setInterval(() => this.#tick(), TICK_MS);
    setInterval(() => this.friendEdits(), 3500);
    setInterval(() => this.emit({ type: 'members', members: (this.members = people.measured(this.members, performance.now())) }), 500);
    setTimeout(() => this.someoneAsks(), 1500);
  }

  async call<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Commands[K]['reply']> {
    this.calls.push({ name, args });
    await Promise.resolve();
    const handler = this.#handlers[name] as ((args: Commands[K]['args']) => Commands[K]['reply']) | undefined;
    return handler ? handler(args) : (null as Commands[K]['reply']);
  }

  onEvent(listener: (event: Event) => void): () => void {
    return this.#events.add(listener);
  }

  onConnection(listener: (state: ConnectionState) => void): () => void {
    listener({ state: 'open' });
    return this.#connections.add(listener);
  }

  onFileDrop(): () => void {
    return () => {};
  }

  emit(event: Event): void {
    this.#events.tell(event);
  }

  someoneAsks(): void {
    this.emit({ type: 'joinRequests', requests: [{ person: people.DEE, invited: false }] });
  }

  friendEdits(): void {
    const track = this.song.tracks[Math.floor(Math.random() * this.song.tracks.length)];
    if (!track) return;
    const step = Math.floor(Math.random() * 4) * 4 + 2;
    const on = !track.patterns.find((one) => one.id === track.pattern)?.steps[step]?.on;
    const edited = editTrack(track, { type: 'setSteps', track: track.id, pattern: track.pattern, steps: [stepEdit(step, { on })] });
    this.#replace(edited);
    if (this.song.editsAtBar) this.#waiting.edited(this.#nextBar());
    this.members = this.members.map((member) => (member.person === people.BO ? { ...member, track: track.id, step } : member));
    this.emit({ type: 'members', members: this.members });
    this.emit({ type: 'flash', peer: people.BO.peer, colour: people.BO.colour, track: track.id, pattern: track.pattern, steps: [step] });
  }

  #view(): SessionView {
    return {
      id: this.#session,
      role: 'owner',
      readOnly: null,
      arrived: true,
      song: this.song,
      ears: { volumeDb: this.#volumeDb, tracks: this.#ears },
      transport: this.#transport(),
      waiting: this.#waiting.told,
      saved: { state: 'saved' },
      history: this.#history(),
      members: this.members,
      parent: '5'.repeat(64),
    };
  }

  #history() {
    return { undo: this.#undo.at(-1)?.label ?? null, redo: this.#redo.at(-1)?.label ?? null };
  }

  #transport() {
    return { playing: this.#playing, positionSteps: this.#position, bpm: this.song.bpm, by: null, beat: null };
  }

  #now(): number {
    if (!this.#playing) return this.#position;
    return this.#position + ((performance.now() - this.#startedMs) / 1000) * (this.song.bpm / 15);
  }

  /** The bar after this one, counted from 0; absent while nothing plays. */
  #nextBar(): number | null {
    return this.#playing ? Math.floor(this.#now() / stepsPerBar(this.song.meter)) + 1 : null;
  }

  #tick(): void {
    this.#waiting.passed(this.#nextBar());
    this.emit({ type: 'telemetry', telemetry: telemetryAt(this.song, this.#playing, this.#now()) });
  }

  /** The step at which a launch takes effect: the next place of the quantum, or at once while nothing plays. */
  #nextPlace(): number | null {
    const grid = stepsPerQuantum(this.song.meter, this.song.quantum);
    return this.#playing ? (Math.floor(this.#now() / grid) + 1) * grid : null;
  }

  #run(playing: boolean, position = this.#now()): null {
    this.#position = position;
    this.#startedMs = performance.now();
    this.#playing = playing;
    this.emit({ type: 'transport', transport: this.#transport() });
    return null;
  }

  #replace(track: SongView['tracks'][number]): void {
    this.song = { ...this.song, tracks: this.song.tracks.map((old) => (old.id === track.id ? track : old)) };
    this.emit({ type: 'song', change: { ...NO_CHANGE, tracks: [track] } });
  }

  /** Tells what differs from `before`, as the real peer does. */
  #tellChange(before: SongView): void {
    this.emit({ type: 'song', change: songChange(before, this.song) });
    this.emit({ type: 'history', history: this.#history() });
  }

  #edit(edit: EditCommand) {
    const label = editLabel(edit);
    const before = this.song;
    this.#undo.push({ label, song: before });
    this.#redo = [];
    const made = this.#apply(edit);
    this.emit({ type: 'saved', saved: { state: 'saving' } });
    this.#tellChange(before);
    this.emit({ type: 'saved', saved: { state: 'saved' } });
    return { track: made.track ?? null, pattern: made.pattern ?? null, scene: made.scene ?? null, link: made.link ?? null, label };
  }

  #apply(edit: EditCommand): Omit<Done, 'song'> {
    if (edit.type === 'addTrack' && this.song.tracks.length >= 64) {
      refuse('invalid', 'A session holds at most 64 tracks.', 'Remove one that you do not need.');
    }
    if (edit.type === 'setTempo') {
      this.#position = this.#now();
      this.#startedMs = performance.now();
    }
    const { song, ...made } = editSong(this.song, edit, this.#nextPlace());
    this.song = song;
    return made;
  }

  #step(from: Past[], to: Past[]): string | null {
    const entry = from.pop();
    if (!entry) return null;
    const before = this.song;
    to.push({ label: entry.label, song: before });
    this.song = entry.song;
    this.#tellChange(before);
    return entry.label;
  }

  #setEars(args: Commands['ears']['args']) {
    if (args.track === null) this.#volumeDb = args.gainDb ?? this.#volumeDb;
    else {
      const old = this.#ears.find((ears) => ears.track === args.track) ?? { track: args.track, mute: false, solo: false, gainDb: 0 };
      const next = { ...old, mute: args.mute ?? old.mute, solo: args.solo ?? old.solo, gainDb: args.gainDb ?? old.gainDb };
      this.#ears = [...this.#ears.filter((ears) => ears !== old), next];
    }
    return { volumeDb: this.#volumeDb, tracks: this.#ears };
  }

  #chooseOutput(args: Commands['set_output']['args']) {
    this.#outputs = people.chosen(this.#outputs, args);
    return { state: 'playing' as const, output: this.#outputs.find((output) => output.chosen)?.name ?? '', rate: 48000, latencyMs: 12 };
  }

  #beat(id: string | null) {
    return this.#beats.find((beat) => beat.id === id) ?? refuse('notFound', 'No such beat is on this device.', 'Open its .beat file here.');
  }

  #import({ name, track }: Commands['import_sample']['args']) {
    const id = freshId().padStart(64, '0');
    this.song = { ...this.song, samples: [...this.song.samples, { id, name, seconds: 1.5, here: true, progress: 1 }] };
    this.emit({ type: 'samples', samples: this.song.samples });
    if (track) this.#edit({ type: 'setSound', track, sound: `sample:${id}` });
    const made = track ?? this.#edit({ type: 'addTrack', sound: `sample:${id}`, name: name.replace(/\.\w+$/, ''), index: null }).track ?? '';
    return { sample: id, track: made, seconds: 1.5 };
  }

  #publish(title: string | null, licence: string | null) {
    const [first] = people.demoBeats(Date.now(), this.#session);
    const beat = { ...(first ?? this.#beat(null)), id: freshId().padStart(64, '0'), title: title ?? this.song.name, licence: licence ?? 'CC-BY-4.0', createdAtMs: Date.now(), parents: [] };
    this.#beats = [beat, ...this.#beats];
    this.emit({ type: 'beats', beats: this.#beats });
    return beat;
  }

  readonly #handlers: Handlers = {
    hello: () => ({ version: '0.1.0', engineVersion: 1, me: people.ME, dataFolder: '/home/me/.local/share/antiphon', sounds: SOUNDS, catalogue: CATALOGUE, openSession: this.#session, firstStart: true }),
    sessions: () => this.#sessions,
    session: () => this.#view(),
    open_session: () => this.#view(),
    new_session: ({ name }) => {
      this.song = { ...demoSong(), name: name ?? 'Untitled', tracks: [] };
      const entry = { id: freshId(), name: this.song.name, tracks: 0, bpm: 120, editedAtMs: Date.now(), open: true, role: 'owner' as const, readOnly: null };
      this.#session = entry.id;
      this.#sessions = [entry, ...this.#sessions.map((other) => ({ ...other, open: false }))];
      this.emit({ type: 'sessions', sessions: this.#sessions });
      return entry;
    },
    edit: (edit) => this.#edit(edit),
    pattern_text: ({ track, pattern }) => {
      const of = this.song.tracks.find((one) => one.id === track) ?? refuse('notFound', 'there is no such track', 'Look at the tracks again.');
      const found = of.patterns.find((one) => one.id === (pattern ?? of.pattern)) ?? refuse('notFound', 'there is no such pattern', 'Look at the track again.');
      return { text: writePattern(of, found) };
    },
    undo: () => this.#step(this.#undo, this.#redo),
    redo: () => this.#step(this.#redo, this.#undo),
    play: () => this.#run(true),
    pause: () => this.#run(false),
    stop: () => this.#run(false, 0),
    locate: ({ positionSteps }) => this.#run(this.#playing, positionSteps),
    ears: (args) => this.#setEars(args),
    metronome: (args) => (this.#metronome = { ...this.#metronome, ...args }),
    audio: () => ({ state: 'playing', output: 'System default', rate: 48000, latencyMs: 12 }),
    outputs: () => this.#outputs,
    set_output: (args) => this.#chooseOutput(args),
    nearby: () => this.#nearby,
    join: ({ peer }) => {
      this.#nearby = this.#nearby.map((near) => (near.person.peer === peer ? { ...near, standing: { state: 'asking' } } : near));
      this.emit({ type: 'nearby', nearby: this.#nearby });
      return null;
    },
    join_requests: () => [],
    answer_join: ({ peer, role }) => {
      if (role && peer === people.DEE.peer) this.members = [...this.members, { person: people.DEE, role, me: false, here: true, track: null, step: null, sync: null, differs: null }];
      this.emit({ type: 'members', members: this.members });
      return null;
    },
    invite: () => ({ link: `antiphon://join/${'7f3a'.repeat(12)}`, qrSvg: people.fakeQr(), expiresInS: 3600 }),
    import_sample: (args) => this.#import(args),
    beats: () => this.#beats,
    publish: ({ title, licence }) => this.#publish(title, licence),
    play_beat: ({ beat }) => this.#beat(beat),
    add_beat: () => refuse('badFile', 'This file is no beat: its first bytes are of another kind.', 'Choose a file that ends in .beat.'),
    verify: ({ beat, render }) => {
      const view = this.#beat(beat.beat);
      return {
        intact: true,
        summary: `Intact: signed by ${view.authors[0]?.name}, every byte as published.`,
        beat: view,
        render: !render ? { state: 'notAsked' } : view.sameEngine ? { state: 'same' } : { state: 'otherEngine', version: 0, ours: 1 },
      };
    },
    remix: ({ beat }) => {
      const view = this.#beat(beat);
      return { id: this.#session, name: `${view.title} remix`, tracks: view.tracks, bpm: view.bpm, editedAtMs: Date.now(), open: true, role: 'owner', readOnly: null };
    },
    doctor: () => people.CHECKS,
  };
}
