// Chapter 6: `helm uninstall` leaves nothing behind, in no namespace and nowhere else.
import assert from 'node:assert/strict';
import { eventually } from '../support/eventually.ts';
import { listAll } from './support/inventory.ts';
import { namespace, release, type Scene } from './support/scene.ts';

export function uninstall(scene: () => Scene): void {
  it('leaves nothing behind', async function () {
    this.timeout(300_000);
    const { stage, inventory, github } = scene();
    await stage.helm(`uninstall ${release} -n ${namespace} --wait --timeout 120s`, { timeoutMs: 150_000 });
    // These two were made by the tests; Helm makes the first of them when it is asked to, and never removes it.
    const ownRoot = `Secret ${namespace}/`;
    const inOwn = [...(await listAll(stage))].filter((name) => name.includes(` ${namespace}/`));
    const ofKubernetes = [`ConfigMap ${namespace}/kube-root-ca.crt`, `ServiceAccount ${namespace}/default`];
    assert.deepEqual(inOwn.sort(), ofKubernetes, `nothing of the release, and no ${ownRoot}…`);
    await stage.kubectl(`delete namespace ${namespace} ${github.namespace}`, { timeoutMs: 120_000 });
    let left: string[] = [];
    const isClean = async () => {
      left = [...(await listAll(stage))].filter((name) => !inventory.has(name));
      return left.length === 0;
    };
    await eventually('nothing is left', isClean, 60_000).catch(() => assert.deepEqual(left, []));
  });
}
