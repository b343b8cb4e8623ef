// What a hand does on the step grid: press, drag, extend the selection, and the keys of the cell that has the focus.
import type { PatternView, TrackView } from '../../backend/generated/api';
import type { LaneSpec } from '../../lib/lane';
import type { Studio } from '../../session/studio.svelte';
import type { DrawingController } from './drawing.svelte';
import type { Geometry } from './geometry.svelte';
import { gridKey } from './grid-keys';
import type { Painting } from './painting.svelte';

interface Cell {
  readonly track: TrackView;
  readonly pattern: PatternView;
  readonly step: number;
}

export class GridHand {
  constructor(
    readonly studio: Studio,
    readonly geometry: Geometry,
    readonly drawing: DrawingController,
    readonly painting: Painting,
    readonly lane: () => LaneSpec,
  ) {}

  /** The cell an event happened on. */
  cell(event: Event): Cell | null {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-step]') : null;
    const track = this.studio.song.track(element?.dataset['track'] ?? null);
    const pattern = track && this.studio.arrangement.shown(track);
    return track && pattern ? { track, pattern, step: Number(element?.dataset['step']) } : null;
  }

  readonly press = (event: PointerEvent): void => {
    const at = this.cell(event);
    if (!at || event.button !== 0) return;
    const { selection } = this.studio;
    if (event.shiftKey && selection.track?.id === at.track.id) {
      event.preventDefault();
      selection.extend(at.step);
      return;
    }
    selection.select(at.track.id, at.step);
    this.drawing.begin(at.track, at.pattern, at.step);
    const steps = (event.target as HTMLElement).closest<HTMLElement>('.steps');
    if (steps && this.drawing.active) this.#follow(steps);
  };

  readonly key = (event: KeyboardEvent): void => {
    const at = this.cell(event);
    const act = at && gridKey(event, at.step, at.pattern.length, this.studio.keys.on);
    if (!at || !act) return;
    event.preventDefault();
    event.stopPropagation();
    switch (act.act) {
      case 'toggle':
        return this.drawing.toggle(at.track, at.pattern, at.step);
      case 'clear':
        if (at.pattern.steps[at.step]?.on) this.drawing.toggle(at.track, at.pattern, at.step);
        return;
      case 'step':
        return this.#focus(at.track.id, act.step);
      case 'extend':
        this.studio.selection.extend(act.step);
        return cellElement(at.track.id, act.step)?.focus();
      case 'nudge':
        return this.#nudge(act.direction, act.fine);
      case 'track':
        return this.#goToTrack(act.by, at.step);
    }
  };

  readonly focused = (event: FocusEvent): void => {
    const at = this.cell(event);
    const { selection } = this.studio;
    if (at && (at.track.id !== selection.track?.id || at.step !== selection.step)) selection.select(at.track.id, at.step);
  };

  #follow(steps: HTMLElement): void {
    const move = (moved: PointerEvent) => this.drawing.move(this.geometry.stepAt(moved.clientX - steps.getBoundingClientRect().left));
    const stop = (ended: Event) => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', stop);
      window.removeEventListener('pointercancel', stop);
      if (ended.type === 'pointerup') void this.drawing.end();
      else this.drawing.cancel();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', stop);
    window.addEventListener('pointercancel', stop);
  }

  #focus(track: string, step: number): void {
    this.studio.selection.select(track, step);
    cellElement(track, step)?.focus();
  }

  #goToTrack(by: number, step: number): void {
    const { selection, song, arrangement } = this.studio;
    const next = song.track(selection.neighbour(by));
    const pattern = next && arrangement.shown(next);
    if (next && pattern) this.#focus(next.id, Math.min(step, pattern.length - 1));
  }

  /** Turns the shown value of the selected steps. */
  #nudge(direction: 1 | -1, fine: boolean): void {
    const { selection, song } = this.studio;
    const { track, pattern } = selection;
    if (!track || !pattern || !song.editable) return;
    const spec = this.lane();
    const subject = { spec, track, pattern };
    const values = this.painting.values(subject);
    const by = direction * (fine ? spec.fine : spec.nudge);
    for (const step of selection.steps) {
      if (pattern.steps[step]?.on) this.painting.nudge(subject, step, (values[step]?.value ?? spec.reset) + by);
    }
  }
}

function cellElement(track: string, step: number): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-track="${track}"][data-step="${step}"]`);
}
