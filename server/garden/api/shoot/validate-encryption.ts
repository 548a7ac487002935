// Encryption at rest: which resources may be encrypted beside secrets, and when that may change.
// Models pkg/api/core/validation/shoot.go (validateEncryptionConfig, ValidateEncryptionConfigUpdate)
import { duplicate, forbidden, invalid, notSupported, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { Shoot, ShootSpec } from '../types.ts';

const path = 'spec.kubernetes.kubeAPIServer.encryptionConfig';
const providers = ['aescbc', 'aesgcm', 'secretbox'];
const withoutApi = ['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations'];

const configOf = ({ kubernetes }: ShootSpec) => kubernetes.kubeAPIServer?.encryptionConfig;
const groupOf = (resource: string) => resource.split('.').slice(1).join('.');
/** `configmaps.` and `configmaps` are one resource. */
const canonical = (resources: readonly string[] | undefined) =>
  [...new Set((resources ?? []).map((resource) => resource.replace(/\.$/, '')))].sort();

function resourceErrors(resource: string, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (resource.toLowerCase() !== resource) errors.push(invalid(at, resource, 'resource must be lower case'));
  if (withoutApi.includes(resource)) {
    errors.push(invalid(at, resource, 'resources which do not have REST API/s cannot be encrypted'));
  }
  if (resource.endsWith('.')) errors.push(invalid(at, resource, "resource should not end with '.'"));
  if (resource.includes('*')) errors.push(invalid(at, resource, 'wildcards are not supported'));
  if (groupOf(resource) === 'events.k8s.io') {
    const detail = "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead";
    errors.push(invalid(at, resource, detail));
  }
  if (groupOf(resource) === 'extensions') {
    errors.push(invalid(at, resource, "'extensions' group has been removed and cannot be used for encryption"));
  }
  return errors;
}

export function encryptionErrors(spec: ShootSpec): FieldError[] {
  const config = configOf(spec);
  const seen = new Set<string>();
  const errors = (config?.resources ?? []).flatMap((resource, index) => {
    const at = `${path}.resources[${index}]`;
    const [name = ''] = canonical([resource]);
    const faults = resourceErrors(resource, at);
    if (seen.has(name)) faults.push(duplicate(at, resource));
    if (name === 'secrets') faults.push(forbidden(at, `"${resource}" are always encrypted`));
    seen.add(name);
    return faults;
  });
  const type = config?.provider?.type;
  if (type !== undefined && !providers.includes(type))
    errors.push(notSupported(`${path}.provider.type`, type, providers));
  if (type === 'aesgcm' && !spec.maintenance?.autoRotation?.credentials?.['etcdEncryptionKey']) {
    const detail = 'etcdEncryptionKey auto rotation must be enabled when encryption at rest provider is AES-GCM';
    errors.push(forbidden(`${path}.provider.type`, detail));
  }
  return errors;
}

/** One change at a time, of a cluster that is awake. */
export function encryptionUpdateErrors(shoot: Shoot, { spec: oldSpec }: Shoot): FieldError[] {
  const [now, before] = [configOf(shoot.spec), configOf(oldSpec)];
  const [resources, oldResources] = [canonical(now?.resources), canonical(before?.resources)];
  const areResourcesChanged = !isDeepEqual(resources, oldResources);
  const isTypeChanged = now?.provider?.type !== before?.provider?.type;
  const { credentials, lastOperation } = shoot.status;
  const atRest = credentials?.encryptionAtRest;
  const phase = credentials?.rotation?.['etcdEncryptionKey']?.phase ?? '';
  const isRollingOut =
    !isDeepEqual(oldResources, canonical(atRest?.resources)) ||
    before?.provider?.type !== (atRest?.provider?.type ?? '');
  const isCreated =
    lastOperation?.type === 'Reconcile' ||
    (lastOperation?.state === 'Succeeded' && ['Create', 'Restore'].includes(lastOperation.type));
  const faultsOf = (what: string, at: string): FieldError[] => [
    ...(phase && phase !== 'Completed'
      ? [
          forbidden(
            at,
            `${what} cannot be changed when .status.credentials.rotation.etcdEncryptionKey.phase is not "Completed"`,
          ),
        ]
      : []),
    ...(isRollingOut
      ? [
          forbidden(
            at,
            `${what} cannot be changed because a previous encryption configuration change is currently being rolled out`,
          ),
        ]
      : []),
    ...(shoot.spec.hibernation?.enabled
      ? [forbidden(at, `${what} cannot be changed when shoot is in hibernation`)]
      : []),
  ];
  const typePath = `${path}.provider.type`;
  return [
    ...(areResourcesChanged ? faultsOf('resources', `${path}.resources`) : []),
    ...(isTypeChanged && !isCreated
      ? [
          forbidden(
            typePath,
            'provider type cannot be changed if resource was not yet created successfully or is not ready for reconciliation',
          ),
        ]
      : []),
    ...(isTypeChanged ? faultsOf('provider type', typePath) : []),
    ...(isTypeChanged && areResourcesChanged
      ? [forbidden(typePath, 'provider type and resources cannot be changed simultaneously')]
      : []),
  ];
}
