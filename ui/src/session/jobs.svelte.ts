// Long work, with how far it is: the peer's jobs, and files that this page still reads.
import type { Job } from '../backend/generated/api';

export class Jobs {
  all = $state.raw<readonly Job[]>([]);
  /** Ids of this page count down, so that they never meet the peer's. */
  #nextOwn = -1;

  receive(job: Job): void {
    const others = this.all.filter((other) => other.id !== job.id);
    this.all = job.done && !job.error ? others : [...others, job];
  }

  begin(label: string): number {
    const id = this.#nextOwn--;
    this.receive({ id, label, progress: 0, done: false, error: null });
    return id;
  }

  advance(id: number, progress: number): void {
    this.all = this.all.map((job) => (job.id === id ? { ...job, progress } : job));
  }

  end(id: number): void {
    this.all = this.all.filter((job) => job.id !== id);
  }
}
