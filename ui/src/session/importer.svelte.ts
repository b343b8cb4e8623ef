// Files from outside: audio becomes a sample with a track of its own, a .beat joins the beats.
import type { FileDrop } from '../backend/backend';
import { baseName, isBeat, readBase64, SAMPLE_BYTES_MAX } from '../lib/files';
import type { BeatsStore } from './beats.svelte';
import type { Door } from './door.svelte';
import type { Jobs } from './jobs.svelte';
import type { Notices } from './notices.svelte';

export class Importer {
  /** A file hangs over the page. */
  over = $state(false);
  readonly #door: Door;
  readonly #jobs: Jobs;
  readonly #notices: Notices;
  readonly #beats: BeatsStore;
  readonly #select: (track: string) => void;
  readonly #show: (view: 'session' | 'beats') => void;

  constructor(door: Door, jobs: Jobs, notices: Notices, beats: BeatsStore, select: (track: string) => void, show: (view: 'session' | 'beats') => void) {
    this.#door = door;
    this.#jobs = jobs;
    this.#notices = notices;
    this.#beats = beats;
    this.#select = select;
    this.#show = show;
  }

  /** Takes files one after the other; `track` gets the sample, without one a new track plays it. */
  async take(files: Iterable<File>, track: string | null = null): Promise<void> {
    this.over = false;
    for (const file of files) {
      if (file.size > SAMPLE_BYTES_MAX) {
        this.#notices.add('error', `${file.name} is larger than 64 MiB.`, 'Cut it shorter or save it as FLAC, then drop it again.');
        continue;
      }
      const job = this.#jobs.begin(`Reading ${file.name}`);
      try {
        const base64 = await readBase64(file, (share) => this.#jobs.advance(job, share * 0.9));
        await this.#hand(file.name, { path: null, base64 }, track);
      } catch {
        this.#notices.add('error', `${file.name} cannot be read.`, 'Check that the file still exists, then drop it again.');
      } finally {
        this.#jobs.end(job);
      }
    }
  }

  /** Files dropped on the window come as paths. */
  windowDrop(drop: FileDrop): void {
    this.over = drop.phase === 'over';
    if (drop.phase !== 'drop') return;
    void (async () => {
      for (const path of drop.paths) await this.#hand(baseName(path), { path, base64: null }, null);
    })();
  }

  async #hand(name: string, source: { path: string | null; base64: string | null }, track: string | null): Promise<void> {
    if (isBeat(name)) {
      const beat = await this.#beats.add({ beat: null, ...source });
      if (beat) this.#show('beats');
      return;
    }
    const imported = await this.#door.tell('import_sample', { name, track, ...source });
    if (!imported) return;
    this.#notices.add('success', `${name} plays on ${track ? 'this' : 'its own'} track now.`);
    this.#select(imported.track);
    this.#show('session');
  }
}
