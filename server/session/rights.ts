// What the gateway must be allowed to do on its cluster, and asking whether it is.
import { KubeError } from '../kube/errors.ts';
import { resources } from '../kube/resources.ts';
import type { KubeClient, Resource } from '../kube/types.ts';

export interface RequiredRight {
  resource: Resource;
  verb: string;
  /** Where a Role may bind the verb to one name. */
  name?: string;
}

/** In the namespace of the sessions; README.md has them as a table, and the chart's Role grants no more. */
export const requiredRights = (leaseName: string): RequiredRight[] => [
  ...['get', 'list', 'watch', 'create', 'patch', 'delete'].map((verb) => ({ resource: resources.pods, verb })),
  ...['list', 'watch'].map((verb) => ({ resource: resources.events, verb })),
  { resource: resources.leases, verb: 'create' },
  ...['get', 'update'].map((verb) => ({ resource: resources.leases, verb, name: leaseName })),
];

interface AccessReview {
  status?: { allowed?: boolean };
}

async function isAllowed(client: KubeClient, namespace: string, right: RequiredRight): Promise<boolean> {
  const { resource, verb, name } = right;
  const resourceAttributes = { namespace, verb, group: resource.group, resource: resource.plural, name };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const { status } = await client.request<AccessReview>('POST', path, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  });
  return status?.allowed === true;
}

/**
 * The rights that are not granted; undefined where the cluster does not say (every user may ask, but an administrator can forbid even
 * that). Throws KubeError while the cluster does not answer.
 */
export async function findMissingRights(
  client: KubeClient,
  namespace: string,
  rights: readonly RequiredRight[],
): Promise<RequiredRight[] | undefined> {
  try {
    const answers = await Promise.all(rights.map((right) => isAllowed(client, namespace, right)));
    return rights.filter((_right, index) => !answers[index]);
  } catch (fault) {
    if (fault instanceof KubeError && [403, 404, 405].includes(fault.code)) return undefined;
    throw fault;
  }
}

/** One sentence about all of them. */
export function missingRightsSentence(missing: readonly RequiredRight[], namespace: string): string {
  const verbsOf = new Map<string, string[]>();
  for (const { resource, verb } of missing)
    verbsOf.set(resource.plural, [...(verbsOf.get(resource.plural) ?? []), verb]);
  const parts = [...verbsOf].map(([plural, verbs]) => `${verbs.join(', ')} ${plural}`);
  return `The playground may not ${parts.join('; ')} in namespace ${namespace}: its ServiceAccount needs a Role there with these verbs.`;
}
