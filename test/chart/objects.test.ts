// What holds for all that the chart renders, whatever the values: labels, selectors, security of pods, secrets, images.
import type {
  V1DaemonSet,
  V1Deployment,
  V1LabelSelector,
  V1NetworkPolicy,
  V1PodDisruptionBudget,
  V1Service,
} from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { render, type Rendering } from '../support/helm.ts';
import { environmentPod, gatewayOf, podsOf, valuesFiles, type RenderedPod } from './fixtures.ts';

const clusterScoped = ['Namespace', 'PriorityClass'];

const isSelecting = (selector: Record<string, string>, labels: Record<string, string>) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

/** The pods of the release's own namespace that a selector finds. */
const selected = (pods: RenderedPod[], selector: Record<string, string> | undefined): string[] =>
  pods
    .filter(({ from, labels }) => !from.startsWith('environment') && isSelecting(selector ?? {}, labels))
    .map(({ from }) => from);

function* selectorsOf(rendering: Rendering): Generator<[string, Record<string, string>]> {
  for (const { metadata, spec } of rendering.all<V1Service>('Service')) yield [metadata.name, spec!.selector!];
  const others = ['Deployment', 'PodDisruptionBudget', 'NetworkPolicy'].flatMap((kind) =>
    rendering.all<V1Deployment | V1PodDisruptionBudget | V1NetworkPolicy>(kind),
  );
  for (const { metadata, kind, spec } of others) {
    const selector: V1LabelSelector =
      spec && 'podSelector' in spec ? spec.podSelector! : (spec as { selector: V1LabelSelector }).selector;
    if (selector.matchLabels && !metadata.name.endsWith('-prepull'))
      yield [`${kind} ${metadata.name}`, selector.matchLabels];
  }
}

