// Tests of what is said while a gateway cannot serve sessions.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../server/common/clock.ts';
import { createLogger } from '../../../server/common/log.ts';
import { KubeError, type KubeClient } from '../../../server/kube/index.ts';
import { clusterFaultSentence, createReadiness } from '../../../server/session/readiness.ts';
import { requiredRights } from '../../../server/session/rights.ts';
import { Writable } from 'node:stream';

interface Review {
  spec: { resourceAttributes: { verb: string; resource: string; namespace: string; name?: string; group: string } };
}

function setUp(answer: (attributes: Review['spec']['resourceAttributes']) => boolean) {
  const clock = createManualClock();
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push((JSON.parse(chunk.toString()) as { msg: string }).msg);
      done();
    },
  });
  let isListed!: () => void;
  const list = { synced: new Promise<void>((resolve) => (isListed = resolve)), fault: undefined as Error | undefined };
  const asked: Review['spec']['resourceAttributes'][] = [];
  const state = { answer };
  const client = {
    request: async (_method: string, _path: string, body: Review) => {
      asked.push(body.spec.resourceAttributes);
      return { status: { allowed: state.answer(body.spec.resourceAttributes) } };
    },
  } as unknown as KubeClient;
  const readiness = createReadiness({
    ...{ client, clock, lists: [list], namespace: 'sessions', leaseName: 'leader' },
    logger: createLogger('test', 'info', sink),
  });
  return { clock, lines, list, isListed, asked, state, readiness };
}

describe('readiness', () => {
  it('comes when the pods are listed and the cluster allows all that is needed', async () => {
    const { clock, readiness, isListed, asked, lines } = setUp(() => true);
    assert.deepEqual(readiness.reasons(), ['The session pods have not been listed yet.']);
    await clock.advance(0);
    isListed();
    await readiness.ready;
    assert.deepEqual(readiness.reasons(), []);
    assert.equal(asked.length, requiredRights('leader').length);
    assert.ok(asked.every(({ namespace }) => namespace === 'sessions'));
    assert.equal(asked.find(({ verb, resource }) => verb === 'update' && resource === 'leases')?.name, 'leader');
    assert.deepEqual(lines, ['ready']);
    assert.equal(clock.pending, 0);
  });

  it('says in one sentence what is not allowed, once in the log, and looks again', async () => {
    const { clock, readiness, isListed, state, lines } = setUp(
      ({ verb, resource }) => resource !== 'leases' && verb !== 'create',
    );
    isListed();
    await clock.advance(12_000);
    const sentence =
      'The playground may not create pods; create, get, update leases in namespace sessions: its ServiceAccount needs a Role there with these verbs.';
    assert.deepEqual(readiness.reasons(), [sentence]);
    assert.deepEqual(lines, [sentence]);
    state.answer = () => true;
    await clock.advance(5_000);
    assert.deepEqual(readiness.reasons(), []);
    assert.equal(clock.pending, 0);
  });

  it('stays when the API server goes away later: those who type need none', async () => {
    const { clock, readiness, isListed, list } = setUp(() => true);
    isListed();
    await clock.advance(0);
    list.fault = new KubeError(0, 'Unreachable', 'The API server does not answer');
    assert.deepEqual(readiness.reasons(), []);
  });

  it('does not wait for a cluster that forbids even to ask', async () => {
    const { clock, readiness, isListed, lines } = setUp(() => {
      throw new KubeError(403, 'Forbidden', 'no');
    });
    isListed();
    await clock.advance(0);
    assert.deepEqual(readiness.reasons(), []);
    assert.match(lines.join(), /does not say what the playground may do/);
  });

  it('leaves no timer behind', async () => {
    const { clock, readiness } = setUp(() => false);
    await clock.advance(0);
    assert.equal(clock.pending, 1);
    readiness.dispose();
    assert.equal(clock.pending, 0);
  });

  it('has a sentence for whatever answers', () => {
    const sentence = (code: number, reason: string, message = 'm') =>
      clusterFaultSentence(new KubeError(code, reason, message));
    assert.match(
      sentence(0, 'Unreachable', 'The API server at https://x does not answer: y'),
      /^The API server at .*: y\.$/,
    );
    assert.match(sentence(401, 'Unauthorized'), /does not take the credentials/);
    assert.match(sentence(403, 'Forbidden', 'pods is forbidden'), /forbids .*: pods is forbidden\./);
    assert.match(sentence(404, 'Unknown', '<html>'), /is no Kubernetes API: it said 404/);
    assert.match(sentence(500, 'InternalError', 'etcd'), /cannot answer: etcd \(500\)/);
    assert.match(clusterFaultSentence(new Error('odd')), /cannot be asked: odd/);
  });
});
