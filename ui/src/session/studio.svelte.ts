// Everything the interface knows, one store per concept, fed by the peer's events.
import { getContext, setContext } from 'svelte';
import type { Backend, ConnectionState } from '../backend/backend';
import type { AudioState, Event, Hello, SessionView, SoundInfo, Telemetry } from '../backend/generated/api';
import { ArrangementStore } from './arrangement.svelte';
import { BeatsStore } from './beats.svelte';
import { Door } from './door.svelte';
import { EngineLoad } from './engine-load.svelte';
import { EarsStore } from './ears.svelte';
import { Flashes } from './flashes.svelte';
import { Gestures } from './gestures';
import { HistoryStore } from './history.svelte';
import { Importer } from './importer.svelte';
import { Jobs } from './jobs.svelte';
import { LiveKeys } from './live-keys.svelte';
import { MetronomeStore } from './metronome.svelte';
import { Notices } from './notices.svelte';
import { PeersStore } from './peers.svelte';
import { Selection } from './selection.svelte';
import { SessionsStore } from './sessions.svelte';
import { SongStore } from './song.svelte';
import { TelemetryFeed } from './telemetry';
import { TransportStore } from './transport.svelte';

export type ViewName = 'session' | 'home' | 'beats' | 'settings';
/** What the dock under the tracks shows. */
export type DockView = 'lane' | 'step' | 'text';
export type DialogName = 'invite' | 'publish' | 'shortcuts';

export class Studio {
  readonly notices = new Notices();
  readonly door: Door;
  readonly song: SongStore;
  readonly arrangement: ArrangementStore;
  readonly ears: EarsStore;
  readonly transport: TransportStore;
  readonly metronome: MetronomeStore;
  readonly history: HistoryStore;
  readonly selection: Selection;
  readonly peers: PeersStore;
  readonly sessions: SessionsStore;
  readonly beats: BeatsStore;
  readonly keys: LiveKeys;
  readonly importer: Importer;
  readonly gestures: Gestures;
  readonly jobs = new Jobs();
  readonly flashes = new Flashes();
  readonly telemetry = new TelemetryFeed();
  readonly load = new EngineLoad();

  hello = $state.raw<Hello | null>(null);
  audio = $state.raw<AudioState | null>(null);
  view = $state<ViewName>('session');
  dialog = $state<DialogName | null>(null);
  dock = $state<DockView>('lane');
  /** The tools of the shown pattern are open. */
  toolsOpen = $state(false);
  /** The table of scenes and the chain is open. */
  scenesOpen = $state(false);
  peersOpen = $state(true);
  /** The first start's greeting was seen. */
  welcomed = $state(false);
  /** The chooser for a new track is open. */
  adding = $state(false);
  /** The track whose name is being typed. */
  renaming = $state<string | null>(null);
  /** True once the first picture is complete. */
  ready = $state(false);

  constructor(backend: Backend) {
    this.door = new Door(backend, this.notices);
    this.gestures = new Gestures(this.door);
    this.song = new SongStore(this.door);
    this.ears = new EarsStore(this.door);
    this.transport = new TransportStore(this.door, this.song, () => (this.beats.playing = null));
    this.metronome = new MetronomeStore(this.door);
    this.history = new HistoryStore(this.door);
    this.arrangement = new ArrangementStore(this.song);
    this.selection = new Selection(this.door, this.song, this.arrangement);
    this.peers = new PeersStore(this.door);
    this.sessions = new SessionsStore(this.door);
    this.beats = new BeatsStore(this.door);
    this.keys = new LiveKeys(this.door, this.selection);
    this.importer = new Importer(this.door, this.jobs, this.notices, this.beats, (track) => this.selection.select(track, 0), (view) => (this.view = view));
  }

  /** Sounds that a track can choose: the built-in ones, then the session's samples. */
  sounds = $derived.by<readonly SoundInfo[]>(() => {
    const known = this.hello?.sounds ?? [];
    const samples = this.song.samples
      .filter((sample) => !known.some((sound) => sound.sound === `sample:${sample.id}`))
      .map((sample) => ({ sound: `sample:${sample.id}`, label: sample.name, group: 'Samples', melodic: false }));
    return [...known, ...samples];
  });

  /** Listens until the returned function is called. */
  start(): () => void {
    const { backend } = this.door;
    const stops = [
      backend.onEvent((event) => this.hear(event)),
      backend.onConnection((state) => this.#connected(state)),
      backend.onFileDrop((drop) => this.importer.windowDrop(drop)),
    ];
    return () => stops.forEach((stop) => stop());
  }

  #connected(state: ConnectionState): void {
    this.door.connection = state;
    if (state.state === 'open') void this.refresh();
  }

