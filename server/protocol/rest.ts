// The JSON of /api, and of the event stream at /api/session/events.
import type { Layout } from './layout.ts';

export interface User {
  /** GitHub's numeric id as a string: logins can change. */
  id: string;
  login: string;
  name: string;
  avatarUrl?: string;
}

/** GET /api/me */
export interface Me {
  user: User | null;
  /** What to call the sign-in: real GitHub, or the stand-in on this machine. */
  signIn: { provider: 'github' | 'stand-in'; label: string };
  /** False where pods are local processes: the page says so. */
  isIsolated: boolean;
  /** What everybody should know first, as a sentence: something that is missing on this machine. */
  notice?: string;
}

/** GET /api/environments */
export interface EnvironmentSummary {
  name: string;
  title: string;
  description: string;
  /** What one gets, a short line each. */
  features: string[];
  startSeconds: number;
  isDefault: boolean;
}

export type SessionState = 'starting' | 'ready' | 'ending' | 'failed';

/**
 * The end that is next as things stand. `idle`: nobody types, known in the last minutes before it. `life`: its time is over. `cap`: it has
 * lived as long as a session may, which nothing extends.
 */
export interface SessionEnd {
  at: string;
  cause: 'idle' | 'life' | 'cap';
  /** Whether POST /api/session/stay moves it. */
  canStay: boolean;
}

/** GET, POST /api/session, POST /api/session/stay; event `session`. */
export interface Session {
  id: string;
  environment: string;
  environmentTitle: string;
  state: SessionState;
  createdAt: string;
  readyAt?: string;
  end: SessionEnd;
  /** Why it failed, as a sentence. */
  failure?: string;
}

/** Event `progress`: what is happening while a session starts. `id` is unique and grows: repeats are the same happening. */
export interface Progress {
  id: string;
  at: string;
  sentence: string;
  level: 'info' | 'warning' | 'error';
  /** Kubernetes' own reason, for those who want it. */
  reason?: string;
}

/** Event `ended`: the session is gone; the stream ends after it. */
export interface Ended {
  sentence: string;
}

export interface CreateSessionRequest {
  environment: string;
}

/** How many measurements a page tells at once: it measures every five seconds, and tells every minute. */
export const maxRoundTrips = 20;

/** POST /api/session/round-trips */
export interface RoundTrips {
  milliseconds: number[];
}

/** Body of every answer with a status of 400 or more. */
export interface ErrorBody {
  error: { code: string; message: string; requestId: string };
}

/** GET /api/session/terminals, as the agent answers it. */
export interface TerminalList {
  terminals: TerminalSummary[];
  /** How they are arranged; absent as long as nobody arranged anything. */
  layout?: Layout;
  /** When something was last typed in any terminal, also in one that has ended; absent as long as nothing was. */
  lastInputAt?: string;
}

export interface TerminalSummary {
  id: string;
  createdAt: string;
  columns: number;
  rows: number;
  /** What the program in the terminal last set; at most 256 characters. */
  title: string;
  /** Browser sockets on it. */
  attachments: number;
  /** When something was last typed; absent as long as nothing was. */
  lastInputAt?: string;
}
