// Role-based access control: rules read from the roles and bindings in the store. Models kubernetes/plugin/pkg/auth/authorizer/rbac/rbac.go
import { createForbidden } from './errors.ts';
import type { RequestInfo } from './request-info.ts';
import { qualifiedResource } from './request-info.ts';
import { isLabelMatch } from './selectors.ts';
import type { ApiObject, Reader, UserInfo } from './types.ts';

export interface PolicyRule {
  verbs?: readonly string[];
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
}

export type Attributes =
  | {
      isResource: true;
      verb: string;
      group: string;
      resource: string;
      subresource: string;
      name: string;
      namespace: string | undefined;
    }
  | { isResource: false; verb: string; path: string };

export interface Authorizer {
  isAllowed(user: UserInfo, attributes: Attributes): boolean;
  /** All rules that hold for a user in a namespace (undefined: at the cluster scope). */
  rulesFor(user: UserInfo, namespace: string | undefined): PolicyRule[];
}

interface Role extends ApiObject {
  rules?: PolicyRule[];
  aggregationRule?: {
    clusterRoleSelectors?: {
      matchLabels?: Record<string, string>;
      matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
    }[];
  };
}
interface Binding extends ApiObject {
  subjects?: { kind: string; name: string; namespace?: string }[];
  roleRef: { kind: string; name: string };
}

const rbac = 'rbac.authorization.k8s.io';
const superGroup = 'system:masters';

// What every Kubernetes grants by its bootstrap roles (system:basic-user, system:discovery, system:public-info-viewer), also when they are not loaded.
const basicRules: PolicyRule[] = [
  { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', '/'] },
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
];
const publicRules: PolicyRule[] = [
  { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
];

const includes = (list: readonly string[] | undefined, value: string) =>
  !!list && (list.includes('*') || list.includes(value));

const isResourceMatch = (resources: readonly string[] | undefined, resource: string, subresource: string): boolean => {
  if (!resources) return false;
  if (resources.includes('*')) return true;
  if (resources.includes(subresource ? `${resource}/${subresource}` : resource)) return true;
  return subresource !== '' && resources.includes(`*/${subresource}`);
};

export function isRuleMatch(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) {
    return !!rule.nonResourceURLs?.some(
      (url) =>
        url === '*' || url === attributes.path || (url.endsWith('*') && attributes.path.startsWith(url.slice(0, -1))),
    );
  }
  const { group, resource, subresource, name } = attributes;
  return (
    includes(rule.apiGroups, group) &&
    isResourceMatch(rule.resources, resource, subresource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(name))
  );
}

function isSubject(binding: Binding, user: UserInfo, bindingNamespace: string | undefined): boolean {
  return !!binding.subjects?.some(({ kind, name, namespace }) => {
    if (kind === 'User') return name === '*' || name === user.name;
    if (kind === 'Group') return user.groups.includes(name);
    return user.name === `system:serviceaccount:${namespace ?? bindingNamespace ?? ''}:${name}`;
  });
}

export function createAuthorizer(reader: Reader): Authorizer {
  const clusterRoles = { group: rbac, plural: 'clusterroles' };

  const rulesOf = (role: Role | undefined): readonly PolicyRule[] => {
    const selectors = role?.aggregationRule?.clusterRoleSelectors;
    if (!selectors) return role?.rules ?? [];
    const isAggregated = (other: ApiObject) =>
      other !== role &&
      selectors.some(({ matchLabels = {}, matchExpressions = [] }) =>
        isLabelMatch(
          [
            ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })),
            ...matchExpressions.map((expression) => ({ ...expression, values: expression.values ?? [] })),
          ],
          other.metadata.labels,
        ),
      );
    return [
      ...(role.rules ?? []),
      ...reader
        .list(clusterRoles)
        .filter(isAggregated)
        .flatMap((other) => (other as Role).rules ?? []),
    ];
  };

  const rulesFor = (user: UserInfo, namespace: string | undefined): PolicyRule[] => {
    const rules: PolicyRule[] = [...publicRules];
    if (user.groups.includes(superGroup))
      rules.push({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] });
    if (user.groups.includes('system:authenticated')) rules.push(...basicRules);
    for (const binding of reader.list({ group: rbac, plural: 'clusterrolebindings' }) as readonly Binding[]) {
      if (isSubject(binding, user, undefined))
        rules.push(...rulesOf(reader.get(clusterRoles, binding.roleRef.name) as Role | undefined));
    }
    if (!namespace) return rules;
    for (const binding of reader.list({ group: rbac, plural: 'rolebindings' }, namespace) as readonly Binding[]) {
      if (!isSubject(binding, user, namespace)) continue;
      const { kind, name } = binding.roleRef;
      const role =
        kind === 'ClusterRole'
          ? reader.get(clusterRoles, name)
          : reader.get({ group: rbac, plural: 'roles' }, name, namespace);
      rules.push(...rulesOf(role as Role | undefined));
    }
    return rules;
  };

  return {
    rulesFor,
    isAllowed(user, attributes) {
      if (user.groups.includes(superGroup)) return true;
      const namespace = attributes.isResource ? attributes.namespace : undefined;
      return rulesFor(user, namespace).some((rule) => isRuleMatch(rule, attributes));
    },
  };
}

export const attributesOf = (info: RequestInfo): Attributes =>
  info.isResource
    ? {
        isResource: true,
        verb: info.verb,
        group: info.group,
        resource: info.resource,
        subresource: info.subresource,
        name: info.name,
        // `get namespaces x` is decided by the bindings in that namespace, too.
        namespace: info.group === '' && info.resource === 'namespaces' && info.name ? info.name : info.namespace,
      }
    : { isResource: false, verb: info.verb, path: info.path };

/** Throws 403 in Kubernetes' words. */
export function ensureAllowed(authorizer: Authorizer, user: UserInfo, info: RequestInfo): void {
  if (authorizer.isAllowed(user, attributesOf(info))) return;
  if (!info.isResource) {
    throw createForbidden({ group: '', plural: '' }, '', `User "${user.name}" cannot ${info.verb} path "${info.path}"`);
  }
  const { group, resource, name, verb } = info;
  const { namespace } = attributesOf(info) as { namespace: string | undefined };
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  const full = qualifiedResource(info);
  throw createForbidden(
    { group, plural: resource },
    name,
    `User "${user.name}" cannot ${verb} resource "${full}" in API group "${group}" ${where}`,
  );
}
