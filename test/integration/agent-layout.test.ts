// How terminals are arranged, kept by a real agent for every browser of the session.
import assert from 'node:assert/strict';
import type { Layout } from '../../server/protocol/layout.ts';
import type { TerminalList } from '../../server/protocol/rest.ts';
import { createAgentHarness, type AgentHarness } from '../support/agent-harness.ts';

const layout: Layout = {
  tabs: [
    { terminal: 'main', name: 'watching' },
    { split: 'row', share: 0.25, first: { terminal: 't1' }, second: { terminal: 't2' } },
  ],
};

describe('layout of a session', function () {
  this.timeout(20_000);
  let harness: AgentHarness;
  beforeEach(async () => (harness = await createAgentHarness({ hasKubectl: false })));
  afterEach(() => harness.dispose());

  const listed = async () => (await (await harness.request('/terminals')).json()) as TerminalList;

  it('is told to every socket, to those that come later, and in the list', async () => {
    const [one, two] = [await harness.attach('main'), await harness.attach('t1', { clientId: 'client-01' })];
    assert.equal((await listed()).layout, undefined);
    one.send({ type: 'layout', layout });
    for (const client of [one, two]) {
      assert.deepEqual(await client.message('layout'), { type: 'layout', revision: 1, layout });
    }
    const three = await harness.attach('main', { clientId: 'client-02' });
    assert.deepEqual((await three.message('layout')).layout, layout);
    assert.deepEqual((await listed()).layout, layout);
    const later = { tabs: [{ terminal: 'main' }] };
    two.send({ type: 'layout', layout: later });
    await one.until('the second layout', () => one.messages.find((m) => m.type === 'layout' && m.revision === 2));
    assert.deepEqual((await listed()).layout, later);
  });

  it('is refused before attach, and when it is none', async () => {
    const early = await harness.socket('main');
    await early.opened();
    early.send({ type: 'layout', layout });
    assert.equal((await early.closed).code, 4005);
    const wrong = await harness.attach('main');
    wrong.send({ type: 'layout', layout: { tabs: [] } });
    assert.equal((await wrong.closed).code, 4005);
    const large = await harness.attach('main');
    large.send({ type: 'layout', layout: { tabs: [{ terminal: 'main', name: 'x'.repeat(5000) }] } });
    assert.equal((await large.closed).code, 4006);
    assert.equal((await listed()).layout, undefined);
  });
});
