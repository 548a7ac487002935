// Projects: namespaces, roles, phases and the end.
import assert from 'node:assert/strict';
import { createProjectController } from '../../../../server/garden/controllers/project.ts';
import { desiredRoles, generatedNamespace } from '../../../../server/garden/controllers/project-rbac.ts';
import type { Project } from '../../../../server/garden/types.ts';
import { createBench, namespaceObject, projectObject, resources, shootObject, type Bench } from '../support.ts';

describe('project controller', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = createBench();
    await bench.run(createProjectController(bench.context));
  });
  afterEach(() => bench.dispose());
  const phaseOf = (name: string) => bench.get<Project>(resources.projects, name)?.status?.phase;

  it('makes a namespace, names it in the project, and is Ready', async () => {
    bench.put(resources.projects, projectObject('demo'));
    await bench.settle();
    const project = bench.get<Project>(resources.projects, 'demo');
    assert.match(project?.spec.namespace ?? '', /^garden-demo-[0-9a-f]{5}$/);
    assert.equal(project?.spec.namespace, generatedNamespace(project as Project));
    assert.deepEqual(project?.metadata.finalizers, ['gardener']);
    assert.deepEqual(project?.status, { phase: 'Ready', observedGeneration: project?.metadata.generation });
    const namespace = bench.get(resources.namespaces, project?.spec.namespace ?? '');
    assert.deepEqual(namespace?.metadata.labels, {
      'gardener.cloud/role': 'project',
      'project.gardener.cloud/name': 'demo',
    });
    assert.equal(namespace?.metadata.ownerReferences?.[0]?.kind, 'Project');
    assert.equal(namespace?.metadata.annotations?.['namespace.gardener.cloud/created-by-project-controller'], 'true');
    assert.deepEqual(
      bench.notes.map(({ reason }) => reason),
      ['NamespaceReconcileSuccessful'],
    );
  });

  it('adopts a namespace with the right labels and keeps it after the end', async () => {
    const labels = { 'gardener.cloud/role': 'project', 'project.gardener.cloud/name': 'demo' };
    bench.put(resources.namespaces, namespaceObject('garden-demo', { labels }));
    bench.put(resources.projects, projectObject('demo', { namespace: 'garden-demo' }));
    await bench.settle();
    const keep = 'namespace.gardener.cloud/keep-after-project-deletion';
    assert.equal(bench.get(resources.namespaces, 'garden-demo')?.metadata.annotations?.[keep], 'true');
    await bench.client.delete(resources.projects, 'demo');
    await bench.settle();
    assert.equal(bench.get(resources.projects, 'demo'), undefined);
    const { metadata } = bench.get(resources.namespaces, 'garden-demo') ?? {};
    assert.deepEqual([metadata?.labels, metadata?.annotations, metadata?.ownerReferences], [{}, {}, []]);
  });

  it('fails with a namespace of another project or without labels, and says why', async () => {
    bench.put(resources.namespaces, namespaceObject('garden-demo'));
    bench.put(resources.projects, projectObject('demo', { namespace: 'garden-demo' }));
    await bench.settle();
    assert.equal(phaseOf('demo'), 'Failed');
    assert.equal(
      bench.notes.at(-1)?.note,
      'namespace cannot be used as it needs the project labels map[string]string{"gardener.cloud/role":"project", "project.gardener.cloud/name":"demo"}',
    );
    const labels = { 'gardener.cloud/role': 'project', 'project.gardener.cloud/name': 'demo' };
    const annotations = { 'namespace.gardener.cloud/project': 'somebody-else' };
    bench.put(resources.namespaces, namespaceObject('garden-demo', { labels, annotations }));
    await bench.settle(20_000);
    assert.equal(bench.notes.at(-1)?.note, 'namespace is already in-use by another project');
  });

  it('gives members their roles, and takes them back', async () => {
    const member = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'vera', role: 'viewer' };
    bench.put(resources.projects, projectObject('demo', { namespace: 'garden-demo', members: [member] }));
    await bench.settle();
    const subjects = () =>
      (
        bench.get(resources.roleBindings, 'gardener.cloud:system:project-viewer', 'garden-demo') as {
          subjects?: unknown[];
        }
      )?.subjects;
    assert.deepEqual(subjects(), [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'vera' }]);
    await bench.client.patch(resources.projects, 'demo', undefined, 'merge', { spec: { members: [] } });
    await bench.settle();
    assert.equal(subjects(), undefined);
    assert.equal(phaseOf('demo'), 'Ready');
  });

  it('stays Terminating while shoots are there, then deletes the namespace and goes', async () => {
    bench.put(resources.projects, projectObject('demo', { namespace: 'garden-demo' }));
    bench.put(resources.shoots, shootObject('garden-demo/a'));
    await bench.settle();
    await bench.client.delete(resources.projects, 'demo');
    await bench.settle();
    assert.equal(phaseOf('demo'), 'Terminating');
    assert.deepEqual(bench.notes.at(-1), {
      reason: 'NamespaceNotEmpty',
      type: 'Warning',
      note: 'Cannot release namespace "garden-demo" because it still contains Shoots',
      on: 'demo',
    });
    await bench.client.delete(resources.shoots, 'a', 'garden-demo');
    await bench.settle();
    assert.equal(bench.get(resources.namespaces, 'garden-demo'), undefined);
    assert.equal(bench.get(resources.projects, 'demo'), undefined);
  });

  it('writes nothing about a project that is as it should be', async () => {
    bench.put(resources.projects, projectObject('demo', { namespace: 'garden-demo' }));
    await bench.settle();
    const count = bench.writes.length;
    await bench.client.patch(resources.projects, 'demo', undefined, 'merge', { metadata: { labels: { a: 'b' } } });
    await bench.settle();
    assert.deepEqual(bench.writes.slice(count), ['patch projects demo']);
  });
});

describe('roles of a project', () => {
  it('are named after it and after what their members may do', () => {
    const names = desiredRoles(projectObject('demo'), 'garden-demo').map(
      ({ resource, object }) => `${resource.kind} ${object.metadata.name}`,
    );
    const prefix = 'gardener.cloud:system:project';
    assert.deepEqual(names, [
      ...['', '-uam', '-member'].flatMap((role) => [
        `ClusterRole ${prefix}${role}:demo`,
        `ClusterRoleBinding ${prefix}${role}:demo`,
      ]),
      `RoleBinding ${prefix}-member`,
      `RoleBinding ${prefix}-serviceaccountmanager`,
      `ClusterRole ${prefix}-viewer:demo`,
      `ClusterRoleBinding ${prefix}-viewer:demo`,
      `RoleBinding ${prefix}-viewer`,
    ]);
  });

  it('hold extension roles by their labels, and every member once', () => {
    const member = { kind: 'User', name: 'eve', role: 'extension:audit', roles: ['extension:audit'] };
    const roles = desiredRoles(projectObject('demo', { members: [member] }), 'garden-demo');
    const binding = roles.find(
      ({ resource, object }) =>
        resource.kind === 'RoleBinding' && object.metadata.name === 'gardener.cloud:extension:project:demo:audit',
    )?.object as { subjects?: unknown[] } | undefined;
    assert.deepEqual(binding?.subjects, [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'eve' }]);
  });
});
