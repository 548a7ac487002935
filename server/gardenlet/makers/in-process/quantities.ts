// Quantities of resources, as far as the scheduler counts: cpu in cores, memory in bytes, pods.
import type { Node, PodSpec } from './objects.ts';

export interface Amounts {
  cpu: number;
  memory: number;
  pods: number;
}

const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `250m` → 0.25, `1Gi` → 1073741824; what is no quantity counts as nothing. */
export function parseQuantity(text: string | number | undefined): number {
  const match = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(text ?? '0'));
  return match ? Number(match[1]) * (factors[match[2]!] ?? 0) : 0;
}

export function requestsOf({ containers }: PodSpec): Amounts {
  const sum = (name: 'cpu' | 'memory') =>
    containers.reduce((total, { resources }) => {
      const { requests, limits } = resources ?? {};
      return total + parseQuantity(requests?.[name] ?? limits?.[name]);
    }, 0);
  return { cpu: sum('cpu'), memory: sum('memory'), pods: 1 };
}

export const roomOf = ({ status: { allocatable } }: Node): Amounts => ({
  cpu: parseQuantity(allocatable.cpu),
  memory: parseQuantity(allocatable.memory),
  pods: parseQuantity(allocatable.pods),
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