for (const { name, file } of valuesFiles)
  describe(`chart: objects with the values ${name}`, () => {
    let rendering: Rendering;
    let pods: RenderedPod[];
    before(async () => {
      rendering = await render(file, { namespace: 'demo' });
      pods = podsOf(rendering);
    });

    it('have the common labels', () => {
      const wanted = ['name', 'instance', 'version', 'managed-by', 'part-of', 'component'];
      for (const { kind, metadata } of rendering.objects) {
        // Those of extraObjects are the administrator's.
        if (/-(welcome|text)$/.test(metadata.name)) continue;
        for (const label of wanted)
          assert.ok(metadata.labels[`app.kubernetes.io/${label}`], `${kind} ${metadata.name} lacks ${label}`);
        assert.match(metadata.labels['helm.sh/chart'] ?? '', /^playground-/);
      }
    });

    it('are in the namespace of the release or in that of the sessions, and of the cluster only where it cannot be otherwise', () => {
      const env = gatewayOf(rendering).env ?? [];
      const sessions = env.find((variable) => variable.name === 'SESSION_NAMESPACE')?.value;
      for (const { kind, metadata } of rendering.objects) {
        const wanted = clusterScoped.includes(kind) ? [undefined] : ['demo', sessions];
        assert.ok(wanted.includes(metadata.namespace), `${kind} ${metadata.name} is in ${metadata.namespace}`);
      }
    });

    it('have names that are unique', () => {
      const names = rendering.objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
      assert.deepEqual(names, [...new Set(names)]);
    });

    it('select the gateway, and nothing else', () => {
      const found = [...selectorsOf(rendering)];
      assert.ok(found.length >= 3);
      const { metadata } = rendering.one<V1Deployment>('Deployment');
      for (const [from, selector] of found)
        assert.deepEqual(selected(pods, selector), [`Deployment ${metadata.name}`], from);
      for (const { spec, metadata: of } of rendering.all<V1DaemonSet>('DaemonSet'))
        assert.deepEqual(selected(pods, spec!.selector.matchLabels), [`DaemonSet ${of.name}`]);
    });

    it('have pods that fit the level restricted, write nowhere but where they may, and ask for what they need', () => {
      for (const { from, spec } of pods) {
        assert.equal(spec.securityContext?.runAsNonRoot, true, from);
        assert.equal(spec.securityContext?.seccompProfile?.type, 'RuntimeDefault', from);
        for (const { name: container, securityContext, resources } of [
          ...spec.containers,
          ...(spec.initContainers ?? []),
        ]) {
          const where = `${from} ${container}`;
          assert.equal(securityContext?.allowPrivilegeEscalation, false, where);
          assert.equal(securityContext?.readOnlyRootFilesystem, true, where);
          assert.deepEqual(securityContext?.capabilities, { drop: ['ALL'] }, where);
          assert.ok(resources?.requests?.['cpu'] && resources.requests['memory'], where);
        }
        for (const volume of spec.volumes ?? []) assert.ok(!('hostPath' in volume), from);
      }
    });

    it('give a token of a ServiceAccount to the gateway alone', () => {
      for (const { from, spec } of pods)
        assert.equal(spec.automountServiceAccountToken, from.startsWith('Deployment'), from);
    });

    it('show secrets in the Secret alone', () => {
      const plain = ['secret-of-the-client', 'Iv1.client', ...[...'ABC'].map((letter) => letter.repeat(43))];
      const secrets = [...plain, ...plain.map((text) => Buffer.from(text).toString('base64').replace(/=+$/, ''))];
      for (const object of rendering.objects) {
        if (object.kind === 'Secret') continue;
        for (const secret of secrets)
          assert.ok(!JSON.stringify(object).includes(secret), `${object.kind} ${object.metadata.name} shows ${secret}`);
      }
      for (const { spec } of pods)
        for (const { name: container, args, command, env } of spec.containers) {
          assert.ok(![...(args ?? []), ...(command ?? [])].some((word) => /secret|key/i.test(word)), container);
          for (const { name: variable, value } of env ?? [])
            if (/SECRET|^COOKIE_KEYS|^TOKEN_KEYS/.test(variable)) assert.equal(value, undefined, variable);
        }
    });

    it('name every image with a tag or digest', () => {
      for (const { from, spec } of pods)
        for (const { image } of [...spec.containers, ...(spec.initContainers ?? [])])
          assert.match(image ?? '', /(:(?!latest)[\w.-]+|@sha256:[0-9a-f]{64})$/, from);
    });
  });

describe('chart: images', () => {
  it('come from the registry, tag and digests of the values, in the environments too', async () => {
    const rendering = await render(valuesFiles.find(({ name }) => name === 'http-route')!.file);
    const digest = 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
    const { spec } = environmentPod(rendering, 'lite');
    assert.deepEqual(
      [gatewayOf(rendering), ...spec!.containers].map(({ image, imagePullPolicy }) => [image, imagePullPolicy]),
      [
        ['registry.example.org/mirror/playground/gateway:1.2.3', 'Always'],
        [`registry.example.org/mirror/playground/terminal@${digest}`, 'Always'],
        ['registry.example.org/mirror/playground/garden-lite:1.2.3', 'Always'],
      ],
    );
    for (const { from, spec: pod } of podsOf(rendering))
      assert.deepEqual(pod.imagePullSecrets, [{ name: 'registry' }], from);
  });

  it('are pulled onto every node where that is asked for, each once', async () => {
    const rendering = await render(valuesFiles.find(({ name }) => name === 'everything')!.file);
    const { template } = rendering.one<V1DaemonSet>('DaemonSet').spec!;
    assert.deepEqual(
      template.spec!.containers.map(({ image }) => image),
      ['playground/terminal:dev', 'playground/garden-lite:dev'],
    );
    assert.deepEqual(template.spec!.nodeSelector, { 'example.org/pool': 'visitors' });
    assert.deepEqual(template.spec!.tolerations, [{ key: 'example.org/pool', operator: 'Exists' }]);
  });
});
