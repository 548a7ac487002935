// What code adds to the data of a kind.
import type { Kind, Strategy, Subresource } from '../../types.ts';

export interface Behaviour {
  strategy?: Strategy;
  /** Paths that field selectors may use. */
  selectableFields?: readonly string[];
  /** Added to the subresource of that name. */
  subresources?: Readonly<Record<string, Partial<Subresource>>>;
  /** Whether `metadata.generation` counts changes of the spec (of everything, where there is no spec); absent: it is not kept. */
  hasGeneration?: boolean;
  conversion?: Kind['conversion'];
}

/** Group and plural, as `apps/deployments`; core's are plain plurals. */
export type BehaviourTable = Readonly<Record<string, Behaviour>>;
