// Swallows what programs ask the terminal: the agent's screen answers, once for all pages.
import type { Terminal } from '@xterm/xterm';
import { csiQueries, dcsQueries, isOscQuery, oscQueries } from '../../server/protocol/queries.ts';

export function swallowQueries({ parser }: Pick<Terminal, 'parser'>): void {
  for (const query of csiQueries) parser.registerCsiHandler(query, () => true);
  for (const query of dcsQueries) parser.registerDcsHandler(query, () => true);
  for (const number of oscQueries) parser.registerOscHandler(number, isOscQuery);
}
