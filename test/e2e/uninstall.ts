// Chapter 6: `helm uninstall` leaves nothing behind, in no namespace and nowhere else.
import assert from 'node:assert/strict';
import { eventually } from '../support/eventually.ts';
import { listAll } from './support/inventory.ts';
import { namespace, release } from './support/installed.ts';
import type { Scene } from './support/scene.ts';

export function uninstall(scene: () => Scene): void {
  it('leaves nothing behind', async function () {
    this.timeout(300_000);
    const { stage, inventory, github } = scene();
    await stage.helm(`uninstall ${release} -n ${namespace} --wait --timeout 120s`, { timeoutMs: 150_000 });
    let left: string[] = [];
    const isLeft = (what: string, find: (all: string[]) => string[]) =>
      eventually(
        what,
        async () => {
          left = find([...(await listAll(stage))]);
          return left.length === 0;
        },
        60_000,
      ).catch(() => assert.deepEqual(left, [], what));
    // Made by Kubernetes in every namespace; the namespace itself was made by Helm, which removes none.
    const ofKubernetes = [`ConfigMap ${namespace}/kube-root-ca.crt`, `ServiceAccount ${namespace}/default`];
    const isInOwn = (name: string) => name.includes(` ${namespace}/`) && !ofKubernetes.includes(name);
    await isLeft('the namespace of the release is empty', (all) => all.filter(isInOwn));
    await stage.kubectl(`delete namespace ${namespace} ${github.namespace}`, { timeoutMs: 120_000 });
    await isLeft('the cluster is as it was before', (all) => all.filter((name) => !inventory.has(name)));
  });
}
