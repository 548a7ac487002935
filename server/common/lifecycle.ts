// Disposables: everything that opens something has a `dispose`, and a store ends what belongs together.
import type { Disposable } from './clock.ts';

export type { Disposable } from './clock.ts';

export interface AsyncDisposable {
  dispose(): Promise<void> | void;
}

export const toDisposable = (dispose: () => void): Disposable => ({ dispose });

/** Ends its members in reverse order of adding, each once; what is added after the end is ended at once. */
export class DisposableStore implements Disposable {
  #members = new Set<Disposable>();
  #isDisposed = false;

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  add<T extends Disposable>(member: T): T {
    if (this.#isDisposed) member.dispose();
    else this.#members.add(member);
    return member;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const member of [...this.#members].reverse()) member.dispose();
    this.#members.clear();
  }
}

/** Like DisposableStore, for ends that take time: awaits one after the other, newest first, and throws the first fault after all ran. */
export class AsyncDisposableStore implements AsyncDisposable {
  #members: AsyncDisposable[] = [];
  #end: Promise<void> | undefined;

  add<T extends AsyncDisposable>(member: T): T {
    this.#members.push(member);
    return member;
  }

  dispose(): Promise<void> {
    this.#end ??= this.#disposeAll();
    return this.#end;
  }

  async #disposeAll(): Promise<void> {
    const faults: unknown[] = [];
    for (const member of this.#members.reverse()) {
      try {
        await member.dispose();
      } catch (fault) {
        faults.push(fault);
      }
    }
    this.#members = [];
    if (faults.length) throw faults[0];
  }
}
