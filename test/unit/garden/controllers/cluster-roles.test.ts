// Aggregated ClusterRoles.
import assert from 'node:assert/strict';
import {
  aggregateRoles,
  createClusterRoleAggregation,
  type ClusterRole,
} from '../../../../server/garden/controllers/cluster-roles.ts';
import { createBench, resources } from '../support.ts';

describe('aggregated roles', () => {
  const role = (name: string, labels: Record<string, string>, content: Record<string, unknown>): ClusterRole => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels },
    ...content,
  });
  const selecting = (key: string) => ({
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [key]: 'true' } }] },
  });

  it('have the rules of those that they select, through several levels, each once', () => {
    const roles = aggregateRoles([
      role('top', {}, selecting('to-top')),
      role('middle', { 'to-top': 'true' }, selecting('to-middle')),
      role('a', { 'to-middle': 'true', 'to-top': 'true' }, { rules: ['rule a'] }),
      role('b', { 'to-middle': 'true' }, { rules: ['rule b'] }),
    ]);
    assert.deepEqual(
      roles.map(({ rules }) => rules),
      [['rule a', 'rule b'], ['rule a', 'rule b'], ['rule a'], ['rule b']],
    );
  });

  it('may select each other', () => {
    const both = { x: 'true' };
    const [first] = aggregateRoles([
      role('a', both, selecting('x')),
      role('b', both, selecting('x')),
      role('c', both, { rules: ['c'] }),
    ]);
    assert.deepEqual(first?.rules, ['c']);
  });

  it('follow the order of their selectors, then names', () => {
    const aggregationRule = {
      clusterRoleSelectors: [{ matchLabels: { second: 'true' } }, { matchLabels: { first: 'true' } }],
    };
    const [top] = aggregateRoles([
      role('top', {}, { aggregationRule }),
      role('a', { first: 'true' }, { rules: ['a'] }),
      role('c', { second: 'true' }, { rules: ['c'] }),
      role('b', { second: 'true' }, { rules: ['b'] }),
    ]);
    assert.deepEqual(top?.rules, ['b', 'c', 'a']);
  });

  it('are kept up to date', async () => {
    const bench = createBench();
    await bench.run(createClusterRoleAggregation(bench.context));
    bench.put(resources.clusterRoles, role('top', {}, selecting('x')));
    bench.put(resources.clusterRoles, role('a', { x: 'true' }, { rules: ['a'] }));
    await bench.settle();
    const rules = () => bench.get<ClusterRole>(resources.clusterRoles, 'top')?.rules;
    assert.deepEqual(rules(), ['a']);
    await bench.client.delete(resources.clusterRoles, 'a');
    await bench.settle();
    assert.deepEqual(rules(), []);
    bench.dispose();
  });
});
