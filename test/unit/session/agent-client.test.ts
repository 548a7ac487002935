// The agent's HTTP API as the gateway asks it: for how long nothing was typed, whatever the clock of the pod's machine says.
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock } from '../../../server/common/clock.ts';
import { isPlaygroundError } from '../../../server/common/errors.ts';
import { createAgentClient } from '../../../server/session/index.ts';

describe('agent client', () => {
  let answer: (response: ServerResponse) => void;
  const server = createServer((_request, response) => answer(response));
  before((done) => void server.listen(0, '127.0.0.1', done));
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });
  const client = createAgentClient(createSystemClock());
  const readIdleMs = () =>
    client.readIdleMs({
      sessionId: 's',
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      createToken: async () => 'token',
    });
  const answerWith = (body: unknown, headers: Record<string, string> = {}) => {
    answer = (response) => response.writeHead(200, headers).end(JSON.stringify(body));
  };
  const isUnreachable = (fault: unknown) => isPlaygroundError(fault) && fault.code === 'AgentUnreachable';

  it('takes both times from the pod', async () => {
    for (const year of ['1999', '2999']) {
      answerWith(
        { terminals: [], lastInputAt: `${year}-05-01T10:00:00.000Z` },
        {
          date: new Date(`${year}-05-01T10:07:30Z`).toUTCString(),
        },
      );
      assert.equal(await readIdleMs(), 7.5 * 60_000);
    }
  });

  it('knows when nothing was ever typed', async () => {
    answerWith({ terminals: [] });
    assert.equal(await readIdleMs(), undefined);
  });

  it('takes input of the future for input of now', async () => {
    answerWith({ terminals: [], lastInputAt: new Date(Date.now() + 3600_000).toISOString() });
    assert.equal(await readIdleMs(), 0);
  });

  it('does not guess when the answer is none', async () => {
    for (const body of [{ terminals: [], lastInputAt: 'yesterday' }, { terminals: 7 }, {}]) {
      answerWith(body);
      await assert.rejects(readIdleMs(), isUnreachable);
    }
    answer = (response) => response.writeHead(401).end();
    await assert.rejects(readIdleMs(), isUnreachable);
    answer = (response) => response.destroy();
    await assert.rejects(readIdleMs(), isUnreachable);
  });
});
