// Keys that work anywhere in the window. What has focus is asked first; typing and overlays keep theirs.
import { isInOverlay, isTyping } from '../../lib/shortcuts';
import type { Studio } from '../../session/studio.svelte';
import { clearTrack, moveTrack, removeTrack, toggleMute, toggleSolo } from '../../session/track-edits';

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
      if (studio.view === 'session' && event.shiftKey) clearTrack(studio);
      else if (studio.view === 'session') removeTrack(studio);
      return true;
    default:
      return false;
  }
}

function plain(studio: Studio, event: KeyboardEvent): boolean {
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

function inSession(studio: Studio, event: KeyboardEvent): boolean {
  switch (event.key.toLowerCase()) {
    case 'k':
      studio.keys.toggle();
      return true;
    case 'm':
      toggleMute(studio);
      return true;
    case 's':
      toggleSolo(studio);
      return true;
    case 'v':
      studio.selection.lane = 'velocity';
      return true;
    case 'p':
      studio.selection.lane = 'pitch';
      return true;
    case 'l':
      studio.selection.lane = 'length';
      return true;
    case 'n':
      studio.adding = true;
      return true;
    case 'f2':
      studio.renaming = studio.selection.track?.id ?? null;
      return true;
    default:
      return false;
  }
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
