// The browser: one WebSocket to the local gateway that served the page.
//
// The first frame carries the token from the address's fragment; then requests `{id, name, args}`, replies
// `{id, ok}` or `{id, error}`, and events `{event}`. A lost connection is opened again with growing pauses;
// whoever listens to `onConnection` then fetches everything anew, so no missed event can leave a stale picture.
import { type Backend, type CommandName, type ConnectionState, Listeners, Refused, unreachable } from './backend';
import type { ApiError, Commands, Event } from './generated/api';

const TOKEN_KEY = 'antiphon-token';
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** Close code "policy violation": this token will not do. */
const POLICY_VIOLATION = 1008;
/** The gateway hangs up on a wrong token without a word. Once may be chance, twice is an answer. */
const SILENT_ENDS_MAX = 2;

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Refused) => void;
}

type Incoming = { event: Event } | { id: number; ok: unknown } | { id: number; error: ApiError };

/** Takes the token out of the address, so that it is neither bookmarked nor shown, and keeps it for reloads. */
export function takeToken(location: Location, history: History, storage: Storage): string | null {
  const found = /(?:^#|&)token=([0-9a-f]{32})(?:&|$)/i.exec(location.hash)?.[1];
  if (!found) return storage.getItem(TOKEN_KEY);
  storage.setItem(TOKEN_KEY, found);
  history.replaceState(null, '', location.pathname + location.search);
  return found;
}

function gatewayAddress(location: Location): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/api`;
}

export class WebBackend implements Backend {
  readonly kind = 'browser';
  #events = new Listeners<Event>();
  #connections = new Listeners<ConnectionState>();
  #state: ConnectionState = { state: 'connecting' };
  #waiting = new Map<number, Waiting>();
  #socket: WebSocket | null = null;
  #nextId = 1;
  #pauseMs = FIRST_PAUSE_MS;
  #silentEnds = 0;
  #heard = false;
  readonly #token: string | null;
  readonly #address: string;

  constructor(token = takeToken(location, history, sessionStorage), address = gatewayAddress(location)) {
    this.#token = token;
    this.#address = address;
    if (token) this.#connect();
    else this.#state = { state: 'refused', reason: 'This page was opened without its key. Open the full address that Antiphon printed, the part after # included.' };
  }

  call<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Commands[K]['reply']> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(unreachable('Antiphon does not answer.', 'It is tried again by itself; check that it still runs.'));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, name, args }));
    });
  }

  onEvent(listener: (event: Event) => void): () => void {
    return this.#events.add(listener);
  }

  onConnection(listener: (state: ConnectionState) => void): () => void {
    listener(this.#state);
    return this.#connections.add(listener);
  }

  onFileDrop(): () => void {
    return () => {};
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#connections.tell(state);
  }

  #connect(): void {
    const socket = new WebSocket(this.#address);
    let opened = false;
    this.#socket = socket;
    this.#heard = false;
    socket.onopen = () => {
      opened = true;
      socket.send(JSON.stringify({ token: this.#token }));
      this.#enter({ state: 'open' });
    };
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onclose = ({ code }) => this.#closed(code, opened);
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as Incoming;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#heard = true;
    if ('event' in message) return this.#events.tell(message.event);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(new Refused(message.error));
    else waiting?.resolve(message.ok as never);
  }

  #closed(code: number, opened: boolean): void {
    this.#socket = null;
    for (const { reject } of this.#waiting.values()) {
      reject(unreachable('The connection to Antiphon was lost before it answered.', 'It is tried again by itself.'));
    }
    this.#waiting.clear();
    this.#silentEnds = opened && !this.#heard ? this.#silentEnds + 1 : 0;
    if (code === POLICY_VIOLATION || this.#silentEnds >= SILENT_ENDS_MAX) {
      sessionStorage.removeItem(TOKEN_KEY);
      return this.#enter({ state: 'refused', reason: 'The key of this page is no longer valid: Antiphon was started anew. Open the address that it prints now.' });
    }
    this.#enter({ state: 'lost' });
    // A little chance in the pause keeps several pages from knocking at the same moment.
    setTimeout(() => this.#connect(), this.#pauseMs * (0.75 + Math.random() / 2));
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }
}
