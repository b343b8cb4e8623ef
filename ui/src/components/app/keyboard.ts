// Keys that work anywhere in the window. What has focus is asked first; typing and overlays keep theirs.
import { isInOverlay, isTyping } from '../../lib/shortcuts';
import type { LaneName } from '../../lib/lane';
import { addPattern, clearPattern, launch, pickNeighbour, pickNumber, reshape } from '../../session/pattern-edits';
import { launchNeighbour, setMode, toggleFill } from '../../session/scene-edits';
import { type DockView, type Studio } from '../../session/studio.svelte';
import { moveTrack, removeTrack, toggleMute, toggleSolo } from '../../session/track-edits';

function withControl(studio: Studio, event: KeyboardEvent): boolean {
  switch (event.key.toLowerCase()) {
    case 'z':
      void (event.shiftKey ? studio.history.redo() : studio.history.undo());
      return true;
    case 'y':
      void studio.history.redo();
      return true;
    case 'enter':
      if (studio.song.session) studio.dialog = 'publish';
      return true;
    case 'delete':
      if (studio.view === 'session' && event.shiftKey) clearPattern(studio);
      else if (studio.view === 'session') removeTrack(studio);
      return true;
    default:
      return false;
  }
}

function plain(studio: Studio, event: KeyboardEvent): boolean {
  if (event.code === 'Digit0' && event.shiftKey) {
    studio.keys.allNotesOff();
    return true;
  }
  if (event.key === 'M' && event.shiftKey) {
    void studio.metronome.toggle();
    return true;
  }
  switch (event.key.toLowerCase()) {
    case '?':
      studio.dialog = 'shortcuts';
      return true;
    case '0':
      void studio.transport.stop();
      return true;
    case 't':
      studio.transport.tap(event.timeStamp);
      return true;
    case 'i':
      if (studio.song.session) studio.dialog = 'invite';
      return true;
    default:
      return studio.view === 'session' && inSession(studio, event);
  }
}

/** The lane that a letter shows. */
const LANE_KEYS: Readonly<Record<string, LaneName>> = { v: 'velocity', p: 'pitch', l: 'length', u: 'micro', c: 'chance', r: 'ratchet' };

function show(studio: Studio, view: DockView): void {
  if (studio.keys.on) studio.keys.toggle();
  studio.dock = view;
}

const IN_SESSION: Readonly<Record<string, (studio: Studio) => void>> = {
  k: (studio) => studio.keys.toggle(),
  m: (studio) => toggleMute(studio),
  s: (studio) => toggleSolo(studio),
  n: (studio) => (studio.adding = true),
  f2: (studio) => (studio.renaming = studio.selection.track?.id ?? null),
  d: (studio) => show(studio, 'step'),
  e: (studio) => show(studio, 'text'),
  g: (studio) => (studio.toolsOpen = true),
  q: (studio) => (studio.scenesOpen = !studio.scenesOpen),
  f: toggleFill,
  j: (studio) => setMode(studio, studio.song.mode.to === 'live' ? 'chain' : 'live'),
  '[': (studio) => pickNeighbour(studio, -1),
  ']': (studio) => pickNeighbour(studio, 1),
  b: (studio) => void addPattern(studio),
  '<': (studio) => reshape(studio, { type: 'rotate', steps: -1 }),
  '>': (studio) => reshape(studio, { type: 'rotate', steps: 1 }),
  ',': (studio) => launchNeighbour(studio, -1),
  '.': (studio) => launchNeighbour(studio, 1),
};

function inSession(studio: Studio, event: KeyboardEvent): boolean {
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (digit) {
    pickNumber(studio, Number(digit) - 1, event.shiftKey);
    return true;
  }
  if (event.key === 'Enter' && event.shiftKey) {
    launch(studio);
    return true;
  }
  const key = event.key.toLowerCase();
  const lane = LANE_KEYS[key];
  if (lane) {
    show(studio, 'lane');
    studio.selection.lane = lane;
    return true;
  }
  IN_SESSION[key]?.(studio);
  return key in IN_SESSION;
}

function withAlt(studio: Studio, event: KeyboardEvent): boolean {
  if (studio.view !== 'session' || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return false;
  moveTrack(studio, event.key === 'ArrowUp' ? -1 : 1);
  return true;
}

export function keyDown(studio: Studio, event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event.target) || isInOverlay(event.target) || studio.dialog) return;
  if (event.code === 'Space' && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    if (!event.repeat) void studio.transport.toggle();
    return;
  }
  const control = event.ctrlKey || event.metaKey;
  const handled = control
    ? withControl(studio, event)
    : event.altKey
      ? withAlt(studio, event)
      : (studio.view === 'session' && studio.keys.on && studio.keys.keyDown(event.code, event.repeat)) || (!event.repeat && plain(studio, event));
  if (handled) event.preventDefault();
}

export function keyUp(studio: Studio, event: KeyboardEvent): void {
  studio.keys.keyUp(event.code);
  // A focused button would be pressed when Space comes up; Space belongs to play.
  if (event.code === 'Space' && !isTyping(event.target) && !isInOverlay(event.target) && !studio.dialog) event.preventDefault();
}
