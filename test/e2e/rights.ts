// Chapter 5: the Role grants what the gateways used in all of this, and nothing else; nothing that they asked for was refused.
import assert from 'node:assert/strict';
import { namespace, sessionNamespace } from './support/installed.ts';
import type { Scene } from './support/scene.ts';

interface Rule {
  verbs: string[];
  resources: string[];
}
interface Role {
  rules: Rule[];
}
interface Binding {
  metadata: { name: string; namespace?: string };
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}
interface List<T> {
  items: T[];
}

const verbsOf = ({ rules }: Role): string[] =>
  rules.flatMap(({ verbs, resources }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));

export function rights(scene: () => Scene): void {
  const read = async <T>(args: string): Promise<T> => JSON.parse(await scene().stage.kubectl(`${args} -o json`)) as T;
  const isOurs = ({ subjects = [] }: Binding) =>
    subjects.some(({ kind, namespace: where }) => kind === 'ServiceAccount' && where === namespace);

  it('has one Role, in the namespace of the sessions, and nothing in the whole cluster', async () => {
    const { items } = await read<List<Binding>>('get rolebindings -A');
    assert.deepEqual(
      items.filter(isOurs).map(({ metadata, roleRef }) => [metadata.namespace, roleRef.kind]),
      [[sessionNamespace, 'Role']],
    );
    const clusterWide = await read<List<Binding>>('get clusterrolebindings');
    assert.deepEqual(clusterWide.items.filter(isOurs), []);
  });

  it('grants exactly the verbs that were used', async () => {
    const { requests } = scene();
    await requests.look();
    const bindings = await read<List<Binding>>(`-n ${sessionNamespace} get rolebindings`);
    const [binding] = bindings.items.filter(isOurs);
    const granted = verbsOf(await read<Role>(`-n ${sessionNamespace} get role ${binding?.roleRef.name}`));
    assert.deepEqual(requests.refused(), [], 'nothing was refused');
    const everybodys = verbsOf(await read<Role>('get clusterrole system:basic-user'));
    const used = [...requests.used].filter((one) => !everybodys.includes(one));
    assert.deepEqual(used.sort(), granted.sort());
  });
}
