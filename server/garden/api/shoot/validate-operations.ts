// Which operations a Shoot accepts by its annotations: known ones, that fit together and to the state it is in.
// Models pkg/api/core/validation/shoot.go (validateShootOperation)
import { duplicate, forbidden, invalid, notSupported, required, type FieldError } from '../../../apiserver/errors.ts';
import { isTrue } from '../meta.ts';
import type { Shoot } from '../types.ts';
import { isAtLeast } from '../versions.ts';
import { forceDeletionAnnotation, maintenanceOperationAnnotation, operationAnnotation } from './constants.ts';
import { knownOperations, parallelOperations, parseRollout, splitOperations } from './operations.ts';

const etcdStart = 'rotate-etcd-encryption-key-start';
const etcdComplete = 'rotate-etcd-encryption-key-complete';

const incompatible: Readonly<Record<string, readonly string[]>> = {
  'rotate-credentials-start': [
    'rotate-ca-start-without-workers-rollout',
    'rotate-serviceaccount-key-start-without-workers-rollout',
    'rotate-credentials-start-without-workers-rollout',
  ],
  'rotate-credentials-start-without-workers-rollout': ['rotate-ca-start', 'rotate-serviceaccount-key-start'],
  'rotate-ca-start': ['rotate-ca-start-without-workers-rollout'],
  'rotate-serviceaccount-key-start': ['rotate-serviceaccount-key-start-without-workers-rollout'],
  'rotate-etcd-encryption-key': [etcdStart],
};

/** Rotations that need a running control plane. */
export const isForbiddenWhileHibernated = (operation: string): boolean =>
  /^rotate-(credentials|etcd-encryption-key|serviceaccount-key)/.test(operation);

const isHibernating = ({ spec, status }: Shoot) => spec.hibernation?.enabled === true || status.hibernated;

/** Whether what is encrypted is not yet what the spec asks for. */
function isEncryptionRollingOut({ spec, status }: Shoot): boolean {
  const normalise = (names: readonly string[] | undefined) =>
    [...new Set((names ?? []).map((name) => name.replace(/\.$/, '')))].sort().join();
  return (
    normalise(spec.kubernetes.kubeAPIServer?.encryptionConfig?.resources) !==
    normalise(status.credentials?.encryptionAtRest?.resources)
  );
}

function compatibilityErrors(operations: readonly string[], shoot: Shoot, path: string, what: string): FieldError[] {
  return operations.flatMap((operation) => {
    const errors: FieldError[] = [];
    if ((operation === etcdStart || operation === etcdComplete) && isAtLeast(shoot.spec.kubernetes.version, '1.34')) {
      errors.push(
        forbidden(
          `metadata.annotations[${operationAnnotation}]`,
          `for Kubernetes versions >= 1.34, operation '${operation}' is no longer supported, please use 'rotate-etcd-encryption-key' instead, which performs a complete etcd encryption key rotation`,
        ),
      );
    }
    const others = incompatible[operation] ?? [];
    if (others.some((other) => operations.includes(other))) {
      errors.push(
        forbidden(
          path,
          `operation '${operation}' is not permitted to be run together with ${others.join(', ')} ${what}`,
        ),
      );
    }
    if (isHibernating(shoot) && (isForbiddenWhileHibernated(operation) || parseRollout(operation))) {
      errors.push(
        forbidden(path, `operation '${operation}' is not permitted when shoot is hibernated or is waking up`),
      );
    }
    const isEncrypting = ['rotate-credentials-start', 'rotate-etcd-encryption-key', etcdStart].includes(operation);
    if (isEncrypting && isEncryptionRollingOut(shoot)) {
      const detail = 'because a previous encryption configuration change is currently being rolled out';
      errors.push(forbidden(path, `operation '${operation}' is not permitted ${detail}`));
    }
    return errors;
  });
}

type Credential = 'certificateAuthorities' | 'serviceAccountKey' | 'etcdEncryptionKey';
interface Rotation {
  what: string;
  credentials: readonly Credential[];
}

