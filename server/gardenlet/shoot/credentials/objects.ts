// The objects in the project namespace that hold a shoot's credentials. Pure.
import { resources, type KubeObject, type OwnerReference, type Resource } from '../../../kube/index.ts';
import type { Shoot } from '../../types.ts';

export interface DataObject extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

export interface CredentialObject {
  resource: Resource;
  object: DataObject;
}

export const ownerOf = ({ metadata: { name, uid = '' } }: Shoot): OwnerReference => ({
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'Shoot',
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

const encode = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
export const decode = (data: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

type Suffix = 'ssh-keypair' | 'ssh-keypair.old' | 'monitoring' | 'ca-cluster' | 'ca-kubelet' | 'ca-client';

interface Options {
  shoot: Shoot;
  suffix: Suffix;
  data: Readonly<Record<string, string>>;
  annotations?: Record<string, string>;
}

function metadataOf({ shoot, suffix, annotations }: Options) {
  const role = suffix.replace('.old', '-old');
  return {
    name: `${shoot.metadata.name}.${suffix}`,
    namespace: shoot.metadata.namespace,
    labels: { 'gardener.cloud/role': role, 'shoot.gardener.cloud/name': shoot.metadata.name },
    ...(annotations && { annotations }),
    ownerReferences: [ownerOf(shoot)],
  };
}

export const toSecret = (options: Options): CredentialObject => ({
  resource: resources.secrets,
  object: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataOf(options),
    type: 'Opaque',
    data: encode(options.data),
  },
});

export const toConfigMap = (options: Options): CredentialObject => ({
  resource: resources.configMaps,
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(options), data: { ...options.data } },
});

export const toInternalSecret = (options: Options): CredentialObject => ({
  resource: resources.internalSecrets,
  object: {
    apiVersion: 'core.gardener.cloud/v1beta1',
    kind: 'InternalSecret',
    metadata: metadataOf(options),
    type: 'Opaque',
    data: encode(options.data),
  },
});

/** Names of all objects that a shoot may have, for its end. */
export const credentialNames = ({ metadata: { name } }: Shoot): { resource: Resource; name: string }[] => [
  { resource: resources.secrets, name: `${name}.ssh-keypair` },
  { resource: resources.secrets, name: `${name}.ssh-keypair.old` },
  { resource: resources.secrets, name: `${name}.monitoring` },
  { resource: resources.secrets, name: `${name}.ca-cluster` },
  { resource: resources.configMaps, name: `${name}.ca-cluster` },
  { resource: resources.configMaps, name: `${name}.ca-kubelet` },
  { resource: resources.internalSecrets, name: `${name}.ca-client` },
];
