// What people are told beside their work: refusals with cause and next step, and what the peer reports.
import type { ApiError, NoticeLevel } from '../backend/generated/api';
import { sentence } from '../lib/format';

export interface Notice {
  readonly id: number;
  readonly level: NoticeLevel | 'success';
  readonly text: string;
  readonly nextStep: string | null;
}

const SHOWN_MAX = 4;

export class Notices {
  all = $state.raw<readonly Notice[]>([]);
  #next = 1;

  add(level: Notice['level'], message: string, next: string | null = null): void {
    const text = sentence(message);
    const nextStep = next === null ? null : sentence(next);
    // The same sentence again says nothing new: it replaces itself.
    const others = this.all.filter((notice) => notice.text !== text);
    this.all = [...others, { id: this.#next++, level, text, nextStep }].slice(-SHOWN_MAX);
  }

  refusal(error: ApiError): void {
    this.add('error', error.message, error.nextStep ?? NEXT_STEPS[error.code]);
  }

  dismiss(id: number): void {
    this.all = this.all.filter((notice) => notice.id !== id);
  }
}

/** What to do when the peer did not say: one sentence per kind of refusal. */
const NEXT_STEPS: Readonly<Record<ApiError['code'], string>> = {
  badRequest: 'Reload this page: it may be older than the program.',
  invalid: 'Change the value and try again.',
  notFound: 'It may have been removed meanwhile; look at the list again.',
  notAllowed: 'Ask the owner of the session for another role.',
  unreachable: 'Check the network and that the other side runs.',
  badFile: 'Try another file: WAV, FLAC, MP3, OGG, AIFF, or .beat.',
  storage: 'Make room on the disk; nothing is lost while Antiphon runs.',
  internal: 'Run the check in Settings and report what it says.',
};