const names: Readonly<Record<string, Rotation>> = {
  'rotate-credentials': {
    what: 'rotation of all credentials',
    credentials: ['certificateAuthorities', 'serviceAccountKey', 'etcdEncryptionKey'],
  },
  'rotate-ca': { what: 'CA rotation', credentials: ['certificateAuthorities'] },
  'rotate-serviceaccount-key': { what: 'service account key rotation', credentials: ['serviceAccountKey'] },
  'rotate-etcd-encryption-key': { what: 'ETCD encryption key rotation', credentials: ['etcdEncryptionKey'] },
};

const phaseOf = ({ status }: Shoot, credential: Credential) => status.credentials?.rotation?.[credential]?.phase ?? '';

/** A Shoot that has been created once. */
const isReadyForRotation = ({ status: { lastOperation } }: Shoot) =>
  lastOperation?.type === 'Reconcile' ||
  (lastOperation?.state === 'Succeeded' && ['Create', 'Restore'].includes(lastOperation.type));

function startErrors({ what, credentials }: Rotation, shoot: Shoot, path: string): FieldError[] {
  const busy = credentials.filter((credential) => !['', 'Completed'].includes(phaseOf(shoot, credential)));
  const unready = 'if shoot was not yet created successfully or is not ready for reconciliation';
  return [
    ...(isReadyForRotation(shoot) ? [] : [forbidden(path, `cannot start ${what} ${unready}`)]),
    ...busy.map((credential) =>
      forbidden(path, `cannot start ${what} if .status.credentials.rotation.${credential}.phase is not 'Completed'`),
    ),
  ];
}

function completeErrors({ what, credentials }: Rotation, shoot: Shoot, path: string): FieldError[] {
  // From 1.34 on the key of etcd is rotated in one go.
  const isOnePhase = credentials.length > 1 && isAtLeast(shoot.spec.kubernetes.version, '1.34');
  return credentials
    .filter(
      (credential) => !(isOnePhase && credential === 'etcdEncryptionKey') && phaseOf(shoot, credential) !== 'Prepared',
    )
    .map((credential) =>
      forbidden(path, `cannot complete ${what} if .status.credentials.rotation.${credential}.phase is not 'Prepared'`),
    );
}

function rolloutErrors({ name, pools }: { name: string; pools: string[] }, shoot: Shoot, path: string): FieldError[] {
  const workers = (shoot.spec.provider.workers ?? []).map((worker) => worker.name);
  const errors: FieldError[] = [];
  const isRotation = name === 'rotate-rollout-workers';
  const waiting = (['certificateAuthorities', 'serviceAccountKey'] as const).some(
    (credential) => phaseOf(shoot, credential) === 'WaitingForWorkersRollout',
  );
  if (isRotation && !waiting) {
    const detail =
      "either .status.credentials.rotation.certificateAuthorities.phase or .status.credentials.rotation.serviceAccountKey.phase must be in 'WaitingForWorkersRollout' in order to trigger workers rollout";
    errors.push(forbidden(path, detail));
  }
  if (pools.includes('')) {
    const what = isRotation ? 'at least one pool name' : "either '*' or at least one pool name";
    errors.push(required(path, `must provide ${what} via ${name}=<poolName1>[,<poolName2>,...]`));
  }
  const isAll = !isRotation && pools.length === 1 && pools[0] === '*';
  if (!isRotation && !isAll && pools.includes('*')) {
    errors.push(forbidden(path, "if '*' is provided, no other pool names are allowed"));
  }
  const seen = new Set<string>();
  for (const pool of isAll ? [] : pools) {
    if (seen.has(pool)) errors.push(duplicate(path, `pool name ${pool} was specified multiple times`));
    seen.add(pool);
    if (workers.includes(pool)) continue;
    errors.push(invalid(path, pool, `worker pool name ${pool} does not exist in .spec.provider.workers[]`));
  }
  return errors;
}

