// Tests of the kinds of a cluster and of a virtual garden, and of reading their schemas.
import assert from 'node:assert/strict';
import { createKubernetesKinds } from '../../../../server/apiserver/kubernetes/index.ts';
import { clusterDocument, gardenDocument, shootSchema } from '../schemas.ts';

const namesOf = (kinds: { group: string; plural: string }[]) =>
  kinds.map(({ group, plural }) => (group ? `${group}/${plural}` : plural));

describe("Kubernetes' own kinds", () => {
  const all = createKubernetesKinds({ schemas: clusterDocument });

  it('are those of a real API server, with their short names and views', () => {
    assert.equal(all.length, 66);
    const deployments = all.find(({ plural }) => plural === 'deployments');
    assert.deepEqual(
      [deployments?.shortNames, deployments?.categories, deployments?.isNamespaced],
      [['deploy'], ['all'], true],
    );
    assert.deepEqual(
      deployments?.subresources.map(({ name }) => name),
      ['scale', 'status'],
    );
    assert.equal(all.find(({ plural }) => plural === 'endpoints')?.singular, 'endpoints');
  });

  it('can be a few', () => {
    const few = createKubernetesKinds({
      schemas: clusterDocument,
      only: ['pods', 'coordination.k8s.io/leases', 'events.k8s.io/v1/events'],
    });
    assert.deepEqual(namesOf(few), ['pods', 'events.k8s.io/events', 'coordination.k8s.io/leases']);
  });

  it('answer subresources as the caller wants', () => {
    const answer = () => 'hello';
    const pods = createKubernetesKinds({
      schemas: clusterDocument,
      only: ['pods'],
      connect: { 'pods/log': answer },
    })[0];
    assert.equal(pods?.subresources.find(({ name }) => name === 'log')?.connect, answer);
  });

  it('are fewer in a virtual garden', () => {
    const names = new Set(namesOf(createKubernetesKinds({ schemas: gardenDocument })));
    const missing = namesOf(all).filter((name) => !names.has(name));
    assert.deepEqual(missing.sort(), [
      'apps/controllerrevisions',
      'apps/daemonsets',
      'apps/deployments',
      'apps/replicasets',
      'apps/statefulsets',
      'batch/cronjobs',
      'batch/jobs',
      'policy/poddisruptionbudgets',
      'storage.k8s.io/csinodes',
    ]);
    const autoscalers = createKubernetesKinds({ schemas: gardenDocument }).filter(
      ({ group }) => group === 'autoscaling',
    );
    assert.deepEqual(
      autoscalers.map(({ version }) => version),
      ['v1'],
    );
  });
});

it('schemas of a garden add to those of a cluster', () => {
  assert.ok(gardenDocument[shootSchema]);
  assert.equal(
    gardenDocument['io.k8s.api.core.v1.Pod'],
    clusterDocument['io.k8s.api.core.v1.Pod'] && gardenDocument['io.k8s.api.core.v1.Pod'],
  );
  assert.ok(!('$extends' in gardenDocument) && !('$unserved' in gardenDocument || '$descriptions' in gardenDocument));
});
