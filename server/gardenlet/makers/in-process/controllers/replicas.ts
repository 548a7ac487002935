// What the controllers that keep pods share: making a pod from a template, and which pods are theirs.
import {
  controllerOf,
  controllerReference,
  isPodActive,
  kinds,
  matchesSelector,
  type Pod,
  type PodTemplate,
  type Selector,
} from '../objects.ts';
import type { ApiObject } from '../../../../apiserver/types.ts';
import type { World } from '../world.ts';

export interface PodOptions {
  name: string;
  generateName: string;
  /** The controller that makes it. */
  manager: string;
  labels?: Record<string, string>;
  nodeName?: string;
}

/** Throws a StatusError when the API would refuse it: the namespace is going, the store is full. */
export function createPod(
  world: World,
  owner: ApiObject,
  template: PodTemplate,
  { name, generateName, labels, nodeName, manager }: PodOptions,
): void {
  const annotations = template.metadata?.annotations;
  world.post(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        generateName,
        namespace: owner.metadata.namespace,
        labels: { ...template.metadata?.labels, ...labels },
        ...(annotations && { annotations }),
        ownerReferences: [controllerReference(owner)],
      },
      spec: { ...template.spec, ...(nodeName && { nodeName }) },
    },
    manager,
  );
  world.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${name}`, manager);
}

/** The pods that `owner` controls. */
export const podsOf = (world: World, owner: ApiObject): Pod[] =>
  world.list<Pod>(kinds.pods, owner.metadata.namespace).filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid);

export const activePodsOf = (world: World, owner: ApiObject): Pod[] => podsOf(world, owner).filter(isPodActive);

/** Takes over pods that fit the selector and that nobody controls. */
export function adoptPods(world: World, owner: ApiObject, selector: Selector): void {
  for (const pod of world.list<Pod>(kinds.pods, owner.metadata.namespace)) {
    if (controllerOf(pod) || !isPodActive(pod) || !matchesSelector(selector, pod.metadata.labels)) continue;
    world.update(kinds.pods, pod, ({ metadata }) => {
      metadata.ownerReferences = [...(metadata.ownerReferences ?? []), controllerReference(owner)];
    });
  }
}

export const graceOf = (pod: Pod): number => (pod.spec.nodeName ? (pod.spec.terminationGracePeriodSeconds ?? 30) : 0);

export const deletePod = (world: World, pod: Pod): void => world.delete(kinds.pods, pod, graceOf(pod));

/** `maxSurge` and the like: a number, or a percentage of `total`. */
export function resolveIntOrString(value: number | string | undefined, total: number, isRoundedUp: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const share = (parseFloat(value) / 100) * total;
  return isRoundedUp ? Math.ceil(share) : Math.floor(share);
}
