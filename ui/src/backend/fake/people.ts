// The fake peer's company: members, neighbours, beats and checks.
import type { BeatView, Check, Commands, MemberView, NearbyPeer, OutputView, Person, SessionEntry } from '../generated/api';

const person = (digit: string, name: string, colour: number): Person => ({ peer: digit.repeat(64), name, colour });

export const ME = person('a', 'Quiet Heron', 1);
export const BO = person('b', 'Amber Finch', 8);
export const CY = person('c', 'North Wren', 4);
export const DEE = person('d', 'Pale Otter', 6);
export const EVE = person('e', 'Brisk Lark', 11);

export function demoMembers(): MemberView[] {
  const base = { track: null, step: null, sync: null, differs: null };
  return [
    { ...base, person: ME, role: 'owner', me: true, here: true },
    {
      ...base,
      person: BO,
      role: 'editor',
      me: false,
      here: true,
      sync: { locked: true, errorMs: 0.04, boundMs: 0.31, roundTripMs: 1.8, driftPpm: 12.4, loss: 0.002, path: 'udp', suspect: null },
    },
    { ...base, person: CY, role: 'listener', me: false, here: false },
  ];
}

/** The same members, measured once more: what is measured wanders. */
export function measured(members: readonly MemberView[], nowMs: number): MemberView[] {
  const errorMs = 0.04 * Math.sin(nowMs / 1700);
  return members.map((member) => (member.sync ? { ...member, sync: { ...member.sync, errorMs } } : member));
}

export function demoNearby(): NearbyPeer[] {
  return [
    { person: DEE, session: { id: '11'.repeat(16), name: 'Kitchen dub' }, standing: { state: 'stranger' }, differs: null },
    { person: EVE, session: { id: '22'.repeat(16), name: 'Slow train' }, standing: { state: 'stranger' }, differs: 'Runs an older version: you can join, but hear their drums a little differently.' },
  ];
}

export function demoSessions(nowMs: number, open: string): SessionEntry[] {
  return [
    { id: open, name: 'First light', tracks: 8, bpm: 112, editedAtMs: nowMs - 20_000, open: true, role: 'owner', readOnly: null },
    { id: '33'.repeat(16), name: 'Cold harbour', tracks: 12, bpm: 138.5, editedAtMs: nowMs - 7_200_000, open: false, role: 'editor', readOnly: null },
    { id: '44'.repeat(16), name: 'Letters home', tracks: 5, bpm: 84, editedAtMs: nowMs - 900_000_000, open: false, role: 'owner', readOnly: 'Made by a newer version of Antiphon.' },
  ];
}

export function demoBeats(nowMs: number, session: string): BeatView[] {
  const beat = (digit: string, title: string, fields: Partial<BeatView>): BeatView => ({
    id: digit.repeat(64),
    title,
    authors: [{ name: ME.name, peer: ME.peer, me: true }],
    licence: 'CC-BY-4.0',
    createdAtMs: nowMs - 86_400_000 * 3,
    bpm: 112,
    seconds: 34.3,
    tracks: 8,
    bytes: 24_300,
    parents: [],
    session,
    sameEngine: true,
    path: `/home/me/.local/share/antiphon/beats/${title}.beat`,
    ...fields,
  });
  return [
    beat('7', 'First light', { parents: [{ id: '5'.repeat(64), title: 'Lantern' }] }),
    beat('5', 'Lantern', { authors: [{ name: 'Antiphon', peer: 'f'.repeat(64), me: false }], licence: 'CC0-1.0', bpm: 96, seconds: 20, tracks: 6, session: '' }),
    beat('6', 'Salt and wire', { authors: [{ name: BO.name, peer: BO.peer, me: false }], bpm: 141.5, tracks: 11, sameEngine: false, bytes: 2_410_000, parents: [{ id: '9'.repeat(64), title: null }], session: '' }),
  ];
}

export const OUTPUTS: OutputView[] = [
  { id: 'default', name: 'System default', chosen: true, trimMs: 0 },
  { id: 'usb', name: 'USB interface', chosen: false, trimMs: 0 },
  { id: 'bt', name: 'Bluetooth headphones', chosen: false, trimMs: 180 },
];

export const CHECKS: Check[] = [
  { name: 'audio', state: 'good', found: 'Plays on System default at 48000 Hz, 12 ms.', nextStep: null },
  { name: 'discovery', state: 'warning', found: 'No other peer answers on this network.', nextStep: 'Join by address if multicast is blocked, as in guest Wi-Fi.' },
  { name: 'store', state: 'good', found: 'All sessions open; 61 GiB free.', nextStep: null },
  { name: 'clock', state: 'good', found: 'One peer locked within 0.31 ms.', nextStep: null },
];

/** A picture with the look of a QR code; nobody can scan it. */
export function fakeQr(): string {
  let cells = '';
  for (let i = 0; i < 25 * 25; i++) if ((i * 7919) % 13 < 6) cells += `M${i % 25} ${Math.floor(i / 25)}h1v1h-1z`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 29 29"><path fill="#fff" d="M-2-2h29v29h-29z"/><path d="${cells}"/></svg>`;
}

/** The same outputs, with the one chosen that is asked for. */
export function chosen(outputs: readonly OutputView[], { output, trimMs }: Commands['set_output']['args']): OutputView[] {
  const id = output ?? 'default';
  return outputs.map((one) => ({ ...one, chosen: one.id === id, trimMs: one.id === id ? (trimMs ?? one.trimMs) : one.trimMs }));
}
