// Objects that the tests of gardenlet start from.
import type { Condition, Shoot, ShootStatus } from '../../../../server/gardenlet/types.ts';

export const uid = '11111111-2222-3333-4444-555555555555';

export function createShoot(
  parts: { metadata?: Partial<Shoot['metadata']>; spec?: Partial<Shoot['spec']>; status?: ShootStatus } = {},
): Shoot {
  return {
    apiVersion: 'core.gardener.cloud/v1beta1',
    kind: 'Shoot',
    metadata: {
      name: 'a',
      namespace: 'garden-local',
      uid,
      generation: 2,
      resourceVersion: '7',
      finalizers: ['core.gardener.cloud/controllerregistration', 'gardener'],
      ...parts.metadata,
    },
    spec: {
      seedName: 'local',
      region: 'local',
      purpose: 'evaluation',
      kubernetes: { version: '1.36.0' },
      provider: { type: 'local', workers: [{ name: 'local', minimum: 1, maximum: 2, machine: { type: 'local' } }] },
      networking: { type: 'calico', nodes: '10.0.0.0/16', pods: '10.3.0.0/16', services: '10.4.0.0/16' },
      dns: { domain: 'a.local.external.local.gardener.cloud' },
      ...parts.spec,
    },
    status: parts.status,
  };
}

export const succeeded = (extra: ShootStatus = {}): ShootStatus => ({
  technicalID: 'shoot--local--a',
  uid,
  seedName: 'local',
  observedGeneration: 2,
  hibernated: false,
  lastOperation: {
    type: 'Create',
    state: 'Succeeded',
    progress: 100,
    description: '',
    lastUpdateTime: '2026-01-01T00:00:00Z',
  },
  ...extra,
});

export const condition = (type: string, status: Condition['status'], since = '2026-01-01T00:00:00Z'): Condition => ({
  type,
  status,
  reason: 'Reason',
  message: 'message',
  lastTransitionTime: since,
  lastUpdateTime: since,
});
