// What faders and knobs share: drag with fine control, wheel, keys, double-click, and when a turn is over.
import { keyValue, type Range, settle } from '../../lib/slide';

export interface SliderHandlers {
  range: () => Range;
  value: () => number;
  /** The value while it is being turned. */
  turn: (value: number) => void;
  /** The hand rests: this is the value. */
  commit: () => void;
  /** The value at a pointer's travel, 0 to 1. */
  at?: (travel: number) => number;
  travel?: (value: number) => number;
  disabled?: () => boolean;
}

const KEY_SETTLE_MS = 350;
/** Pixels for the whole range when a knob is dragged. */
const KNOB_TRAVEL_PX = 140;

export class Slider {
  dragging = $state(false);
  #settle: ReturnType<typeof setTimeout> | undefined;
  #from = { pointer: 0, travel: 0 };

  constructor(readonly handlers: SliderHandlers) {}

  /** Along a track: the pointer's place is the value. */
  readonly trackDown = (event: PointerEvent): void => {
    if (!this.#begin(event)) return;
    const track = event.currentTarget as HTMLElement;
    this.#from = { pointer: event.clientX, travel: this.#travel() };
    if (!event.shiftKey) this.#place(event, track);
  };

  readonly trackMove = (event: PointerEvent): void => {
    if (!this.dragging) return;
    const track = event.currentTarget as HTMLElement;
    if (event.shiftKey) this.#relative((event.clientX - this.#from.pointer) / track.clientWidth / 8);
    else this.#place(event, track);
  };

  /** A knob: up and right turn it up. */
  readonly knobDown = (event: PointerEvent): void => {
    if (!this.#begin(event)) return;
    this.#from = { pointer: event.clientX - event.clientY, travel: this.#travel() };
  };

  readonly knobMove = (event: PointerEvent): void => {
    if (!this.dragging) return;
    const distance = (event.clientX - event.clientY - this.#from.pointer) / KNOB_TRAVEL_PX;
    this.#relative(event.shiftKey ? distance / 8 : distance);
  };

  readonly up = (): void => {
    if (!this.dragging) return;
    this.dragging = false;
    this.handlers.commit();
  };

  readonly key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || this.handlers.disabled?.()) return;
    const value = keyValue(this.handlers.range(), this.handlers.value(), event.key, event.shiftKey);
    if (value === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#nudge(value);
  };

  readonly wheel = (event: WheelEvent): void => {
    if (document.activeElement !== event.currentTarget || this.handlers.disabled?.()) return;
    event.preventDefault();
    const { fine, step } = this.handlers.range();
    const by = event.shiftKey ? fine : step;
    this.#nudge(settle(this.handlers.range(), this.handlers.value() - Math.sign(event.deltaY) * by));
  };

  readonly reset = (): void => {
    if (!this.handlers.disabled?.()) this.#nudge(this.handlers.range().reset);
  };

  #begin(event: PointerEvent): boolean {
    if (event.button !== 0 || this.handlers.disabled?.()) return false;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.dragging = true;
    return true;
  }

  #place(event: PointerEvent, track: HTMLElement): void {
    const box = track.getBoundingClientRect();
    this.#set((event.clientX - box.left) / box.width);
  }

  #relative(distance: number): void {
    this.#set(this.#from.travel + distance);
  }

  #set(travel: number): void {
    const { min, max } = this.handlers.range();
    const at = Math.min(1, Math.max(0, travel));
    this.handlers.turn(this.handlers.at?.(at) ?? settle(this.handlers.range(), min + at * (max - min)));
  }

  #travel(): number {
    const { min, max } = this.handlers.range();
    const value = this.handlers.value();
    return this.handlers.travel?.(value) ?? (value - min) / (max - min);
  }

  #nudge(value: number): void {
    this.handlers.turn(value);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.handlers.commit(), KEY_SETTLE_MS);
  }
}
