// What plays, and what is shown. The grid shows of every track the pattern that plays, until a person picks another
// one to work on: that choice is theirs alone, and it ends when the picked pattern plays.
import type { PatternView, SceneView, Telemetry, TrackView } from '../backend/generated/api';
import { isPending, linkAt, STEPS_PER_BAR, stepOfPattern, turnedAt } from '../lib/arrangement';
import { stepsPerBar } from '../lib/meter';
import type { SongStore } from './song.svelte';

export class ArrangementStore {
  /** The bar that sounds; while stopped, the bar where play would start. */
  bar = $state(0);
  running = $state(false);
  /** The step it had come to when the bar or a change was told last. */
  #step = $state(0);
  #picked = $state.raw<ReadonlyMap<string, string>>(new Map());
  readonly #song: SongStore;

  constructor(song: SongStore) {
    this.#song = song;
  }

  /** A change that waits for its place waits only while the music goes on. */
  now = $derived(this.running ? this.#step : Number.POSITIVE_INFINITY);
  fill = $derived.by(() => turnedAt(this.#song.fill, this.now));
  fillPending = $derived.by(() => isPending(this.#song.fill, this.now));
  mode = $derived.by(() => turnedAt(this.#song.mode, this.now));
  modePending = $derived.by(() => isPending(this.#song.mode, this.now));
  /** Where in the chain we are, when it decides. */
  link = $derived.by(() => (this.mode === 'chain' ? linkAt(this.#song.chain, this.bar * STEPS_PER_BAR) : null));
  /** How far the longest pattern that is shown goes. */
  longest = $derived.by(() => this.#song.tracks.reduce((most, track) => Math.max(most, this.shown(track)?.length ?? 0), STEPS_PER_BAR));

  hear(telemetry: Telemetry): void {
    const { bar, playing } = telemetry;
    const step = Math.floor(telemetry.positionSteps);
    if (bar === this.bar && playing === this.running && !this.#passes(step)) return;
    this.bar = bar;
    this.#step = step;
    this.running = playing;
    this.settle();
  }

  /** Has a change come between the step that is known and this one? */
  #passes(step: number): boolean {
    const { fill, mode, tracks } = this.#song;
    const comes = (at: number | null | undefined) => at !== null && at !== undefined && this.#step < at && at <= step;
    return step < this.#step || comes(fill.atSteps) || comes(mode.atSteps) || tracks.some((track) => comes(track.pending?.atSteps));
  }

  /** Lets go of what was picked and plays by now. In the chain what plays goes on changing: there a choice stays. */
  settle(): void {
    if (this.mode === 'chain' || this.#picked.size === 0) return;
    const kept = [...this.#picked].filter(([id, pattern]) => {
      const track = this.#song.track(id);
      return track !== undefined && this.playing(track) !== pattern;
    });
    if (kept.length !== this.#picked.size) this.#picked = new Map(kept);
  }

  /** The id of the pattern of a track that plays. */
  playing(track: TrackView): string {
    const slot = this.#linkScene()?.slots.find((one) => one.track === track.id);
    const launch = this.#song.launchOf(track);
    return slot?.pattern ?? turnedAt(launch, this.now);
  }

  /** The pattern that waits for its bar; absent when none does. */
  pending(track: TrackView): string | null {
    const launch = this.#song.launchOf(track);
    return isPending(launch, this.now) ? launch.to : null;
  }

  /** The pattern of a track that is shown and edited. */
  shown(track: TrackView): PatternView | undefined {
    const picked = this.#picked.get(track.id);
    const of = (id: string) => track.patterns.find((pattern) => pattern.id === id);
    return (picked === undefined ? undefined : of(picked)) ?? of(this.playing(track)) ?? track.patterns[0];
  }

  isShownPlaying(track: TrackView): boolean {
    return this.shown(track)?.id === this.playing(track);
  }

  /** Shows a pattern; the one that plays is followed again. */
  pick(track: TrackView, pattern: string): void {
    const picked = new Map(this.#picked);
    if (this.mode !== 'chain' && this.playing(track) === pattern) picked.delete(track.id);
    else picked.set(track.id, pattern);
    this.#picked = picked;
  }

  /** Shows what plays, of every track. */
  followAll(): void {
    this.#picked = new Map();
  }

  /** Does every track of the scene play what the scene says, or is it about to? */
  standing(scene: SceneView): 'playing' | 'pending' | 'other' {
    if (this.link) return this.#linkScene()?.id === scene.id ? 'playing' : 'other';
    const slots = scene.slots.flatMap(({ track, pattern }) => ({ track: this.#song.track(track), pattern })).filter((slot) => slot.track !== undefined);
    if (slots.length === 0) return 'other';
    if (!slots.every(({ track, pattern }) => track && this.#song.launchOf(track).to === pattern)) return 'other';
    return slots.some(({ track }) => track && this.pending(track) !== null) ? 'pending' : 'playing';
  }

  /** The lit step of a track's shown pattern at a position. */
  step(track: TrackView, pattern: PatternView, positionSteps: number): number {
    const inChain = this.#linkScene()?.slots.some((slot) => slot.track === track.id) ?? false;
    const origin = inChain ? (linkAt(this.#song.chain, positionSteps, stepsPerBar(this.#song.meter))?.originSteps ?? 0) : 0;
    return stepOfPattern(positionSteps, origin, pattern, track.swing ?? this.#song.swing);
  }

  #linkScene(): SceneView | undefined {
    const link = this.link && this.#song.chain[this.link.index];
    return link ? this.#song.scenes.find((scene) => scene.id === link.scene) : undefined;
  }
}
