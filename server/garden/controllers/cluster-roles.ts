// Aggregated ClusterRoles: their rules are those of the roles that their selectors match. Models kube-controller-manager's clusterroleaggregation
import { isDeepStrictEqual } from 'node:util';
import { createController, createSource, resources, type Controller, type KubeObject } from '../../kube/index.ts';
import type { LabelSelector } from '../types.ts';
import type { ControllerContext } from './context.ts';
import { isSelected } from './selectors.ts';

export interface ClusterRole extends KubeObject {
  rules?: unknown[];
  aggregationRule?: { clusterRoleSelectors: LabelSelector[] };
}

/** The same roles, with the rules of the aggregated ones filled in, through any number of levels. */
export function aggregateRoles(roles: readonly ClusterRole[]): ClusterRole[] {
  const rulesOf = (role: ClusterRole, path: readonly ClusterRole[]): unknown[] => {
    if (!role.aggregationRule) return role.rules ?? [];
    const byName = roles
      .filter((other) => other !== role && !path.includes(other))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const members = role.aggregationRule.clusterRoleSelectors.flatMap((selector) =>
      byName.filter(({ metadata }) => isSelected(selector, metadata.labels)),
    );
    const rules = new Map<string, unknown>();
    for (const member of members)
      for (const rule of rulesOf(member, [...path, role])) rules.set(JSON.stringify(rule), rule);
    return [...rules.values()];
  };
  return roles.map((role) => ({ ...role, rules: rulesOf(role, []) }));
}

/** Keeps the rules of aggregated roles up to date; any change of any role may change them, so all are looked at together. */
export function createClusterRoleAggregation({ client, informers, clock, logger }: ControllerContext): Controller {
  const roles = informers.of<ClusterRole>(resources.clusterRoles);
  const isRelevant = (role: ClusterRole, old?: ClusterRole) =>
    !old || !isDeepStrictEqual([role.rules, role.metadata.labels], [old.rules, old.metadata.labels]);
  return createController({
    name: 'clusterrole-aggregation',
    clock,
    logger,
    sources: [createSource(roles, (role, old) => (isRelevant(role, old) ? ['all'] : []))],
    async reconcile() {
      const stored = roles.list();
      for (const [index, { metadata, rules }] of aggregateRoles(stored).entries())
        if (!isDeepStrictEqual(stored[index]?.rules ?? [], rules))
          await client.patch(resources.clusterRoles, metadata.name, undefined, 'merge', { rules });
    },
  });
}