function contextErrors(operation: string, shoot: Shoot, path: string): FieldError[] {
  const rollout = parseRollout(operation);
  if (rollout) return rolloutErrors(rollout, shoot, path);
  const [, name = '', step = 'start'] =
    /^(rotate-(?:credentials|ca|serviceaccount-key|etcd-encryption-key))(?:-(start|complete)(?:-without-workers-rollout)?)?$/.exec(
      operation,
    ) ?? [];
  const rotation = names[name];
  if (!rotation) return [];
  return step === 'complete' ? completeErrors(rotation, shoot, path) : startErrors(rotation, shoot, path);
}

function knownErrors(operations: readonly string[], path: string): FieldError[] {
  for (const operation of operations) {
    const isRollout = parseRollout(operation) !== undefined;
    if (!isRollout && !knownOperations.includes(operation)) return [notSupported(path, operation, knownOperations)];
    if (operations.length > 1 && !isRollout && !parallelOperations.includes(operation)) {
      return [forbidden(path, `operation '${operation}' is not permitted to be run in parallel with other operations`)];
    }
  }
  return [];
}

/** All faults of gardener.cloud/operation and of maintenance.gardener.cloud/operation. */
export function operationErrors(shoot: Shoot): FieldError[] {
  const { annotations, deletionTimestamp } = shoot.metadata;
  const operations = splitOperations(annotations?.[operationAnnotation]);
  const planned = splitOperations(annotations?.[maintenanceOperationAnnotation]);
  const path = `metadata.annotations[${operationAnnotation}]`;
  const plannedPath = `metadata.annotations[${maintenanceOperationAnnotation}]`;
  const unknown = [...knownErrors(operations, path), ...knownErrors(planned, plannedPath)];
  if (unknown.length) return unknown.slice(0, 1);
  const errors: FieldError[] = [];
  if (operations.some((operation) => planned.includes(operation))) {
    errors.push(
      forbidden('metadata.annotations', `annotations ${path} and ${plannedPath} must not have any equal operations`),
    );
  }
  errors.push(
    ...compatibilityErrors(operations, shoot, path, 'operations'),
    ...compatibilityErrors(planned, shoot, plannedPath, 'maintenance operations'),
    ...operations.flatMap((operation) => contextErrors(operation, shoot, path)),
  );
  if (!deletionTimestamp) errors.push(...planned.flatMap((operation) => contextErrors(operation, shoot, plannedPath)));
  return errors;
}

const forcibleErrorCodes = [
  'ERR_CLEANUP_CLUSTER_RESOURCES',
  'ERR_CONFIGURATION_PROBLEM',
  'ERR_INFRA_DEPENDENCIES',
  'ERR_INFRA_UNAUTHENTICATED',
  'ERR_INFRA_UNAUTHORIZED',
];

/** Force-deletion is for Shoots whose deletion has failed, and cannot be taken back. */
export function forceDeletionErrors(shoot: Shoot, old: Shoot | undefined): FieldError[] {
  const path = `metadata.annotations[${forceDeletionAnnotation}]`;
  const isForced = (object: Shoot | undefined) => isTrue(object?.metadata.annotations?.[forceDeletionAnnotation]);
  if (!isForced(shoot))
    return isForced(old) ? [forbidden(path, 'force-deletion annotation cannot be removed once set')] : [];
  if (isForced(old)) return [];
  const codes = (shoot.status.lastErrors ?? []).flatMap(({ codes: given = [] }) => given);
  return [
    ...(shoot.metadata.deletionTimestamp
      ? []
      : [forbidden(path, 'force-deletion annotation cannot be set when Shoot deletionTimestamp is nil')]),
    ...(codes.some((code) => forcibleErrorCodes.includes(code))
      ? []
      : [
          forbidden(
            path,
            `force-deletion annotation cannot be set when Shoot status does not contain one of these error codes: [${forcibleErrorCodes.join(' ')}]`,
          ),
        ]),
  ];
}
