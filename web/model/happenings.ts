// What happens while a session starts, with the time since it was asked for.
import { batch, signal } from '@preact/signals';
import type { Progress } from '../../server/protocol/rest.ts';

/** Something that happened while a session starts. */
export interface Happening extends Progress {
  /** Since the session was asked for, in ms. */
  elapsedMs: number;
}

export class Happenings {
  /** Oldest first. */
  readonly all = signal<Happening[]>([]);
  /** When the session was asked for, in ms since the epoch. */
  readonly startedMs = signal<number>();
  /** This page asked for the session: its own clock tells tenths, where Kubernetes tells whole seconds. */
  #isOwnStart = false;

  constructor(private readonly now: () => number) {}

  /** This page asks for a session now. */
  begin(): void {
    this.#isOwnStart = true;
    batch(() => {
      this.all.value = [];
      this.startedMs.value = this.now();
    });
  }

  /** Takes the start of a session that may have been asked for elsewhere. */
  adopt(createdAt: string): void {
    if (!this.#isOwnStart) this.startedMs.value = Date.parse(createdAt);
  }

  /** A repeat is the same happening. */
  add(progress: Progress): void {
    if (this.all.value.some(({ id }) => id === progress.id)) return;
    const atMs = this.#isOwnStart ? this.now() : Date.parse(progress.at);
    this.all.value = [...this.all.value, { ...progress, elapsedMs: atMs - (this.startedMs.value ?? 0) }];
  }

  clear(): void {
    this.all.value = [];
  }
}