  /** Fetches everything anew: at the start, and whenever the connection comes back. */
  async refresh(): Promise<void> {
    const { door } = this;
    const [hello, sessions, session, nearby, requests, audio, beats, metronome] = await Promise.all([
      door.tell('hello', null),
      door.tell('sessions', null),
      door.tell('session', null),
      door.tell('nearby', null),
      door.tell('join_requests', null),
      door.tell('audio', null),
      door.tell('beats', { session: null }),
      door.tell('metronome', {}),
    ]);
    if (hello) this.hello = hello;
    if (sessions) this.sessions.all = sessions;
    if (nearby) this.peers.nearby = nearby;
    if (requests) this.peers.requests = requests;
    if (audio) this.audio = audio;
    if (beats) this.beats.all = beats;
    if (metronome) this.metronome.load(metronome);
    const last = hello?.openSession;
    const open = session ?? (last ? await this.sessions.open(last) : null);
    if (open !== undefined) this.loadSession(open);
    if (!this.ready && !open) this.view = 'home';
    this.ready = hello !== undefined;
  }

  loadSession(view: SessionView | null): void {
    // The greeting belongs to the demo: whoever went on to another session has found the way.
    const shown = this.song.session;
    if (shown !== null && view?.id !== shown) this.welcomed = true;
    this.song.load(view);
    this.peers.members = view?.members ?? [];
    if (!view) return void (this.transport.waiting = null);
    this.ears.load(view.ears);
    this.transport.load(view.transport);
    this.beats.playing = view.transport.beat;
    this.transport.waiting = view.waiting;
    this.transport.saved = view.saved;
    this.history.load(view.history);
  }

  /** Another session than the one shown has been opened: by me, or by an owner who let me in. Who waits at the list goes there. */
  #sessionOpened(view: SessionView | null): void {
    const another = view !== null && view.id !== this.song.session;
    if (another) this.beats.playing = null;
    this.loadSession(view);
    if (another && this.view === 'home') this.view = 'session';
  }

  /** Opens a session and goes there. */
  async enter(session: string): Promise<void> {
    const view = await this.sessions.open(session);
    if (!view) return;
    this.loadSession(view);
    this.view = 'session';
  }

  /** While I listen to a beat, its steps and tracks are none of the session's. */
  #ofSession(telemetry: Telemetry): Telemetry {
    if (!this.beats.playing) return telemetry;
    return { ...telemetry, playing: false, positionSteps: this.transport.positionSteps, tracks: [] };
  }

  #telemetry(telemetry: Telemetry): void {
    this.telemetry.receive(telemetry, performance.now());
    this.arrangement.hear(telemetry);
    this.load.hear(telemetry);
  }

  hear(event: Event): void {
    switch (event.type) {
      case 'telemetry':
        return this.#telemetry(this.#ofSession(event.telemetry));
      case 'session':
        return this.#sessionOpened(event.session);
      case 'sessions':
        return void (this.sessions.all = event.sessions);
      case 'song':
        this.song.apply(event.change);
        return this.arrangement.settle();
      case 'ears':
        return this.ears.load(event.ears);
      case 'transport':
        this.beats.playing = event.transport.beat;
        return this.transport.load(event.transport);
      case 'waiting':
        return void (this.transport.waiting = event.waiting);
      case 'saved':
        return void (this.transport.saved = event.saved);
      case 'history':
        return this.history.load(event.history);
      case 'members':
        return this.peers.heardMembers(event.members, performance.now());
      case 'nearby':
        return void (this.peers.nearby = event.nearby);
      case 'joinRequests':
        return void (this.peers.requests = event.requests);
      case 'flash':
        return this.flashes.add(event);
      case 'samples':
        return void (this.song.samples = event.samples);
      case 'audio':
        return void (this.audio = event.audio);
      case 'job':
        return this.jobs.receive(event.job);
      case 'beats':
        return void (this.beats.all = event.beats);
      case 'metronome':
        return this.metronome.load(event.metronome);
      case 'late':
        return this.peers.heardLate(event);
      case 'notice':
        return this.notices.add(event.level, event.text, event.nextStep);
    }
  }
}

const KEY = Symbol('studio');

export function provideStudio(studio: Studio): Studio {
  return setContext(KEY, studio);
}

export function useStudio(): Studio {
  return getContext<Studio>(KEY);
}
