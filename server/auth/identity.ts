// Who signed in, as GitHub says it, and as the cookie holds it.
import * as z from 'zod';

export const identitySchema = z.object({
  /** GitHub's numeric id as a string: logins can change. */
  id: z.string().regex(/^\d{1,20}$/),
  login: z.string().min(1).max(100),
  name: z.string().max(200),
  avatarUrl: z.string().max(400).optional(),
  /** When the GitHub account was made, ISO 8601. */
  createdAt: z.string(),
  /** Memberships that the access policy asked for; others are not kept. */
  organizations: z.array(z.string()),
  teams: z.array(z.string()),
});
export type Identity = z.infer<typeof identitySchema>;
