// What a Shoot names has to be there.
// Models plugin/pkg/global/resourcereferencemanager/admission.go (ensureShootReferences)
import { createNotFound } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import {
  cloudProfileReference,
  createLookupFailure,
  find,
  getCloudProfileSpec,
  messageOf,
  type resources,
} from '../lookups.ts';
import type { Shoot, ShootSpec } from '../types.ts';

type Request = AdmissionRequest<Shoot>;

const supportedKinds = {
  'v1/Secret': 'secrets',
  'v1/ConfigMap': 'configMaps',
  'security.gardener.cloud/v1alpha1/WorkloadIdentity': 'workloadIdentities',
} as const;

function ensureNamed(
  request: Request,
  resource: keyof typeof resources,
  name: string | undefined,
  old: string | undefined,
  namespace?: string,
) {
  if (name === undefined || name === old || find(request.reader, resource, name, namespace)) return;
  throw refuse(request, createLookupFailure(resource, name).message);
}

function ensureResources(
  request: Request,
  spec: ShootSpec,
  old: ShootSpec | undefined,
  namespace: string | undefined,
): void {
  for (const { name, resourceRef } of spec.resources ?? []) {
    if (old?.resources?.some((known) => isDeepEqual(known.resourceRef, resourceRef))) continue;
    const resource = supportedKinds[`${resourceRef.apiVersion}/${resourceRef.kind}` as keyof typeof supportedKinds];
    const wrong = (message: string) => refuse(request, `failed to resolve resource reference "${name}": ${message}`);
    if (!resource || find(request.reader, resource, resourceRef.name, namespace)) continue;
    const group = resource === 'workloadIdentities' ? 'security.gardener.cloud' : '';
    throw wrong(createNotFound({ group, plural: resource.toLowerCase() }, resourceRef.name).message);
  }
}

function ensureApiServerReferences(
  request: Request,
  spec: ShootSpec,
  old: ShootSpec | undefined,
  namespace: string | undefined,
): void {
  const [now, before] = [spec.kubernetes.kubeAPIServer, old?.kubernetes.kubeAPIServer];
  const missing = (plural: 'secrets' | 'configmaps', name: string) =>
    createNotFound({ group: '', plural }, name).message;
  for (const { name, kubeconfigSecretName } of now?.admissionPlugins ?? []) {
    if (kubeconfigSecretName === undefined || isDeepEqual(now?.admissionPlugins, before?.admissionPlugins)) continue;
    if (find(request.reader, 'secrets', kubeconfigSecretName, namespace)) continue;
    throw refuse(
      request,
      `failed to resolve admission plugin kubeconfig secret reference for "${name}": ${missing('secrets', kubeconfigSecretName)}`,
    );
  }
  for (const [field, what] of [
    ['structuredAuthentication', 'authentication'],
    ['structuredAuthorization', 'authorization'],
  ] as const) {
    const name = now?.[field]?.configMapName;
    if (name === undefined || name === before?.[field]?.configMapName) continue;
    if (find(request.reader, 'configMaps', name, namespace)) continue;
    throw refuse(request, `failed to resolve structured ${what} config map reference: ${missing('configmaps', name)}`);
  }
}

export function ensureReferences(request: Request): void {
  const { object: shoot, old, reader } = request;
  if (!shoot || (old && (shoot.metadata.deletionTimestamp || isDeepEqual(old.spec, shoot.spec)))) return;
  const { spec, metadata } = shoot;
  const { namespace } = metadata;
  if (!old || !isDeepEqual(cloudProfileReference(shoot), cloudProfileReference(old))) {
    try {
      getCloudProfileSpec(reader, shoot);
    } catch (error) {
      throw refuse(
        request,
        `could not find cloudProfileSpec from the shoot cloudProfile reference: ${messageOf(error)}`,
      );
    }
  }
  ensureNamed(request, 'seeds', spec.seedName, old?.spec.seedName);
  ensureNamed(request, 'secretBindings', spec.secretBindingName, old?.spec.secretBindingName, namespace);
  ensureNamed(request, 'credentialsBindings', spec.credentialsBindingName, old?.spec.credentialsBindingName, namespace);
  ensureNamed(request, 'exposureClasses', spec.exposureClassName, old?.spec.exposureClassName);
  ensureResources(request, spec, old?.spec, namespace);
  ensureApiServerReferences(request, spec, old?.spec, namespace);
}
