// The gateway's REST interface: one function each, faults as ApiFault with the gateway's own sentence.
import type {
  CreateSessionRequest,
  EnvironmentSummary,
  ErrorBody,
  Me,
  RoundTrips,
  Session,
  TerminalList,
} from '../../server/protocol/rest.ts';

/** `status` is 0 when no answer came. `message` is a sentence for the user. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';
  readonly status: number;
  readonly code: string;
  /** When the gateway wants to be asked again. */
  readonly retryAfterSeconds?: number;

  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether it is worth asking again without the user: somebody does not answer at the moment. A place that is taken is taken. */
  get isPassing(): boolean {
    if (this.status === 503) return !takenCodes.has(this.code);
    return [0, 502, 504].includes(this.status);
  }
}

const takenCodes = new Set(['NoRoom', 'Full']);

export interface Api {
  me(): Promise<Me>;
  environments(): Promise<EnvironmentSummary[]>;
  /** The user's session, or null without one. */
  session(): Promise<Session | null>;
  /** The user's session: a new one, or the one that there is. */
  createSession(environment: string): Promise<Session>;
  endSession(): Promise<void>;
  /** Puts the end of the session off. */
  stay(): Promise<Session>;
  tellRoundTrips(roundTrips: RoundTrips): Promise<void>;
  signOut(): Promise<void>;
}

/** The terminals of the user's session, as its agent has them. */
export interface TerminalsApi {
  list(): Promise<TerminalList>;
  end(id: string): Promise<void>;
}

export function createTerminalsApi(fetchJson: typeof fetch): TerminalsApi {
  const call = callerOf(fetchJson);
  return {
    list: () => call('GET', '/api/session/terminals'),
    end: (id) => call('DELETE', `/api/session/terminals/${id}`),
  };
}

const callerOf =
  (fetchJson: typeof fetch) =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await request(fetchJson, method, path, body);
    if (!answer.ok) throw await faultOf(answer);
    return (answer.status === 204 ? undefined : await readJson(answer)) as T;
  };

export function createApi(fetchJson: typeof fetch): Api {
  const call = callerOf(fetchJson);
  return {
    me: () => call('GET', '/api/me'),
    environments: () => call('GET', '/api/environments'),
    session: () =>
      call<Session>('GET', '/api/session').catch((fault) => {
        if (fault instanceof ApiFault && fault.status === 404) return null;
        throw fault;
      }),
    createSession: (environment) => call('POST', '/api/session', { environment } satisfies CreateSessionRequest),
    endSession: () => call('DELETE', '/api/session'),
    stay: () => call('POST', '/api/session/stay'),
    tellRoundTrips: (roundTrips) => call('POST', '/api/session/round-trips', roundTrips),
    signOut: () => call('POST', '/logout'),
  };
}

const noAnswer = 'The playground does not answer. Check your network, then try again.';
const badAnswer = 'The playground answered with something unexpected. Try again in a moment.';

async function request(fetchJson: typeof fetch, method: string, path: string, body: unknown): Promise<Response> {
  try {
    return await fetchJson(path, {
      method,
      headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new ApiFault(0, 'NoAnswer', noAnswer);
  }
}

async function readJson(answer: Response): Promise<unknown> {
  return answer.json().catch(() => {
    throw new ApiFault(answer.status, 'BadAnswer', badAnswer);
  });
}

async function faultOf(answer: Response): Promise<ApiFault> {
  const body = (await answer.json().catch(() => undefined)) as Partial<ErrorBody> | undefined;
  const { code = 'BadAnswer', message = badAnswer } = body?.error ?? {};
  return new ApiFault(answer.status, code, message, Number(answer.headers.get('retry-after')) || undefined);
}
