// The terminals of a session by id, as long as the workspace is shown.
import type { Terminal } from './terminal.ts';

export interface Terminals {
  /** The terminal of this id; made when it is asked for first. */
  get(id: string): Terminal;
  all(): Terminal[];
  /** Disposes those that are not in `ids`. */
  keep(ids: ReadonlySet<string>): void;
  dispose(): void;
}

export function createTerminals(create: (id: string) => Terminal): Terminals {
  const terminals = new Map<string, Terminal>();
  const keep = (ids: ReadonlySet<string>) => {
    for (const [id, terminal] of terminals) {
      if (ids.has(id)) continue;
      terminals.delete(id);
      terminal.dispose();
    }
  };
  return {
    get(id) {
      const terminal = terminals.get(id) ?? create(id);
      terminals.set(id, terminal);
      return terminal;
    },
    all: () => [...terminals.values()],
    keep,
    dispose: () => keep(new Set()),
  };
}
