// The leader's work against a Kubernetes API over HTTP: an end comes in its time and carries its reason.
import assert from 'node:assert/strict';
import { createManualClock, type ManualClock } from '../../server/common/clock.ts';
import { createSilentLogger } from '../../server/common/log.ts';
import { createInformer, isNotFound, resources, type Informer } from '../../server/kube/index.ts';
import { createReaper, type Environment, type Pod } from '../../server/session/index.ts';
import { podNameOf } from '../../server/session/pod-names.ts';
import { buildSessionPod } from '../../server/session/pod.ts';
import { SessionPods } from '../../server/session/session-pods.ts';
import { annotations } from '../../server/session/types.ts';
import { openEmbeddedCluster, type OpenedCluster } from '../support/embedded-playground.ts';
import { loadLite } from '../support/session-environment.ts';
import { until } from '../support/until.ts';

const namespace = 'playground-sessions';
const minute = 60_000;

describe('reaper, over HTTP', function () {
  this.timeout(60_000);
  let opened: OpenedCluster;
  let lite: Environment;
  let clock: ManualClock;
  let pods: Informer<Pod>;
  let store: SessionPods;

  before(async () => {
    [opened, lite] = await Promise.all([openEmbeddedCluster(), loadLite()]);
    // Never started: what is held here is the API, not the kubelet.
    lite.pod.spec = { ...lite.pod.spec, schedulingGates: [{ name: 'playground.gardener.cloud/held' }] };
  });
  after(() => opened?.dispose());
  beforeEach(async () => {
    clock = createManualClock(Date.now());
    const logger = createSilentLogger();
    pods = createInformer<Pod>(opened.client, resources.pods, { namespace }, { clock, logger });
    store = new SessionPods({ client: opened.client, pods, namespace, clock, logger });
    await pods.synced;
  });
  afterEach(() => pods.dispose());

  async function create(user: string): Promise<Pod> {
    const keys = { keyId: 'k', publicKeys: '{"keys":[]}' };
    const pod = await store.create(buildSessionPod(lite, { id: user, login: user }, namespace, keys, clock.now()));
    assert.ok(pod);
    // Afterwards nobody but us writes on it.
    return until('the scheduler has seen the gate', () => {
      const seen = pods.get(pod.metadata.name, namespace);
      return seen && seen.metadata.uid === pod.metadata.uid && seen.status?.conditions?.length ? seen : undefined;
    });
  }
  const lead = () =>
    createReaper({
      ...{ client: opened.client, pods, namespace, clock, logger: createSilentLogger() },
      agents: { readIdleMs: async () => undefined },
      signer: { podKeys: { keyId: 'k', publicKeys: '' }, sign: async () => '' },
      term: { isCurrent: true },
    });
  const isGone = (user: string) =>
    opened.client.get(resources.pods, podNameOf(user), namespace).then(() => false, isNotFound);

  it('ends what has lived its time, with the reason on the pod', async () => {
    const pod = await create('one');
    let why: string | undefined;
    pods.subscribe({ onDelete: ({ metadata }) => (why = metadata.annotations?.[annotations.endReason]) });
    const reaper = lead();
    await clock.advance(59 * minute);
    assert.equal(await isGone('one'), false);
    await until(
      'its end',
      () => isGone('one'),
      () => clock.advance(10_000),
    );
    await until('the watch told', () => why);
    assert.equal(why, 'life');
    assert.ok(clock.now() - Date.parse(pod.metadata.annotations?.[annotations.expiresAt] ?? '') < 10 * minute);
    await reaper.dispose();
  });
});
