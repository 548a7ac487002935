// The terminals of a session by id, as long as the workspace is shown.
import type { Terminal } from './terminal.ts';

export interface Terminals {
  /** The terminal of this id; made when it is asked for first. */
  get(id: string): Terminal;
  all(): Terminal[];
  dispose(): void;
}

export function createTerminals(create: (id: string) => Terminal): Terminals {
  const terminals = new Map<string, Terminal>();
  return {
    get(id) {
      const terminal = terminals.get(id) ?? create(id);
      terminals.set(id, terminal);
      return terminal;
    },
    all: () => [...terminals.values()],
    dispose() {
      for (const terminal of terminals.values()) terminal.dispose();
      terminals.clear();
    },
  };
}
