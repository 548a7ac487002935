// Aggregated ClusterRoles: their rules are those of the roles that their selectors match. Models kube-controller-manager's clusterroleaggregation
import type { ApiObject } from '../../apiserver/types.ts';
import { isSelected } from '../controllers/selectors.ts';
import type { LabelSelector } from '../types.ts';

interface ClusterRole extends ApiObject {
  rules?: unknown[];
  aggregationRule?: { clusterRoleSelectors: LabelSelector[] };
}

/** The same roles, with the rules of the aggregated ones filled in, through any number of levels. */
export function aggregateRoles(objects: readonly ApiObject[]): ApiObject[] {
  const roles = objects as ClusterRole[];
  const rulesOf = (role: ClusterRole, path: readonly ClusterRole[]): unknown[] => {
    if (!role.aggregationRule) return role.rules ?? [];
    const { clusterRoleSelectors } = role.aggregationRule;
    const members = roles
      .filter((other) => other !== role && !path.includes(other))
      .filter(({ metadata }) => clusterRoleSelectors.some((selector) => isSelected(selector, metadata.labels)))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const rules = new Map<string, unknown>();
    for (const member of members)
      for (const rule of rulesOf(member, [...path, role])) rules.set(JSON.stringify(rule), rule);
    return [...rules.values()];
  };
  return roles.map((role) => ({ ...role, rules: rulesOf(role, []) }));
}
