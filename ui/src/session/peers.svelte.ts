// Who is here, who is near, who asks to come in.
import type { Event, Invite, Join, JoinRequest, MemberView, NearbyPeer, Role } from '../backend/generated/api';
import type { Door } from './door.svelte';

/** What of one peer came after the moment at which it should have been heard here. */
export interface Lateness {
  readonly times: number;
  readonly lastMs: number;
  readonly what: string;
}

/** What was measured at one moment. */
export interface SyncPoint {
  readonly atMs: number;
  readonly errorMs: number;
}

/** How long a measurement is shown. */
export const MINUTE_MS = 60_000;

type LateEvent = Extract<Event, { type: 'late' }>;

export class PeersStore {
  members = $state.raw<readonly MemberView[]>([]);
  nearby = $state.raw<readonly NearbyPeer[]>([]);
  requests = $state.raw<readonly JoinRequest[]>([]);
  late = $state.raw<ReadonlyMap<string, Lateness>>(new Map());
  /** Of every peer, what was measured in the last minute, oldest first. */
  errors = $state.raw<ReadonlyMap<string, readonly SyncPoint[]>>(new Map());
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  others = $derived(this.members.filter((member) => !member.me));
  here = $derived(this.members.filter((member) => member.here || member.me));

  /** The name of a peer id; what is no id of a member is a name already. */
  nameOf(peer: string): string {
    const member = this.members.find((one) => one.person.peer === peer);
    return member?.person.name ?? (/^[0-9a-f]{64}$/.test(peer) ? 'Someone' : peer);
  }

  /** The members as they are told, with what was measured of them at `nowMs`. */
  heardMembers(members: readonly MemberView[], nowMs: number): void {
    this.members = members;
    const errors = new Map<string, readonly SyncPoint[]>();
    for (const { person, sync } of members) {
      const kept = (this.errors.get(person.peer) ?? []).filter((point) => point.atMs > nowMs - MINUTE_MS);
      if (sync) errors.set(person.peer, [...kept, { atMs: nowMs, errorMs: sync.errorMs }]);
    }
    this.errors = errors;
  }

  heardLate({ peer, byMs, what }: LateEvent): void {
    const times = (this.late.get(peer)?.times ?? 0) + 1;
    this.late = new Map(this.late).set(peer, { times, lastMs: byMs, what });
  }

  /** Others who edit in this track now. */
  on(track: string): readonly MemberView[] {
    return this.others.filter((member) => member.here && member.track === track);
  }

  join(where: Partial<Join>): Promise<null | undefined> {
    return this.#door.tell('join', { peer: null, link: null, address: null, ...where });
  }

  async answer(peer: string, role: Role | null): Promise<void> {
    const reply = await this.#door.tell('answer_join', { peer, role });
    if (reply !== undefined) this.requests = this.requests.filter((request) => request.person.peer !== peer);
  }

  invite(): Promise<Invite> {
    return this.#door.ask('invite', null);
  }
}
