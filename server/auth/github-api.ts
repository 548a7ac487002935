// What GitHub says about the memberships of a user.
import * as z from 'zod';
import type { Clock } from '../common/clock.ts';

const pageSize = 100;
const maxPages = 10;
const timeoutMs = 10_000;

const organizationsSchema = z.array(z.object({ login: z.string() }));
const teamsSchema = z.array(z.object({ slug: z.string(), organization: z.object({ login: z.string() }) }));

export interface GitHubApi {
  listOrganizations(accessToken: string): Promise<string[]>;
  /** As `organisation/team`. */
  listTeams(accessToken: string): Promise<string[]>;
}

const hasNext = (link: string | null) => /<[^>]*>\s*;[^,]*rel="next"/.test(link ?? '');

/** `apiUrl` is https://api.github.com or https://HOST/api/v3. Methods throw when GitHub does not answer as it should. */
export function createGitHubApi({ apiUrl, clock }: { apiUrl: string; clock: Clock }): GitHubApi {
  async function getPage(path: string, page: number, accessToken: string) {
    const abort = new AbortController();
    const timer = clock.after(timeoutMs, () => abort.abort(new Error(`GitHub did not answer in ${timeoutMs} ms`)));
    try {
      const response = await fetch(`${apiUrl}${path}?per_page=${pageSize}&page=${page}`, {
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${accessToken}`,
          'user-agent': 'gardener-playground',
          'x-github-api-version': '2022-11-28',
        },
        signal: abort.signal,
      });
      if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}`);
      return { items: (await response.json()) as unknown, isLast: !hasNext(response.headers.get('link')) };
    } finally {
      timer.dispose();
    }
  }

  async function getAll<T>(path: string, schema: z.ZodType<T[]>, accessToken: string): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; page <= maxPages; page++) {
      const { items, isLast } = await getPage(path, page, accessToken);
      all.push(...schema.parse(items));
      if (isLast) break;
    }
    return all;
  }

  return {
    listOrganizations: async (token) =>
      (await getAll('/user/orgs', organizationsSchema, token)).map((org) => org.login),
    listTeams: async (token) =>
      (await getAll('/user/teams', teamsSchema, token)).map((team) => `${team.organization.login}/${team.slug}`),
  };
}
