// The audit policy of a Shoot is a ConfigMap of its namespace, with the key `policy`.
// Models pkg/webhook/configvalidator
import { createNotFound, StatusError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { find } from '../lookups.ts';
import type { Shoot } from '../types.ts';

const webhook = 'audit-policies.gardener.cloud';
const deny = (message: string) =>
  new StatusError(422, '', `admission webhook "${webhook}" denied the request: ${message}`);

const policyOf = (shoot: Shoot | undefined) =>
  shoot?.spec.kubernetes.kubeAPIServer?.auditConfig?.auditPolicy?.configMapRef?.name;

export function ensureAuditPolicy({ object: shoot, old, reader }: AdmissionRequest<Shoot>): void {
  const name = policyOf(shoot);
  if (!shoot || !name || shoot.metadata.deletionTimestamp) return;
  if (old && (isDeepEqual(old.spec, shoot.spec) || isSettled(shoot, old))) return;
  const { namespace } = shoot.metadata;
  const configMap = find(reader, 'configMaps', name, namespace);
  if (!configMap) {
    const cause = createNotFound({ group: '', plural: 'configmaps' }, name).message;
    throw deny(`referenced audit policy ConfigMap ${namespace}/${name} does not exist: ${cause}`);
  }
  const policy = configMap.data?.['policy'];
  if (policy === undefined)
    throw deny(`error getting audit policy from ConfigMap ${namespace}/${name}: missing '.data.policy' in ConfigMap`);
  if (!policy)
    throw deny(`error getting audit policy from ConfigMap ${namespace}/${name}: '.data.policy' in ConfigMap is empty`);
}

const isSettled = (shoot: Shoot, old: Shoot) =>
  policyOf(old) === policyOf(shoot) && old.spec.kubernetes.version === shoot.spec.kubernetes.version;
