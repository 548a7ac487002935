// Keeps how the user has arranged the terminals, and tells every browser. Gone with the terminals, when the agent ends.
import type { Disposable } from '../common/lifecycle.ts';
import type { Layout } from '../protocol/layout.ts';

export interface ArrangedLayout {
  layout: Layout;
  /** Grows with every change. */
  revision: number;
}

export interface LayoutStore {
  /** undefined as long as nobody arranged anything. */
  readonly current: ArrangedLayout | undefined;
  /** The last one who sets it decides. */
  set(layout: Layout): void;
  /** Calls back at once, if there is a layout, and on each change. */
  watch(listener: (arranged: ArrangedLayout) => void): Disposable;
}

export function createLayoutStore(): LayoutStore {
  let current: ArrangedLayout | undefined;
  const listeners = new Set<(arranged: ArrangedLayout) => void>();
  return {
    get current() {
      return current;
    },
    set(layout) {
      const arranged = { layout, revision: (current?.revision ?? 0) + 1 };
      current = arranged;
      for (const listener of [...listeners]) listener(arranged);
    },
    watch(listener) {
      listeners.add(listener);
      if (current) listener(current);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
}
