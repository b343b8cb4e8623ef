import { expect, test } from 'vitest';
import type { MemberView } from '../backend/generated/api';
import { demoMembers } from '../backend/fake/people';
import { Door } from './door.svelte';
import { FakeBackend } from '../backend/fake';
import { Notices } from './notices.svelte';
import { MINUTE_MS, PeersStore } from './peers.svelte';

function store(): PeersStore {
  return new PeersStore(new Door(new FakeBackend(false), new Notices()));
}

function apart(errorMs: number): MemberView[] {
  return demoMembers().map((member) => (member.sync ? { ...member, sync: { ...member.sync, errorMs } } : member));
}

test('what was measured is kept for a minute, and of who is measured no more not at all', () => {
  const peers = store();
  peers.heardMembers(apart(1), 0);
  peers.heardMembers(apart(2), MINUTE_MS - 1);
  peers.heardMembers(apart(3), MINUTE_MS);
  const measured = peers.members.find((member) => member.sync)!.person.peer;
  expect(peers.errors.get(measured)?.map((point) => point.errorMs)).toEqual([2, 3]);
  peers.heardMembers(peers.members.map((member) => ({ ...member, sync: null })), MINUTE_MS + 1);
  expect(peers.errors.size).toBe(0);
});

test('acts that come late add up for their author', () => {
  const peers = store();
  const late = { type: 'late', peer: 'b', name: 'Bo', what: 'launch' } as const;
  peers.heardLate({ ...late, byMs: 12 });
  peers.heardLate({ ...late, byMs: 30 });
  expect(peers.late.get('b')).toEqual({ times: 2, lastMs: 30, what: 'launch' });
});
