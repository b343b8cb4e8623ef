import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConnectionState } from './backend';
import { takeToken, WebBackend } from './web';

const TOKEN = '0123456789abcdef0123456789abcdef';

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function connected() {
  const backend = new WebBackend(TOKEN, 'ws://here/api');
  const [socket] = FakeSocket.all;
  if (!socket) throw new Error('no socket was opened');
  socket.open();
  return { backend, socket };
}

test('the first frame is the token', () => {
  expect(connected().socket.sent).toEqual([JSON.stringify({ token: TOKEN })]);
});

test('replies find their requests, whatever their order', async () => {
  const { backend, socket } = connected();
  const undo = backend.call('undo', null);
  const redo = backend.call('redo', null);
  expect(socket.sent.slice(1).map((text) => JSON.parse(text))).toEqual([
    { id: 1, name: 'undo', args: null },
    { id: 2, name: 'redo', args: null },
  ]);
  socket.say({ id: 2, ok: 'second' });
  socket.say({ id: 1, ok: 'first' });
  expect(await Promise.all([undo, redo])).toEqual(['first', 'second']);
});

test('a refusal carries the peer’s error', async () => {
  const { backend, socket } = connected();
  const play = backend.call('play', null);
  socket.say({ id: 1, error: { code: 'notFound', message: 'no session is open', nextStep: null } });
  await expect(play).rejects.toMatchObject({ error: { code: 'notFound' } });
});

test('a lost connection refuses what waits and is opened again', async () => {
  const { backend, socket } = connected();
  const states: ConnectionState['state'][] = [];
  backend.onConnection((state) => states.push(state.state));
  const play = backend.call('play', null);
  socket.close(1006);
  await expect(play).rejects.toMatchObject({ error: { code: 'unreachable' } });
  await vi.advanceTimersByTimeAsync(400);
  FakeSocket.all[1]?.open();
  expect(states).toEqual(['open', 'lost', 'open']);
});

test('a wrong token is not tried again', async () => {
  const { backend, socket } = connected();
  const states: ConnectionState['state'][] = [];
  backend.onConnection((state) => states.push(state.state));
  socket.close(1008);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states).toEqual(['open', 'refused']);
  expect(FakeSocket.all).toHaveLength(1);
});

test('being hung up on twice without a word is a refusal too', async () => {
  const { backend, socket } = connected();
  const states: ConnectionState['state'][] = [];
  backend.onConnection((state) => states.push(state.state));
  socket.close(1006);
  await vi.advanceTimersByTimeAsync(400);
  FakeSocket.all[1]?.open();
  FakeSocket.all[1]?.close(1006);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states).toEqual(['open', 'lost', 'open', 'refused']);
});

test('a peer that is away for long is tried until it is back', async () => {
  const { socket } = connected();
  socket.say({ event: { type: 'session', session: null } });
  socket.close(1006);
  for (let i = 1; i < 8; i++) {
    await vi.advanceTimersByTimeAsync(10_000);
    FakeSocket.all[i]?.close(1006);
  }
  expect(FakeSocket.all.length).toBeGreaterThan(7);
});

test('the token leaves the address and stays for a reload', () => {
  const replaced: string[] = [];
  const place = { hash: `#token=${TOKEN}`, pathname: '/', search: '' } as Location;
  const past = { replaceState: (_: unknown, __: string, to: string) => replaced.push(to) } as unknown as History;
  sessionStorage.clear();
  expect(takeToken(place, past, sessionStorage)).toBe(TOKEN);
  expect(replaced).toEqual(['/']);
  expect(takeToken({ ...place, hash: '' }, past, sessionStorage)).toBe(TOKEN);
});
