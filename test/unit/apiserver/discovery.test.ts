// Tests of discovery over the kinds of a Kubernetes cluster.
import assert from 'node:assert/strict';
import { createDiscovery } from '../../../server/apiserver/discovery.ts';
import { createKubernetesKinds } from '../../../server/apiserver/kubernetes/index.ts';
import { clusterDocument } from './schemas.ts';

interface Groups {
  groups: { name: string; preferredVersion: { version: string }; versions: { version: string }[] }[];
}
interface Resources {
  resources: {
    name: string;
    kind: string;
    verbs: string[];
    group?: string;
    version?: string;
    storageVersionHash?: string;
  }[];
}
interface Aggregated {
  items: {
    metadata: { name?: string };
    versions: {
      version: string;
      resources: { resource: string; scope: string; subresources?: { subresource: string }[] }[];
    }[];
  }[];
}

const discovery = createDiscovery(createKubernetesKinds({ schemas: clusterDocument }));

describe('discovery', () => {
  it('lists groups in the order of a real API server, the preferred version first', () => {
    const { groups } = discovery.apis() as Groups;
    assert.deepEqual(
      groups.slice(0, 3).map(({ name }) => name),
      ['apiregistration.k8s.io', 'apps', 'events.k8s.io'],
    );
    const autoscaling = groups.find(({ name }) => name === 'autoscaling');
    assert.equal(autoscaling?.preferredVersion.version, 'v2');
    assert.deepEqual(
      autoscaling?.versions.map(({ version }) => version),
      ['v2', 'v1'],
    );
  });

  it('names resources with their views, hashes and foreign kinds', () => {
    const { resources } = discovery.groupVersion('', 'v1') as Resources;
    const find = (name: string) => resources.find((resource) => resource.name === name);
    // The hash is what a real API server gives.
    assert.equal(find('configmaps')?.storageVersionHash, 'qFsyl6wFWjQ=');
    assert.equal(find('bindings')?.storageVersionHash, undefined);
    assert.deepEqual(find('pods/eviction'), {
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
    assert.deepEqual(find('namespaces/status')?.verbs, ['get', 'patch', 'update']);
  });

  it('gives the same in one document', () => {
    const { items } = discovery.aggregatedApis() as Aggregated;
    const apps = items.find(({ metadata }) => metadata.name === 'apps');
    const deployments = apps?.versions[0]?.resources.find(({ resource }) => resource === 'deployments');
    assert.equal(deployments?.scope, 'Namespaced');
    assert.deepEqual(
      deployments?.subresources?.map(({ subresource }) => subresource),
      ['scale', 'status'],
    );
    const core = discovery.aggregatedApi() as Aggregated;
    assert.deepEqual(
      core.items.map(({ metadata }) => metadata),
      [{}],
    );
  });

  it('knows nothing of what is not served', () => {
    assert.equal(discovery.group('nope'), undefined);
    assert.equal(discovery.group(''), undefined);
    assert.equal(discovery.groupVersion('apps', 'v2'), undefined);
  });

  it('lists its paths', () => {
    const paths = discovery.paths();
    for (const path of ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1'])
      assert.ok(paths.includes(path), path);
  });
});
