// Bastions: a door to the machines of a Shoot that closes by itself after an hour without a heartbeat.
// Models plugin/pkg/bastion/validator, pkg/apiserver/registry/operations/bastion, pkg/api/operations/validation
import { createInvalid, invalid, required, type FieldError } from '../../../apiserver/errors.ts';
import { toTime } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, ApiObject, Strategy } from '../../../apiserver/types.ts';
import { find } from '../lookups.ts';
import { dnsLabelFaults, nameErrors, removeAnnotation, setAnnotation } from '../meta.ts';
import { createdByAnnotation, operationAnnotation } from '../shoot/constants.ts';
import { parseCidr } from '../shoot/cidr.ts';
import { countGeneration } from '../strategies.ts';
import type { Shoot } from '../types.ts';

export interface Bastion extends ApiObject {
  spec: {
    shootRef: { name: string };
    seedName?: string;
    providerType?: string;
    sshPublicKey: string;
    ingress?: { ipBlock: { cidr: string } }[];
  };
  status: { lastHeartbeatTimestamp?: string; expirationTimestamp?: string };
}

const timeToLiveMs = 60 * 60 * 1000;
const shootPath = 'spec.shootRef.name';

const hasSsh = ({ spec }: Shoot) =>
  (spec.provider.workers?.length ?? 0) > 0 && spec.provider.workersSettings?.sshAccess?.enabled !== false;

function faultOfShoot(bastion: Bastion, shoot: Shoot | undefined, isNew: boolean): FieldError | undefined {
  const { name } = bastion.spec.shootRef;
  if (!name) return required(shootPath, 'shoot is required');
  if (!shoot) return invalid(shootPath, name, `shoot ${bastion.metadata.namespace}/${name} not found`);
  if (isNew && shoot.metadata.deletionTimestamp) return invalid(shootPath, name, 'shoot is in deletion');
  if (!shoot.spec.seedName) return invalid(shootPath, name, 'shoot is not yet assigned to a seed');
  if (bastion.metadata.deletionTimestamp || hasSsh(shoot)) return undefined;
  return invalid(shootPath, name, 'ssh access is disabled for worker nodes');
}

function mutate({ object: bastion, kind, operation, subresource, reader, user }: AdmissionRequest<Bastion>): void {
  if (!bastion || subresource) return;
  const shoot = find(reader, 'shoots', bastion.spec.shootRef?.name ?? '', bastion.metadata.namespace);
  const fault = faultOfShoot(bastion, shoot, operation === 'CREATE');
  if (fault) throw createInvalid(kind, bastion.metadata.name, [fault]);
  if (!shoot) return;
  bastion.spec.seedName = shoot.spec.seedName;
  bastion.spec.providerType = shoot.spec.provider.type;
  if (operation === 'CREATE') setAnnotation(bastion, createdByAnnotation, user.name);
  const { name, uid } = shoot.metadata;
  const others = (bastion.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
  const owner = {
    apiVersion: 'core.gardener.cloud/v1beta1',
    kind: 'Shoot',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  bastion.metadata.ownerReferences = [...others, owner];
}

function beat(bastion: Bastion, nowMs: number): void {
  bastion.status = {
    ...bastion.status,
    lastHeartbeatTimestamp: toTime(nowMs),
    expirationTimestamp: toTime(nowMs + timeToLiveMs),
  };
  if (bastion.metadata.annotations?.[operationAnnotation] === 'keepalive')
    removeAnnotation(bastion, operationAnnotation);
}

function ingressErrors({ ingress = [] }: Bastion['spec']): FieldError[] {
  const path = 'spec.ingress';
  if (!ingress.length) return [invalid(path, null, 'ingress must not be empty')];
  return ingress.flatMap(({ ipBlock: { cidr } }) => {
    if (!cidr) return [invalid(path, '', 'CIDR must not be empty')];
    return parseCidr(cidr) ? [] : [invalid(path, cidr, 'invalid CIDR')];
  });
}

function validate({ object: bastion, old, subresource }: AdmissionRequest<Bastion>): FieldError[] {
  if (!bastion || subresource) return [];
  const { spec, metadata } = bastion;
  const isKey = /^\s*(\S+\s+)?(ssh|ecdsa|sk)-[\w@.-]+\s+[A-Za-z0-9+/]+={0,2}(\s.*)?$/.test(spec.sshPublicKey);
  const changed = (path: string, value: string, before: string | undefined) =>
    before === undefined || value === before ? [] : [invalid(path, value, 'field is immutable')];
  return [
    ...changed(shootPath, spec.shootRef.name, old?.spec.shootRef.name),
    ...changed('spec.sshPublicKey', spec.sshPublicKey, old?.spec.sshPublicKey),
    ...nameErrors('metadata.name', metadata.name, dnsLabelFaults),
    ...(spec.sshPublicKey ? [] : [invalid('spec.sshPublicKey', '', 'sshPublicKey must not be empty')]),
    ...(spec.sshPublicKey && !isKey ? [invalid('spec.sshPublicKey', spec.sshPublicKey, 'invalid sshPublicKey')] : []),
    ...ingressErrors(spec),
  ];
}

export const bastionStrategy: Strategy<Bastion> = {
  nameRule: 'pathSegment',
  mutate,
  prepare(request) {
    const { object: bastion, old, operation, subresource, nowMs } = request;
    if (!bastion) return;
    countGeneration(request as AdmissionRequest);
    const asked = bastion.metadata.annotations?.[operationAnnotation];
    if (operation === 'CREATE') beat(bastion, nowMs);
    else if (!subresource && asked === 'keepalive') beat(bastion, nowMs);
    else if (old && !subresource && asked === 'reconcile')
      bastion.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate,
  isGenerationRaised: () => false,
};
