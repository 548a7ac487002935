// Audit records: who came, was refused, got and lost what. Lines of the log that are marked with audit: true; the table here is their form.
import type { Logger } from './log.ts';

/** Every field that a record may have. What is not known is left out. */
export const auditFields = {
  requestId: 'id of the request, the same as in all other lines that it caused, and in the answer as `X-Request-Id`',
  address: 'address of the client, by as many proxies as are trusted',
  user: "GitHub's numeric id of the user: logins can change",
  login: "the user's GitHub login at the time of the sign-in",
  session: 'UID of the session pod',
  environment: 'environment of the session',
  terminal: 'name of the terminal in the session',
  reason: 'why, as a word: the code of the error, or the reason of the end',
  seconds: 'how long it took, or lasted',
} as const;
export type AuditField = keyof typeof auditFields;

const client = ['requestId', 'address', 'user', 'login'] as const;
const session = ['session', 'environment', 'user', 'login'] as const;

/** Every event, when it is written, and its fields. */
export const auditEvents = {
  'sign-in': { when: 'a user signed in and may come in', fields: client },
  'sign-in-refused': {
    when: 'a sign-in did not succeed; user and login where GitHub said who it was',
    fields: [...client, 'reason'],
  },
  'sign-out': { when: 'a user signed out', fields: client },
  'access-refused': {
    when: 'a user who had signed in may not come in any more; the sign-in is removed',
    fields: [...client, 'reason'],
  },
  'session-start': { when: 'a session was made', fields: [...session, 'requestId', 'address'] },
  'session-refused': { when: 'a session was asked for and not made', fields: [...client, 'environment', 'reason'] },
  'session-ready': { when: 'a session can be used; from the leader', fields: [...session, 'seconds'] },
  'session-end': {
    when: 'a session was ended: by its user (`visitor`, `retry`), by the gateway, or by somebody else (`removed`, from the leader)',
    fields: [...session, 'requestId', 'address', 'reason'],
  },
  'terminal-attach': { when: 'a browser was connected to a terminal', fields: [...client, 'session', 'terminal'] },
  'terminal-detach': {
    when: 'that connection ended',
    fields: [...client, 'session', 'terminal', 'seconds'],
  },
} as const satisfies Record<string, { when: string; fields: readonly AuditField[] }>;
export type AuditEvent = keyof typeof auditEvents;

interface AuditValues extends Record<Exclude<AuditField, 'seconds'>, string | undefined> {
  seconds: number | undefined;
}
type ValuesOf<Event extends AuditEvent> = Partial<Pick<AuditValues, (typeof auditEvents)[Event]['fields'][number]>>;

export interface Audit {
  record<Event extends AuditEvent>(event: Event, values: ValuesOf<Event>): void;
}

/** `isForced`: records are written whatever the level of the log is. */
export function createAudit(logger: Logger, { isForced }: { isForced: boolean }): Audit {
  const records = logger.child({ audit: true }, isForced ? { level: 'info' } : {});
  return {
    record(event, values) {
      const fields: Record<string, unknown> = { event, ...values };
      records.info(fields, `audit: ${event}`);
    },
  };
}
