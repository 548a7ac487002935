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
  /** `isPassing`: the page tries again by itself. */
  | { name: 'fault'; sentence: string; isPassing: boolean };

export const welcomePath = '/';
export const terminalPath = '/terminal';

export function viewOf({ path, me, session, endedSentence, fault }: Facts): View {
  if (fault) return { name: 'fault', sentence: fault.message, isPassing: fault.isPassing };
  if (!me) return { name: 'loading' };
  if (endedSentence !== undefined) return { name: 'ended', sentence: endedSentence };
  if (path !== terminalPath) return session === undefined && me.user ? { name: 'loading' } : { name: 'welcome' };
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
      return view.session?.state === 'failed' ? `Session failed · ${product}` : `Starting… · ${product}`;
    case 'workspace':
      return `${view.session.environmentTitle} · ${product}`;
    case 'ended':
      return `Session ended · ${product}`;
    case 'fault':
      return `That did not work · ${product}`;
    default:
      return product;
  }
}
