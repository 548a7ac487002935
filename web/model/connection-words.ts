// What the page says about a terminal's connection.
import type { Connection } from '../terminal/connection.ts';

export type Health = 'good' | 'busy' | 'bad';

export interface ConnectionWords {
  health: Health;
  /** A word or two for the top bar. */
  label: string;
  /** A sentence over the terminal, where the user should know. */
  sentence?: string;
  /** A button that helps. */
  action?: string;
}

/** `exitCode` is that of a shell that has ended. */
export function connectionWords(connection: Connection, exitCode?: number): ConnectionWords {
  switch (connection.name) {
    case 'live':
      return { health: 'good', label: 'Connected' };
    case 'idle':
      return { health: 'busy', label: 'Connecting' };
    case 'connecting':
    case 'attaching':
      return connection.attempt === 0
        ? { health: 'busy', label: connection.isAgain ? 'Reconnecting' : 'Connecting' }
        : { health: 'bad', label: 'Reconnecting', sentence: keptSentence };
    case 'waiting':
      return connection.attempt === 0
        ? { health: 'busy', label: 'Reconnecting' }
        : { health: 'bad', label: 'Reconnecting', sentence: waitingSentence(connection), action: 'Try now' };
    case 'closed':
      return closedWords(connection, exitCode);
  }
}

const keptSentence = 'The connection is gone. Connecting again: what you type is kept and sent once.';

function waitingSentence({ reason }: Extract<Connection, { name: 'waiting' }>): string {
  return reason.name === 'ConnectionLost' ? keptSentence : `${reason.sentence} What you type is kept and sent once.`;
}

function closedWords({ reason }: Extract<Connection, { name: 'closed' }>, exitCode = 0): ConnectionWords {
  if (!reason) return { health: 'bad', label: 'Closed' };
  if (reason.name !== 'ShellExited') {
    return { health: 'bad', label: 'Refused', sentence: reason.sentence, action: 'Connect again' };
  }
  const sentence = exitCode === 0 ? 'The shell has ended.' : `The shell has ended with exit code ${exitCode}.`;
  return { health: 'bad', label: 'Shell ended', sentence, action: 'Open a new shell' };
}
