// Who is here, who is near, who asks to come in.
import type { Invite, Join, JoinRequest, MemberView, NearbyPeer, Role } from '../backend/generated/api';
import type { Door } from './door.svelte';

export class PeersStore {
  members = $state.raw<readonly MemberView[]>([]);
  nearby = $state.raw<readonly NearbyPeer[]>([]);
  requests = $state.raw<readonly JoinRequest[]>([]);
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
