// Which view the page shows: a pure function of what is known.
import type { Me, Session } from '../../server/protocol/rest.ts';
import type { ApiFault } from './api.ts';

export interface Facts {
  path: string;
  me?: Me;
  /** undefined: not yet known; null: there is none. */
  session?: Session | null;
  /** Why the last session ended, until another is started. */
  endedSentence?: string;
  /** What stands in the way of everything else. */
  fault?: ApiFault;
}

export type View =
  | { name: 'loading' }
  | { name: 'welcome' }
  | { name: 'starting'; session: Session | undefined }
  | { name: 'workspace'; session: Session }
  | { name: 'ended'; sentence: string }
  | { name: 'refused'; sentence: string }
  | { name: 'fault'; sentence: string }
  | { name: 'lost' };

export const welcomePath = '/';
export const terminalPath = '/terminal';

export function viewOf({ path, me, session, endedSentence, fault }: Facts): View {
  if (path !== welcomePath && path !== terminalPath) return { name: 'lost' };
  if (fault) return { name: fault.status === 403 ? 'refused' : 'fault', sentence: fault.message };
  if (!me) return { name: 'loading' };
  if (endedSentence !== undefined) return { name: 'ended', sentence: endedSentence };
  if (path === welcomePath) return session === undefined && me.user ? { name: 'loading' } : { name: 'welcome' };
  if (!me.user) return { name: 'loading' };
  if (!session) return { name: 'starting', session: undefined };
  if (session.state === 'ready') return { name: 'workspace', session };
  return { name: 'starting', session };
}

/** The document's title: what one wants to know from another tab. */
export function titleOf(view: View): string {
  const product = 'Gardener Playground';
  switch (view.name) {
    case 'starting':
      return view.session?.state === 'failed' ? `Could not start · ${product}` : `Starting… · ${product}`;
    case 'workspace':
      return `${view.session.environmentTitle} · ${product}`;
    case 'ended':
      return `Session ended · ${product}`;
    case 'refused':
      return `No access · ${product}`;
    case 'fault':
      return `Not reachable · ${product}`;
    case 'lost':
      return `No such page · ${product}`;
    default:
      return product;
  }
}
