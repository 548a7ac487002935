// Rotation of credentials: what an operation annotation starts or completes, and what a successful run advances. Pure.
import type { PhaseRotation, Rotation, Shoot, TimedRotation, WorkersRollout } from '../types.ts';
import { isWorkerless } from '../types.ts';

type Phased = 'certificateAuthorities' | 'serviceAccountKey' | 'etcdEncryptionKey';
const both: Phased[] = ['certificateAuthorities', 'serviceAccountKey'];

const started: Record<string, { phased: Phased[]; timed: ('sshKeypair' | 'observability')[] }> = {
  'rotate-credentials': { phased: [...both, 'etcdEncryptionKey'], timed: ['sshKeypair', 'observability'] },
  'rotate-ca': { phased: ['certificateAuthorities'], timed: [] },
  'rotate-serviceaccount-key': { phased: ['serviceAccountKey'], timed: [] },
  'rotate-etcd-encryption-key': { phased: ['etcdEncryptionKey'], timed: [] },
  'rotate-ssh-keypair': { phased: [], timed: ['sshKeypair'] },
  'rotate-observability-credentials': { phased: [], timed: ['observability'] },
};

/** The operations of the annotation's value that gardenlet acts on. */
export const operationsOf = (value: string | undefined): string[] =>
  (value ?? '')
    .split(';')
    .map((one) => one.trim())
    .filter((one) => /^(rotate-|rollout-workers=)/.test(one));

function begin(now: string, phase: string, workers: readonly string[], isManual: boolean): PhaseRotation {
  return {
    phase,
    lastInitiationTime: now,
    ...(isManual && { pendingWorkersRollouts: workers.map((name) => ({ name })) }),
  };
}

function startOne(rotation: Rotation, base: string, shoot: Shoot, isManual: boolean, now: string): void {
  const workers = (shoot.spec.provider.workers ?? []).map(({ name }) => name);
  const entry = started[base];
  for (const field of entry?.phased ?? []) {
    const manual = isManual && field !== 'etcdEncryptionKey' && workers.length > 0;
    const old = rotation[field];
    rotation[field] = {
      ...begin(now, manual ? 'PreparingWithoutWorkersRollout' : 'Preparing', workers, manual),
      ...(old?.lastCompletionTime && { lastCompletionTime: old.lastCompletionTime }),
      ...(field === 'etcdEncryptionKey' && { autoCompleteAfterPrepared: true }),
    };
  }
  for (const field of entry?.timed ?? []) {
    if (field === 'sshKeypair' && isWorkerless(shoot)) continue;
    rotation[field] = { ...rotation[field], lastInitiationTime: now };
  }
}

function completeOne(rotation: Rotation, base: string, now: string): void {
  for (const field of both.filter((one) => started[base]?.phased.includes(one))) {
    const old = rotation[field];
    if (old?.phase === 'Prepared') rotation[field] = { ...old, phase: 'Completing', lastCompletionTriggeredTime: now };
  }
}

function rolloutWorkers(rotation: Rotation, pools: readonly string[]): void {
  for (const field of both) {
    const old = rotation[field];
    if (!old?.pendingWorkersRollouts) continue;
    const pending = old.pendingWorkersRollouts.filter(({ name }) => !pools.includes(name) && !pools.includes('*'));
    rotation[field] = { ...old, pendingWorkersRollouts: pending };
  }
}

/** status.manualWorkerPoolRollout with the pools of `rollout-workers=` added; undefined when none is named. */
export function beginRollout(shoot: Shoot, operations: readonly string[], now: string): WorkersRollout[] | undefined {
  const named = operations
    .filter((one) => one.startsWith('rollout-workers='))
    .flatMap((one) => one.split('=')[1]!.split(','));
  if (!named.length) return undefined;
  const workers = (shoot.spec.provider.workers ?? []).map(({ name }) => name);
  const pools = new Set(named.includes('*') ? workers : named);
  const others = (shoot.status?.manualWorkerPoolRollout?.pendingWorkersRollouts ?? []).filter(
    ({ name }) => !pools.has(name),
  );
  return [...others, ...[...pools].map((name) => ({ name, lastInitiationTime: now }))];
}

/** The rotation status with `operations` begun; undefined when they change nothing. Models updateShootStatusOperationStart. */
export function beginRotation(shoot: Shoot, operations: readonly string[], now: string): Rotation | undefined {
  if (!operations.some((one) => one.startsWith('rotate-'))) return undefined;
  const rotation: Rotation = structuredClone(shoot.status?.credentials?.rotation ?? {});
  for (const one of operations) {
    const [name, pools] = one.split('=');
    if (name === 'rollout-workers') continue;
    if (pools !== undefined) rolloutWorkers(rotation, pools.split(','));
    else if (name!.endsWith('-complete')) completeOne(rotation, name!.slice(0, -'-complete'.length), now);
    else
      startOne(
        rotation,
        name!.replace(/-start(-without-workers-rollout)?$/, ''),
        shoot,
        name!.endsWith('-without-workers-rollout'),
        now,
      );
  }
  return rotation;
}

function advance(old: PhaseRotation, now: string): PhaseRotation {
  const { pendingWorkersRollouts: pending, ...rest } = old;
  switch (old.phase) {
    case 'Preparing':
      if (old.autoCompleteAfterPrepared) return completed(old, now);
      return { ...rest, phase: 'Prepared', lastInitiationFinishedTime: now };
    case 'PreparingWithoutWorkersRollout':
      return { ...old, phase: 'WaitingForWorkersRollout' };
    case 'WaitingForWorkersRollout':
      return pending?.length ? old : { ...rest, phase: 'Prepared', lastInitiationFinishedTime: now };
    case 'Completing':
      return completed(old, now);
    default:
      return old;
  }
}

const completed = ({ lastInitiationTime }: PhaseRotation, now: string): PhaseRotation => ({
  phase: 'Completed',
  lastInitiationTime,
  lastCompletionTime: now,
});

export const isDue = (timed: TimedRotation | undefined): boolean =>
  timed?.lastInitiationTime !== undefined &&
  (timed.lastCompletionTime === undefined || timed.lastCompletionTime < timed.lastInitiationTime);

/** The rotation status after a successful run; undefined when there is none. Models patchShootStatusOperationSuccess. */
export function finishRotation(rotation: Rotation | undefined, now: string): Rotation | undefined {
  if (!rotation) return undefined;
  const next: Rotation = { ...rotation };
  for (const field of [...both, 'etcdEncryptionKey'] as const) if (next[field]) next[field] = advance(next[field], now);
  for (const field of ['sshKeypair', 'observability'] as const)
    if (isDue(next[field])) next[field] = { ...next[field], lastCompletionTime: now };
  return next;
}

/** A merge patch that turns `old` into `next`: what is gone is null. */
export function rotationPatch(old: Rotation | undefined, next: Rotation): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(next).map(([field, value]) => {
      const before = (old as Record<string, object> | undefined)?.[field] ?? {};
      const gone = Object.keys(before).filter((key) => !(key in value));
      return [field, { ...Object.fromEntries(gone.map((key) => [key, null])), ...value }];
    }),
  );
}
