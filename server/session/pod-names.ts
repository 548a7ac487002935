// The name of a user's pod: pure.
import { createHash } from 'node:crypto';

/** The same for one user always: two requests that race to create a session meet at AlreadyExists. */
export const sessionHashOf = (userId: string): string =>
  createHash('sha256').update(`session of ${userId}`).digest('hex').slice(0, 20);

export const podNameOf = (userId: string): string => `session-${sessionHashOf(userId)}`;
