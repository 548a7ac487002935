// Operation annotations: which ones there are, and what the API server does with them on a write.
// Models pkg/apiserver/registry/core/shoot/strategy.go (mustIncreaseGeneration)
import { removeAnnotation, setAnnotation } from '../meta.ts';
import type { Shoot } from '../types.ts';
import { operationAnnotation, operationSeparator } from './constants.ts';

const rotations = [
  'rotate-ca-complete',
  'rotate-ca-start',
  'rotate-ca-start-without-workers-rollout',
  'rotate-credentials-complete',
  'rotate-credentials-start',
  'rotate-credentials-start-without-workers-rollout',
  'rotate-etcd-encryption-key',
  'rotate-etcd-encryption-key-complete',
  'rotate-etcd-encryption-key-start',
  'rotate-observability-credentials',
  'rotate-serviceaccount-key-complete',
  'rotate-serviceaccount-key-start',
  'rotate-serviceaccount-key-start-without-workers-rollout',
  'rotate-ssh-keypair',
] as const;
const rollouts = ['rollout-workers', 'rotate-rollout-workers'] as const;

const sorted = (names: readonly string[]) => [...names].sort();

/** What may run together with others. */
export const parallelOperations: readonly string[] = [...rotations, ...rollouts, 'reconcile'];
/** What the operation annotations may hold. */
export const knownOperations = sorted([...parallelOperations, 'force-in-place-update', 'maintain', 'retry']);

/** The operations of an annotation, in the order given, each once. */
export const splitOperations = (annotation: string | undefined): string[] => [
  ...new Set(
    (annotation ?? '')
      .split(operationSeparator)
      .map((operation) => operation.trim())
      .filter(Boolean),
  ),
];

/** `rotate-rollout-workers=a,b` → its name and its pools. */
export function parseRollout(operation: string): { name: string; pools: string[] } | undefined {
  const name = [...rollouts].reverse().find((rollout) => operation === rollout || operation.startsWith(`${rollout}=`));
  return (
    name && {
      name,
      pools: operation
        .slice(name.length + 1)
        .split(',')
        .filter(Boolean),
    }
  );
}

// What a rotation of all credentials does as well.
const covered: Readonly<Record<string, readonly string[]>> = {
  'rotate-credentials-start': [
    'rotate-ca-start',
    'rotate-serviceaccount-key-start',
    'rotate-etcd-encryption-key',
    'rotate-etcd-encryption-key-start',
    'rotate-observability-credentials',
    'rotate-ssh-keypair',
  ],
  'rotate-credentials-start-without-workers-rollout': [
    'rotate-ca-start-without-workers-rollout',
    'rotate-serviceaccount-key-start-without-workers-rollout',
    'rotate-etcd-encryption-key',
    'rotate-etcd-encryption-key-start',
    'rotate-observability-credentials',
    'rotate-ssh-keypair',
  ],
  'rotate-credentials-complete': [
    'rotate-ca-complete',
    'rotate-serviceaccount-key-complete',
    'rotate-etcd-encryption-key-complete',
  ],
};

const isSshEnabled = ({ spec }: Shoot) =>
  (spec.provider.workers?.length ?? 0) > 0 && spec.provider.workersSettings?.sshAccess?.enabled !== false;

/** What an operation asks for: a new generation, and which operations are done with by that. */
function effectOf(operation: string, shoot: Shoot): { raises: boolean; removes: readonly string[] } {
  if (operation === 'reconcile') return { raises: true, removes: [operation] };
  if (operation === 'rotate-ssh-keypair' && !isSshEnabled(shoot)) return { raises: false, removes: [operation] };
  if (covered[operation]) return { raises: true, removes: covered[operation] };
  const raises = (rotations as readonly string[]).includes(operation) || parseRollout(operation) !== undefined;
  return { raises, removes: [] };
}

/**
 * Takes from the annotation what is served at once, in place, and says whether the generation grows for it.
 * A Shoot without a last operation is left alone: nothing has begun that could begin again.
 */
export function serveOperations(shoot: Shoot): boolean {
  const { lastOperation } = shoot.status;
  const annotation = shoot.metadata.annotations?.[operationAnnotation];
  if (!lastOperation || annotation === undefined) return false;
  if (lastOperation.state === 'Failed') {
    if (annotation !== 'retry') return false;
    removeAnnotation(shoot, operationAnnotation);
    return true;
  }
  const operations = splitOperations(annotation);
  const effects = operations.map((operation) => effectOf(operation, shoot));
  const removed = new Set(effects.flatMap(({ removes }) => removes));
  const left = operations.filter((operation) => !removed.has(operation));
  if (!left.length) removeAnnotation(shoot, operationAnnotation);
  else if (left.length !== operations.length) setAnnotation(shoot, operationAnnotation, left.join(operationSeparator));
  return effects.some(({ raises }) => raises);
}
