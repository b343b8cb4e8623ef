// What a key means on a step of the grid.

export type GridAct =
  | { act: 'toggle' }
  | { act: 'clear' }
  | { act: 'step'; step: number }
  | { act: 'extend'; step: number }
  | { act: 'track'; by: number }
  | { act: 'nudge'; direction: 1 | -1; fine: boolean };

const PAGE = 16;

export function gridKey(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>, step: number, length: number, pianoOn: boolean): GridAct | null {
  const control = event.ctrlKey || event.metaKey;
  const to = (next: number): GridAct => ({ act: 'step', step: Math.min(length - 1, Math.max(0, next)) });
  if (event.altKey) return null;
  if (event.shiftKey && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
    const { step: end } = to(step + (event.key === 'ArrowRight' ? 1 : -1) * (control ? PAGE : 1)) as { step: number };
    return { act: 'extend', step: end };
  }
  switch (event.key) {
    case 'ArrowRight':
      return to(step + (control ? PAGE : 1));
    case 'ArrowLeft':
      return to(step - (control ? PAGE : 1));
    case 'Home':
      return to(0);
    case 'End':
      return to(length - 1);
    case 'ArrowUp':
      return { act: 'track', by: -1 };
    case 'ArrowDown':
      return { act: 'track', by: 1 };
  }
  if (control) return null;
  switch (event.key) {
    case 'Enter':
      // With Shift it launches the pattern.
      return event.shiftKey ? null : { act: 'toggle' };
    case 'x':
    case 'X':
      // The piano's X moves the octave.
      return pianoOn ? null : { act: 'toggle' };
    case 'Delete':
    case 'Backspace':
      return { act: 'clear' };
    case '+':
    case '=':
      return { act: 'nudge', direction: 1, fine: event.key === '=' };
    case '-':
    case '_':
      return { act: 'nudge', direction: -1, fine: event.key === '_' };
    default:
      return null;
  }
}
