// Tests of the session pod.
import assert from 'node:assert/strict';
import { podNameOf } from '../../../server/session/pod-names.ts';
import { agentPortOf, buildSessionPod } from '../../../server/session/pod.ts';
import type { Environment } from '../../../server/session/index.ts';
import { loadLite } from '../../support/session-environment.ts';

const owner = { id: '1001', login: 'ada' };
const keys = { keyId: 'key-1', publicKeys: '{"keys":[]}' };
const nowMs = Date.UTC(2026, 0, 1);

describe('session pod', () => {
  let lite: Environment;
  before(async () => (lite = await loadLite()));
  const build = (login = 'ada') => buildSessionPod(lite, { ...owner, login }, 'sessions', keys, nowMs);

  it('has the same name for one user always, and others for others', () => {
    assert.equal(podNameOf('1001'), build('renamed').metadata.name);
    assert.notEqual(podNameOf('1001'), podNameOf('1002'));
    assert.match(podNameOf('1001'), /^session-[0-9a-f]{20}$/);
  });

  it('says whose it is, which environment, which key its agent believes, and how long it lives', () => {
    const { labels, annotations, namespace } = build().metadata;
    assert.equal(namespace, 'sessions');
    assert.equal(labels?.['playground.gardener.cloud/environment'], 'lite');
    assert.match(labels?.['playground.gardener.cloud/session'] ?? '', /^[0-9a-f]{20}$/);
    assert.equal(labels?.['app.kubernetes.io/name'], 'playground-session');
    assert.deepEqual(annotations, {
      'playground.gardener.cloud/user-id': '1001',
      'playground.gardener.cloud/user-login': 'ada',
      'playground.gardener.cloud/token-key': 'key-1',
      'playground.gardener.cloud/life-minutes': '60',
      'playground.gardener.cloud/idle-minutes': '30',
      'playground.gardener.cloud/active-at': '2026-01-01T00:00:00.000Z',
      'playground.gardener.cloud/expires-at': '2026-01-01T01:00:00.000Z',
    });
  });

  it('gives the public keys to the terminal alone, and leaves the template as it was', () => {
    const before = structuredClone(lite.pod);
    const envOf = (name: string) => build().spec.containers.find((container) => container.name === name)?.env ?? [];
    assert.equal(envOf('terminal').find(({ name }) => name === 'AGENT_PUBLIC_KEYS')?.value, keys.publicKeys);
    assert.ok(!envOf('garden').some(({ name }) => name === 'AGENT_PUBLIC_KEYS'));
    assert.deepEqual(lite.pod, before);
  });

  it('replaces public keys that a template brings, so that no key but ours is believed', () => {
    const template = structuredClone(lite);
    template.pod.spec.containers[0]?.env?.push({ name: 'AGENT_PUBLIC_KEYS', value: 'foreign' });
    const [terminal] = buildSessionPod(template, owner, 'sessions', keys, nowMs).spec.containers;
    const values = terminal?.env?.filter(({ name }) => name === 'AGENT_PUBLIC_KEYS').map(({ value }) => value);
    assert.deepEqual(values, [keys.publicKeys]);
  });

  it('knows the port of its agent', () => assert.equal(agentPortOf(build()), 8022));

  it('keeps what the Pod Security level restricted and the design ask for', () => {
    const { spec } = build() as { spec: Record<string, unknown> & ReturnType<typeof build>['spec'] };
    assert.equal(spec['automountServiceAccountToken'], false);
    assert.equal(spec['enableServiceLinks'], false);
    assert.ok((spec.activeDeadlineSeconds ?? 0) > 0);
    for (const container of spec.containers as unknown as Record<string, unknown>[])
      assert.deepEqual(container['securityContext'], {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
  });
});
