// The behaviour of Kubernetes' own kinds, by group and plural; what is not here is stored as it comes.
import type { Behaviour, BehaviourTable } from './behaviour.ts';
import { clusterBehaviours } from './cluster.ts';
import { configBehaviours } from './config.ts';
import { eventBehaviours } from './events.ts';
import { podBehaviour } from './pods.ts';
import { createServiceBehaviours } from './services.ts';
import { workloadBehaviours } from './workloads.ts';

export function createBehaviours(serviceCidr: string): (group: string, plural: string) => Behaviour {
  const table: BehaviourTable = {
    pods: podBehaviour,
    ...clusterBehaviours,
    ...configBehaviours,
    ...eventBehaviours,
    ...createServiceBehaviours(serviceCidr),
    ...workloadBehaviours,
  };
  return (group, plural) => table[group ? `${group}/${plural}` : plural] ?? {};
}
