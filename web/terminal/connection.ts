// The states of a terminal's connection and the only ways between them, free of sockets and timers.
import type { CloseReason } from '../../server/protocol/close-codes.ts';
import { closeReasonOf } from '../../server/protocol/close-codes.ts';

export type Connection =
  | { readonly name: 'idle' }
  /** A socket is being opened; `attempt` counts failures since the line last worked; `isAgain`: it is not the first try of all. */
  | { readonly name: 'connecting'; readonly attempt: number; readonly isAgain?: boolean }
  /** The socket is open and `attach` was sent. */
  | { readonly name: 'attaching'; readonly attempt: number; readonly isAgain?: boolean }
  | { readonly name: 'live' }
  | { readonly name: 'waiting'; readonly attempt: number; readonly retryInMs: number; readonly reason: CloseReason }
  /** Over until the user asks for more; without a reason the page itself closed it. */
  | { readonly name: 'closed'; readonly reason?: CloseReason };

export type ConnectionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  | { readonly type: 'attached' }
  | { readonly type: 'closed'; readonly code: number }
  /** The delay before the next try is over. */
  | { readonly type: 'due' }
  /** Network, window or page came back: a try is likely to succeed now. */
  | { readonly type: 'wake' }
  | { readonly type: 'stop' };

const firstRetryMs = 100;
const baseRetryMs = 250;
const maxRetryMs = 10_000;

/** Delay before try number `attempt`, in ms: the first within 100 ms, then doubling with jitter up to 10 s. `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  if (attempt === 0) return Math.round(random * firstRetryMs);
  const ceilingMs = Math.min(maxRetryMs, baseRetryMs * 2 ** Math.min(attempt, 16));
  return Math.round(ceilingMs * (0.5 + random / 2));
}

/** The state after `event`; the same object when the event means nothing in this state. */
export function transition(state: Connection, event: ConnectionEvent, random: number): Connection {
  switch (event.type) {
    case 'start':
      return state.name === 'idle' || state.name === 'closed' ? { name: 'connecting', attempt: 0 } : state;
    case 'opened':
      return state.name === 'connecting' ? { ...state, name: 'attaching' } : state;
    case 'attached':
      return state.name === 'attaching' ? { name: 'live' } : state;
    case 'due':
    case 'wake':
      return state.name === 'waiting' ? { name: 'connecting', attempt: state.attempt, isAgain: true } : state;
    case 'stop':
      return state.name === 'closed' ? state : { name: 'closed' };
    case 'closed':
      return afterClose(state, event.code, random);
  }
}

function afterClose(state: Connection, code: number, random: number): Connection {
  if (state.name === 'idle' || state.name === 'waiting' || state.name === 'closed') return state;
  const reason = closeReasonOf(code);
  if (!reason.isRetryable) return { name: 'closed', reason };
  const attempt = state.name === 'live' ? 0 : state.attempt + 1;
  return { name: 'waiting', attempt, retryInMs: retryDelayMs(attempt, random), reason };
}
