// The chart on a real cluster: every object is accepted by its API server, and generated keys outlive upgrades.
import type { V1Secret } from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { chartDir, helm, render, type RenderedObject } from '../support/helm.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';
import { clusterTargets } from '../conformance/cluster/targets.ts';
import { environmentFiles, github, podsOf, valuesFiles } from './fixtures.ts';

const target = clusterTargets.find(({ name }) => name === 'a real cluster')!;
// Kinds that come with software of their own; whether they are known is the cluster's affair.
const optionalKinds = ['HTTPRoute', 'ServiceMonitor', 'PrometheusRule'];

type RenderedPodObject = RenderedObject & { spec?: { serviceAccountName?: string; priorityClassName?: string } };

/** The object in a namespace that is there: a dry run writes nothing that another object could build upon. */
function withoutOthers({ spec, ...object }: RenderedPodObject, namespace: string): object {
  const isPod = object.kind === 'Pod';
  const isNamespaced = isPod || object.metadata.namespace !== undefined;
  const { serviceAccountName: _account, priorityClassName: _class, ...plain } = spec ?? {};
  return {
    ...object,
    ...(spec && { spec: isPod ? plain : spec }),
    metadata: isNamespaced ? { ...object.metadata, namespace } : object.metadata,
  };
}

describe(`chart: on a real cluster${target.skipReason ? ` (skipped: ${target.skipReason})` : ''}`, function () {
  this.timeout(120_000);
  const namespace = `chart-test-${randomBytes(4).toString('hex')}`;
  let kubeconfig: string;
  let kubectl: Kubectl;
  let known: Set<string>;

  async function succeed(args: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await kubectl(args, input);
    assert.equal(code, 0, `kubectl ${args}: ${stderr}`);
    return stdout;
  }

  before(async function () {
    if (target.skipReason) return this.skip();
    ({ kubeconfig } = await target.open());
    kubectl = await createKubectl(kubeconfig);
    const labels = {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    };
    await succeed(
      'create -f -',
      stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }),
    );
    known = new Set(
      (await succeed('api-resources --no-headers')).split('\n').map((line) => line.trim().split(/ +/).at(-1) ?? ''),
    );
  });
  after(async () => {
    if (!kubectl) return;
    await succeed(`delete namespace ${namespace} ${namespace}-sessions --ignore-not-found --wait=false`);
    await kubectl.dispose();
  });

  for (const { name, file } of valuesFiles)
    it(`accepts every object of the values ${name}, and the pods of its environments, without a warning`, async () => {
      const rendering = await render(file, { namespace });
      const pods = podsOf(rendering)
        .filter(({ from }) => from.startsWith('environment'))
        .map(({ labels, spec }, index) => ({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: `session-${index}`, labels },
          spec,
        }));
      assert.equal(pods.length, environmentFiles(rendering).size / 2);
      const unknown = rendering.objects.filter(({ kind }) => !known.has(kind));
      for (const { kind } of unknown) assert.ok(optionalKinds.includes(kind), kind);
      const objects = [...rendering.objects.filter((object) => !unknown.includes(object)), ...pods];
      const movedHere = objects.map((object) => withoutOthers(object as RenderedPodObject, namespace));
      const answer = await succeed(
        'create --dry-run=server --validate=strict --warnings-as-errors -f - -o name',
        // As JSON: kubectl reads YAML 1.1, in which more words than here are no strings.
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items: movedHere }),
      );
      assert.equal(answer.trim().split('\n').length, objects.length);
    });

  it('keeps generated keys over upgrades, and removes all of it', async () => {
    const values = stringify({ github, gateway: { replicas: 0 } });
    const run = async (...args: string[]) => {
      const { code, stderr } = await helm([...args, '--namespace', namespace], { input: values, kubeconfig });
      assert.equal(code, 0, stderr);
    };
    const readKeys = async () => {
      const { data = {} } = JSON.parse(await succeed(`get secret playground -n ${namespace} -o json`)) as V1Secret;
      return [data['cookie-keys'], data['token-keys']];
    };
    await run('install', 'playground', chartDir, '--values', '-');
    const generated = await readKeys();
    await run('upgrade', 'playground', chartDir, '--values', '-');
    assert.deepEqual(await readKeys(), generated);
    await run('upgrade', 'playground', chartDir, '--values', '-', '--set', `secret.cookieKeys={${'A'.repeat(43)}}`);
    const [cookieKey, tokenKey] = await readKeys();
    assert.equal(Buffer.from(cookieKey ?? '', 'base64').toString(), 'A'.repeat(43));
    assert.equal(tokenKey, generated[1]);
    await run('rollback', 'playground', '1');
    assert.deepEqual(await readKeys(), generated);
    await run('uninstall', 'playground', '--wait');
    const kinds = 'deployments,services,configmaps,secrets,networkpolicies,poddisruptionbudgets,serviceaccounts';
    const left = (await succeed(`get ${kinds} -n ${namespace} -o name`)).trim().split('\n');
    assert.deepEqual(left, ['configmap/kube-root-ca.crt', 'serviceaccount/default']);
    assert.equal(await succeed(`get namespace ${namespace}-sessions --ignore-not-found -o name`), '');
  });
});
