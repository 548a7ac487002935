// What the server decides about a Shoot before it is judged: status, generation, the two forms of the cloud profile, seed labels.
// Models pkg/apiserver/registry/core/shoot/strategy.go
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { isTrue, removeLabels, setAnnotation, setLabel } from '../meta.ts';
import type { Shoot } from '../types.ts';
import { isAtLeast, parseVersion } from '../versions.ts';
import {
  forceDeletionAnnotation,
  maintenanceOperationAnnotation,
  operationAnnotation,
  operationSeparator,
  seedLabelPrefix,
} from './constants.ts';
import { serveOperations, splitOperations } from './operations.ts';

/** As Go encodes a status that nobody has written: empty strings, not absent fields. */
export const emptyStatus = (): Shoot['status'] => ({
  gardener: { id: '', name: '', version: '' },
  hibernated: false,
  technicalID: '',
  uid: '',
});

/** cloudProfileName and cloudProfile are two forms of one reference; from Kubernetes 1.34 on there is only the latter. */
function syncCloudProfile(shoot: Shoot, old: Shoot | undefined): void {
  const { spec, metadata } = shoot;
  if (metadata.deletionTimestamp) return;
  const { version } = spec.kubernetes;
  const isKind = () => spec.cloudProfile?.kind === 'CloudProfile';
  if (isAtLeast(version, '1.34')) {
    if (spec.cloudProfile && !spec.cloudProfile.kind) spec.cloudProfile.kind = 'CloudProfile';
    const isSame =
      spec.cloudProfileName === old?.spec.cloudProfileName && spec.cloudProfileName === spec.cloudProfile?.name;
    if (old && spec.cloudProfileName !== undefined && isKind() && isSame) delete spec.cloudProfileName;
    return;
  }
  if (!spec.cloudProfile && spec.cloudProfileName !== undefined) {
    spec.cloudProfile = { kind: 'CloudProfile', name: spec.cloudProfileName };
  }
  if (!spec.cloudProfile) return;
  spec.cloudProfile.kind ||= 'CloudProfile';
  const isOld = !parseVersion(version ?? '') || !isAtLeast(version, '1.33');
  const differs = !!spec.cloudProfileName && spec.cloudProfileName !== spec.cloudProfile.name;
  if (isKind() && (isOld || differs)) spec.cloudProfileName = spec.cloudProfile.name;
  if (!isKind()) delete spec.cloudProfileName;
}

/** secretName and credentialsRef of a DNS provider are two forms of one reference too, before Kubernetes 1.35. */
function syncDnsCredentials({ spec }: Shoot): void {
  if (isAtLeast(spec.kubernetes.version, '1.35')) return;
  for (const provider of spec.dns?.providers ?? []) {
    const { secretName, credentialsRef } = provider;
    if (secretName !== undefined && !credentialsRef) {
      provider.credentialsRef = { apiVersion: 'v1', kind: 'Secret', name: secretName };
    } else if (secretName === undefined && credentialsRef?.apiVersion === 'v1' && credentialsRef.kind === 'Secret') {
      provider.secretName = credentialsRef.name;
    }
  }
}

const isForced = ({ metadata }: Shoot) => isTrue(metadata.annotations?.[forceDeletionAnnotation]);
const isHibernated = ({ spec }: Shoot) => spec.hibernation?.enabled === true;

function isSpecRolledOut(shoot: Shoot, old: Shoot): boolean {
  if (shoot.spec.maintenance?.confineSpecUpdateRollout) return isHibernated(shoot) !== isHibernated(old);
  return !isDeepEqual(shoot.spec, old.spec);
}

function raise(shoot: Shoot, old: Shoot): void {
  shoot.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function prepareUpdate(shoot: Shoot, old: Shoot): void {
  for (const key of [operationAnnotation, maintenanceOperationAnnotation]) {
    const given = shoot.metadata.annotations?.[key];
    if (given !== undefined) setAnnotation(shoot, key, splitOperations(given).join(operationSeparator));
  }
  const isDeleted = !old.metadata.deletionTimestamp && !!shoot.metadata.deletionTimestamp;
  const isServed = serveOperations(shoot);
  if (isServed || isDeleted || isSpecRolledOut(shoot, old) || (isForced(shoot) && !isForced(old))) raise(shoot, old);
  syncCloudProfile(shoot, old);
}

function prepareBinding(shoot: Shoot, old: Shoot): void {
  const { lastOperation } = shoot.status;
  const wasPending = lastOperation?.type === 'Create' && lastOperation.state === 'Pending';
  if (wasPending && !old.spec.seedName && shoot.spec.seedName) {
    const { lastOperation: _pending, ...rest } = shoot.status;
    shoot.status = rest;
  }
  if (!isDeepEqual(shoot.spec, old.spec)) raise(shoot, old);
}

function prepareStatus(shoot: Shoot, old: Shoot): void {
  const { lastOperation } = shoot.status;
  if (lastOperation?.type === 'Migrate' && ['Succeeded', 'Aborted'].includes(lastOperation.state)) raise(shoot, old);
  const rotation = (status: Shoot['status']) => status.credentials?.rotation?.['etcdEncryptionKey'];
  const now = rotation(shoot.status) as { phase?: string; autoCompleteAfterPrepared?: boolean } | undefined;
  const isPrepared = now?.phase === 'Prepared' && rotation(old.status)?.phase !== 'Prepared';
  if (isPrepared && now.autoCompleteAfterPrepared) raise(shoot, old);
}

/** Addons that are all switched off are dropped, as are fields that mean nothing any more. */
function canonicalize({ spec }: Shoot): void {
  const { kubeAPIServer } = spec.kubernetes;
  if (kubeAPIServer?.enableAnonymousAuthentication === false) delete kubeAPIServer.enableAnonymousAuthentication;
  if (spec.kubernetes.clusterAutoscaler) delete spec.kubernetes.clusterAutoscaler['maxEmptyBulkDelete'];
  const dashboard = spec.addons?.kubernetesDashboard;
  if (dashboard && !dashboard.enabled && !spec.addons?.nginxIngress) delete spec.addons;
}

function labelSeeds(shoot: Shoot): void {
  removeLabels(shoot, (key) => key.startsWith(seedLabelPrefix));
  for (const name of [shoot.spec.seedName, shoot.status.seedName])
    if (name) setLabel(shoot, seedLabelPrefix + name, 'true');
}

export function prepareShoot({ object: shoot, old, operation, subresource }: AdmissionRequest<Shoot>): void {
  if (!shoot) return;
  syncDnsCredentials(shoot);
  if (operation === 'CREATE') {
    shoot.metadata.generation = 1;
    shoot.status = emptyStatus();
    syncCloudProfile(shoot, undefined);
  } else if (old) {
    if (subresource === 'binding') prepareBinding(shoot, old);
    else if (subresource === 'status') prepareStatus(shoot, old);
    else prepareUpdate(shoot, old);
  }
  if (subresource !== 'status') canonicalize(shoot);
  labelSeeds(shoot);
}
