// Why a terminal socket was closed: a number for the wire, a name for the code, a sentence for the user.

export interface CloseReason {
  code: number;
  name: string;
  sentence: string;
  /** Whether the page should try again by itself. */
  isRetryable: boolean;
}

const reason = (code: number, name: string, sentence: string, isRetryable: boolean): CloseReason => ({
  code,
  name,
  sentence,
  isRetryable,
});

export const closeReasons = {
  shellExited: reason(4000, 'ShellExited', 'The shell has ended. Open a new one to go on.', false),
  sessionEnded: reason(4001, 'SessionEnded', 'This session has ended. Start a new one to go on.', false),
  unauthorized: reason(4002, 'Unauthorized', 'You are not signed in. Sign in to go on.', false),
  forbidden: reason(4003, 'Forbidden', 'This terminal is not yours.', false),
  noSession: reason(4004, 'NoSession', 'You have no session. Start one to go on.', false),
  badMessage: reason(
    4005,
    'BadMessage',
    'The page sent something that the terminal does not understand. Reload the page.',
    false,
  ),
  tooLarge: reason(4006, 'TooLarge', 'The page sent more at once than the terminal takes. Reload the page.', false),
  tooManyTerminals: reason(
    4007,
    'TooManyTerminals',
    'This session has no room for another terminal. Close one first.',
    false,
  ),
  agentUnreachable: reason(4008, 'AgentUnreachable', 'Your pod does not answer. Trying again.', true),
  shuttingDown: reason(4009, 'ShuttingDown', 'The server is restarting. Connecting again.', true),
  notAttached: reason(4010, 'NotAttached', 'The page did not say what it wants in time. Trying again.', true),
  shellFailed: reason(
    4011,
    'ShellFailed',
    'The shell could not be started. End the session and start a new one.',
    false,
  ),
} as const satisfies Record<string, CloseReason>;

const byCode = new Map<number, CloseReason>(Object.values(closeReasons).map((r) => [r.code, r]));

/** The reason behind a close code; codes of the WebSocket protocol itself mean that the line is gone. */
export const closeReasonOf = (code: number): CloseReason =>
  byCode.get(code) ?? reason(code, 'ConnectionLost', 'The connection is gone. Connecting again.', true);
