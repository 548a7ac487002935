// What the gateway may do: one Role in the namespace of the sessions, with the verbs that server/session uses.
import type { V1Deployment, V1Role, V1RoleBinding, V1ServiceAccount } from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { render } from '../support/helm.ts';
import { environmentPod, github, valuesFile, valuesFiles } from './fixtures.ts';

const readme = fileURLToPath(new URL('../../server/session/README.md', import.meta.url));

describe('chart: rights', () => {
  it('are the verbs that server/session says it uses, no more and no fewer', async () => {
    const { rules = [] } = (await render({ github })).one<V1Role>('Role');
    const granted: Record<string, string[]> = {};
    for (const { resources = [], verbs } of rules)
      for (const resource of resources) granted[resource] = [...(granted[resource] ?? []), ...verbs].sort();
    const text = await readFile(readme, 'utf8');
    const rows = text
      .slice(text.indexOf('## What the gateway may do'))
      .matchAll(/^\| (pods|events|leases)[^|]*\| ([a-z, ]+)/gm);
    const said = Object.fromEntries(
      [...rows].map(([, resource = '', verbs = '']) => [resource, verbs.trim().split(/, /).sort()]),
    );
    assert.deepEqual(granted, said);
    assert.equal(Object.keys(granted).length, 3);
  });

  it('hold for one Lease by name', async () => {
    const { rules = [] } = (await render({ github })).one<V1Role>('Role');
    for (const { resources, verbs, resourceNames } of rules)
      if (resources?.includes('leases') && !verbs.includes('create'))
        assert.deepEqual(resourceNames, ['playground-leader']);
  });

  for (const { name, file } of valuesFiles)
    it(`reach no further than the namespace of the sessions with the values ${name}`, async () => {
      const rendering = await render(file);
      assert.deepEqual([...rendering.all('ClusterRole'), ...rendering.all('ClusterRoleBinding')], []);
      const role = rendering.one<V1Role>('Role');
      const binding = rendering.one<V1RoleBinding>('RoleBinding');
      const deployment = rendering.one<V1Deployment>('Deployment');
      assert.equal(binding.metadata.namespace, role.metadata.namespace);
      assert.notEqual(binding.metadata.namespace, deployment.metadata.namespace);
      assert.deepEqual(binding.roleRef, {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: role.metadata.name,
      });
      const { serviceAccountName } = deployment.spec!.template.spec!;
      assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name: serviceAccountName, namespace: 'demo' }]);
      for (const { resources = [], verbs, apiGroups } of role.rules ?? []) {
        assert.ok(![...resources, ...verbs, ...(apiGroups ?? [])].includes('*'));
        assert.ok(!resources.some((resource) => /secrets|exec|attach|portforward/.test(resource)));
      }
    });

  it('are none at all for sessions, whose ServiceAccount gives no tokens', async () => {
    const rendering = await render({ github });
    const { serviceAccountName } = environmentPod(rendering, 'lite').spec!;
    const account = rendering.one<V1ServiceAccount & { automountServiceAccountToken: boolean }>(
      'ServiceAccount',
      serviceAccountName,
    );
    assert.deepEqual([account.metadata.namespace, account.automountServiceAccountToken], ['demo-sessions', false]);
  });

  it('go to a ServiceAccount that is there, where one is named', async () => {
    const rendering = await render(valuesFile('existing'));
    assert.equal(rendering.one<V1Deployment>('Deployment').spec!.template.spec!.serviceAccountName, 'gateway');
    assert.deepEqual(
      rendering.all('ServiceAccount').map(({ metadata }) => metadata.name),
      ['garden-demo-session'],
    );
  });
});
