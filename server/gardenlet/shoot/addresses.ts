// status.advertisedAddresses, networking and identity of a running shoot. Pure.
import type { Seed, Shoot, ShootStatus } from '../types.ts';
import { isWorkerless } from '../types.ts';

export interface Landscape {
  /** Identity of the garden, as in kube-system/cluster-identity. */
  clusterIdentity: string;
  /** Where public keys of managed issuers are served. */
  discoveryUrl: string;
  internalDomain: string;
  ingressDomain: string;
}

const isIssuerManaged = (shoot: Shoot): boolean =>
  shoot.metadata.annotations?.['authentication.gardener.cloud/issuer'] === 'managed';

export function landscapeOf(seed: Seed, clusterIdentity: string): Landscape {
  return {
    clusterIdentity,
    discoveryUrl: 'https://discovery.local.gardener.cloud',
    internalDomain: seed.spec.dns?.internal?.domain ?? 'internal.local.gardener.cloud',
    ingressDomain: seed.spec.ingress?.domain ?? 'ingress.local.seed.local.gardener.cloud',
  };
}

export const internalHost = (shoot: Shoot, projectName: string, { internalDomain }: Landscape): string =>
  `api.${shoot.metadata.name}.${projectName}.${internalDomain}`;
export const externalHost = (shoot: Shoot): string | undefined =>
  shoot.spec.dns?.domain ? `api.${shoot.spec.dns.domain}` : undefined;

/** Addresses of the observability components: with purpose testing there are none. */
export function observabilityUrls(shoot: Shoot, projectName: string, { ingressDomain }: Landscape) {
  if (shoot.spec.purpose === 'testing') return [];
  const suffix = `${projectName}--${shoot.metadata.name}.${ingressDomain}`;
  return [
    { name: 'plutono', url: `https://gu-${suffix}` },
    { name: 'prometheus', url: `https://p-${suffix}` },
  ];
}

/**
 * `url` is where the cluster really answers; it stands in for the external name, which nobody resolves here.
 * Order and names as in gardener's botanist/advertised_addresses.go.
 */
export function addressesPatch(shoot: Shoot, projectName: string, landscape: Landscape, url: string) {
  const internal = `https://${internalHost(shoot, projectName, landscape)}`;
  const issuer = isIssuerManaged(shoot)
    ? `${landscape.discoveryUrl}/projects/${projectName}/shoots/${shoot.metadata.uid}/issuer`
    : internal;
  const { networking } = shoot.spec;
  const list = (cidr: string | undefined) => (cidr ? [cidr] : undefined);
  const status: ShootStatus = {
    advertisedAddresses: [
      { name: 'external', url },
      { name: 'internal', url: internal },
      { name: 'service-account-issuer', url: issuer },
      ...observabilityUrls(shoot, projectName, landscape).map((one) => ({
        name: `virtualservice/${one.name}/0`,
        url: one.url,
      })),
    ],
    networking: {
      ...(!isWorkerless(shoot) && { pods: list(networking?.pods), nodes: list(networking?.nodes) }),
      services: list(networking?.services),
    },
  };
  return status;
}

export const clusterIdentityOf = (shoot: Shoot, technicalId: string, landscape: Landscape): string =>
  `${technicalId}-${shoot.metadata.uid}-${landscape.clusterIdentity}`;
