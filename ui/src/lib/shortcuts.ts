// Every shortcut once: what its key is, how it is shown, and the overlay's words for it.

export interface Shortcut {
  readonly keys: string;
  readonly does: string;
}

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    title: 'Anywhere',
    shortcuts: [
      { keys: 'Space', does: 'Play or pause' },
      { keys: '0', does: 'Stop, back to the start' },
      { keys: 'Shift 0', does: 'All notes off: end what sounds here' },
      { keys: 'T', does: 'Tap the tempo' },
      { keys: 'Shift M', does: 'Metronome, for my ears only' },
      { keys: 'Ctrl Z', does: 'Undo my last edit' },
      { keys: 'Ctrl Shift Z', does: 'Redo (also Ctrl Y)' },
      { keys: 'I', does: 'Invite someone' },
      { keys: 'Ctrl Enter', does: 'Publish a beat' },
      { keys: '?', does: 'Show these shortcuts' },
      { keys: 'Esc', does: 'Close what is open' },
    ],
  },
  {
    title: 'Step grid',
    shortcuts: [
      { keys: '← → ↑ ↓', does: 'Move; Ctrl ← → by a page' },
      { keys: 'Enter', does: 'Step on or off (also X)' },
      { keys: 'Shift ← →', does: 'Select several steps' },
      { keys: 'V P L U C R', does: 'Show velocity, pitch, length, micro-timing, chance, ratchet' },
      { keys: 'D', does: 'Everything of the selected steps' },
      { keys: '+ −', does: 'Raise, lower the shown value of the steps' },
      { keys: 'M', does: 'Mute the track for all' },
      { keys: 'S', does: 'Solo the track for all' },
      { keys: 'Alt ↑ ↓', does: 'Move the track' },
      { keys: 'N', does: 'Add a track' },
      { keys: 'F2', does: 'Rename the track' },
      { keys: 'Delete', does: 'Clear the step (Ctrl Delete: remove the track)' },
    ],
  },
  {
    title: 'Patterns',
    shortcuts: [
      { keys: '1 … 9', does: 'Show a pattern of the track' },
      { keys: 'Shift 1 … 9', does: 'Launch it at the next bar' },
      { keys: '[ ]', does: 'Show the pattern before, after' },
      { keys: 'Shift Enter', does: 'Launch the shown pattern' },
      { keys: 'B', does: 'Add a copy of the shown pattern' },
      { keys: 'G', does: 'Tools of the pattern' },
      { keys: '< >', does: 'Rotate to the left, to the right' },
      { keys: 'E', does: 'The pattern as text (Ctrl Enter applies)' },
    ],
  },
  {
    title: 'Scenes',
    shortcuts: [
      { keys: ', .', does: 'Launch the scene before, after' },
      { keys: 'F', does: 'Fill on or off' },
      { keys: 'J', does: 'Live or chain' },
      { keys: 'Q', does: 'Edit scenes and chain' },
    ],
  },
  {
    title: 'Keys',
    shortcuts: [
      { keys: 'K', does: 'Switch the piano on or off' },
      { keys: 'A W S E D … J', does: 'Play C to B, as on a piano' },
      { keys: 'Z X', does: 'Octave down, up' },
    ],
  },
  {
    title: 'Faders and knobs',
    shortcuts: [
      { keys: '↑ ↓', does: 'Turn (Shift: fine)' },
      { keys: 'Page ↑ ↓', does: 'Turn far' },
      { keys: 'Delete', does: 'Back to its default (also double-click)' },
    ],
  },
];

/** Is this a place where letters are text? */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['button', 'checkbox', 'radio', 'range', 'file', 'submit'].includes(target.type);
}

/** Inside a dialog or popover, keys belong to it: Space presses its buttons. */
export function isInOverlay(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('dialog, [data-overlay]') !== null;
}
