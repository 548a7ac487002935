// Quantities of resources, as far as the scheduler counts: cpu in cores, memory in bytes, pods.
import { parseQuantity } from '../../../common/quantity.ts';
import type { Node, PodSpec } from './objects.ts';

export interface Amounts {
  cpu: number;
  memory: number;
  pods: number;
}

/** `250m` → 0.25, `1Gi` → 1073741824; what is no quantity counts as nothing. */
export const amountOf = (quantity: string | number | undefined): number => parseQuantity(quantity) || 0;

export function requestsOf({ containers }: PodSpec): Amounts {
  const sum = (name: 'cpu' | 'memory') =>
    containers.reduce((total, { resources }) => {
      const { requests, limits } = resources ?? {};
      return total + amountOf(requests?.[name] ?? limits?.[name]);
    }, 0);
  return { cpu: sum('cpu'), memory: sum('memory'), pods: 1 };
}

export const roomOf = ({ status: { allocatable } }: Node): Amounts => ({
  cpu: amountOf(allocatable.cpu),
  memory: amountOf(allocatable.memory),
  pods: amountOf(allocatable.pods),
});

export const subtract = (a: Amounts, b: Amounts): Amounts => ({
  cpu: a.cpu - b.cpu,
  memory: a.memory - b.memory,
  pods: a.pods - b.pods,
});

/** What there is too little of, in the scheduler's words; undefined when all fits. */
export function fits(requests: Amounts, free: Amounts): string | undefined {
  if (requests.pods > free.pods) return 'Too many pods';
  if (requests.cpu > free.cpu + 1e-9) return 'Insufficient cpu';
  return requests.memory > free.memory ? 'Insufficient memory' : undefined;
}
