// The window: commands and events over Tauri. Nothing else imports it.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { type Backend, type CommandName, type ConnectionState, type FileDrop, Listeners, Refused } from './backend';
import type { ApiError, Commands, Event } from './generated/api';

function refusal(thrown: unknown): Refused {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) return new Refused(thrown as ApiError);
  return new Refused({ code: 'internal', message: String(thrown), nextStep: 'Restart Antiphon; your work is saved.' });
}

/** Connects the page to the window's peer; listens before the first command, so that no event is missed. */
export async function openTauri(): Promise<Backend> {
  const events = new Listeners<Event>();
  const drops = new Listeners<FileDrop>();
  await listen<Event>('antiphon', ({ payload }) => events.tell(payload));
  await listen('tauri://drag-enter', () => drops.tell({ phase: 'over' }));
  await listen('tauri://drag-leave', () => drops.tell({ phase: 'leave' }));
  await listen<{ paths: string[] }>('tauri://drag-drop', ({ payload }) => drops.tell({ phase: 'drop', paths: payload.paths }));
  return {
    kind: 'window',
    call: <K extends CommandName>(name: K, args: Commands[K]['args']) =>
      invoke<Commands[K]['reply']>('call', { name, args }).catch((thrown: unknown) => {
        throw refusal(thrown);
      }),
    onEvent: (listener) => events.add(listener),
    onConnection: (listener: (state: ConnectionState) => void) => {
      listener({ state: 'open' });
      return () => {};
    },
    onFileDrop: (listener) => drops.add(listener),
  };
}
