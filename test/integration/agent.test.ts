// The agent with real PTYs, a real bash and real sockets: who is let in, what arrives, what is left at the end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { maxTerminals } from '../../server/protocol/layout.ts';
import { createApiServer } from '../../server/apiserver/index.ts';
import { createSystemClock } from '../../server/common/clock.ts';
import { closeReasons } from '../../server/protocol/close-codes.ts';
import { encodeFrame, FrameKind, initialWindowBytes, maxFrameBytes } from '../../server/protocol/frames.ts';
import { maxControlBytes } from '../../server/protocol/messages.ts';
import type { TerminalList } from '../../server/protocol/rest.ts';
import { createAgentHarness, type AgentHarness } from '../support/agent-harness.ts';
import type { TerminalClient } from '../support/terminal-client.ts';
import { until } from '../support/until.ts';

const size = { columns: 80, rows: 24 };
const promptOf = (namespace: string) => `virtual-garden\x1b[0m/\x1b[1m${namespace}\x1b[0m`;

/** Processes whose environment holds `text`. */
function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
}

async function closeOf(client: TerminalClient): Promise<string> {
  const { code, reason } = await client.closed;
  const found = Object.values(closeReasons).find((candidate) => candidate.code === code);
  assert.equal(reason, found?.sentence);
  return found?.name ?? String(code);
}

describe('agent', () => {
  let harness: AgentHarness;
  beforeEach(async () => {
    harness = await createAgentHarness();
  });
  afterEach(() => harness.dispose());

  const shell = async (id = 'main', request = {}) => {
    const client = await harness.attach(id, request);
    await client.shows(promptOf('garden-local'));
    return client;
  };
  const list = async () => ((await (await harness.request('/terminals')).json()) as TerminalList).terminals;

  describe('lets in', () => {
    it('the gateway alone: every token that is not its own for this pod and now is refused before the upgrade', async () => {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const refused: [string, string | undefined][] = [
        ['none', undefined],
        ['nonsense', 'nonsense'],
        ['another pod', await harness.token({ audience: 'agent:another' })],
        ['another issuer', await harness.token({ issuer: 'somebody' })],
        ['expired', await harness.token({ issuedAt: nowSeconds - 60 })],
        ['lives too long', await harness.token({ issuedAt: nowSeconds - 120, lifetimeSeconds: 3600 })],
        ['another key', await harness.forgedToken()],
        ['no algorithm', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
      ];
      for (const [what, token] of refused) {
        const client = await harness.socket('main', { token });
        assert.equal(await client.refused(), 401, what);
        const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : { authorization: '' };
        for (const [method, where] of [
          ['GET', '/terminals'],
          ['DELETE', '/terminals/main'],
        ] as const) {
          const response = await harness.request(where, { method, headers });
          assert.equal(response.status, 401, `${what}: ${method} ${where}`);
          assert.equal(((await response.json()) as { error: { code: string } }).error.code, 'Unauthorized');
        }
      }
      assert.deepEqual(await list(), []);
    });

    it('only to its paths, under its names, by its protocol', async () => {
      const refusedWith = async (id: string, options: object) => (await harness.socket(id, options)).refused();
      assert.equal(await refusedWith('UPPER', {}), 404);
      assert.equal(await refusedWith('main', { url: `${harness.url.replace('http', 'ws')}/elsewhere` }), 404);
      assert.equal(await refusedWith('main', { headers: { host: 'evil.example' } }), 421);
      assert.equal(await refusedWith('main', { protocol: 'something.else' }), 400);
      assert.equal((await harness.request('/terminals/main')).status, 426);
      assert.equal((await harness.request('/terminals', { method: 'POST' })).status, 405);
      assert.equal((await harness.request('/nothing')).status, 404);
      assert.equal((await harness.request('/terminals/none', { method: 'DELETE' })).status, 404);
      const asked = httpRequest(`${harness.url}/healthz`, { headers: { host: 'evil.example' } }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      assert.equal(response.resume().statusCode, 421);
    });

    it('lives through what is no HTTP at all', async () => {
      const { port } = new URL(harness.url);
      const socket = connect(Number(port), '127.0.0.1');
      socket.end('\x16\x03\x01 this is no HTTP\r\n\r\n');
      socket.resume();
      await once(socket, 'close');
      assert.equal((await harness.request('/healthz')).status, 200);
    });
  });

  describe('refuses on a socket', () => {
    const cases: [string, string, (client: TerminalClient) => void][] = [
      ['text that is no message', 'BadMessage', ({ socket }) => socket.send('{"type":"dance"}')],
      ['text that is no JSON', 'BadMessage', ({ socket }) => socket.send('hello')],
      [
        'a second attach',
        'BadMessage',
        (client) => client.send({ type: 'attach', clientId: 'client-00', from: null, ...size }),
      ],
      ['a frame of no kind', 'BadMessage', ({ socket }) => socket.send(Buffer.alloc(20, 9))],
      [
        'a frame that only the agent sends',
        'BadMessage',
        ({ socket }) => socket.send(encodeFrame(FrameKind.output, 0, Buffer.from('x'))),
      ],
      ['a frame that is too short', 'BadMessage', ({ socket }) => socket.send(Buffer.alloc(3, 2))],
      ['input with a gap', 'BadMessage', (client) => client.sendInput(10, Buffer.from('x'))],
      [
        'acknowledgement of what never came',
        'BadMessage',
        (client) => client.send({ type: 'ack', sequence: 2 ** 52, windowBytes: initialWindowBytes }),
      ],
      ['a message that is too long', 'TooLarge', ({ socket }) => socket.send('x'.repeat(maxControlBytes + 1))],
      ['a frame that is too long', 'TooLarge', (client) => client.sendInput(0, Buffer.alloc(maxFrameBytes))],
    ];
    for (const [what, name, act] of cases)
      it(what, async () => {
        const client = await harness.attach('main');
        act(client);
        assert.equal(await closeOf(client), name);
        assert.equal((await list()).length, 1);
      });

    it('all but attach at first, and more terminals than fit', async () => {
      const early = await harness.socket('main');
      await early.opened();
      early.send({ type: 'resize', ...size });
      assert.equal(await closeOf(early), 'BadMessage');
      for (let index = 0; index < maxTerminals; index++) await harness.attach(`t${index}`);
      const late = await harness.socket('one-more');
      await late.opened();
      late.send({ type: 'attach', clientId: 'client-00', from: null, ...size });
      assert.equal(await closeOf(late), 'TooManyTerminals');
    });
  });

  describe('a shell', () => {
    it('runs commands, tells of its size and of its end, and starts anew under the same id', async () => {
      const client = await shell();
      client.type('stty size; echo "<$((6 * 7))>"\r');
      await client.shows('24 80\r\n<42>');
      client.send({ type: 'resize', columns: 100, rows: 30 });
      client.type('stty size\r');
      await client.shows('30 100');
      client.send({ type: 'ping', id: 5 });
      assert.equal((await client.message('pong')).id, 5);
      assert.equal(
        (await client.until('acks', () => client.messages.filter(({ type }) => type === 'ack').at(-1)))?.type,
        'ack',
      );
      client.type('exit 3\r');
      assert.deepEqual(await client.message('exit'), { type: 'exit', code: 3 });
      assert.equal(await closeOf(client), 'ShellExited');
      assert.deepEqual(await list(), []);
      const again = await shell('main', { from: client.next });
      again.type('echo "again $?"\r');
      await again.shows('again 0');
    });

    it('takes and gives characters of several bytes, however they are cut', async () => {
      const client = await shell();
      const line = Buffer.from('printf "%s|" grün 漢字 😀\r');
      for (let index = 0; index < line.length; index++) client.sendInput(index, line.subarray(index, index + 1));
      await client.shows('\rgrün|漢字|😀|');
      // Output in reads of any size: 40 000 characters of three bytes.
      client.sendInput(
        line.length,
        Buffer.from('clear; for i in {1..1000}; do printf "€%.0s" {1..40}; done; echo " done"\r'),
      );
      await client.shows('€ done');
      assert.doesNotMatch(client.output, /\uFFFD/);
    });

    it('goes on where a page left off: from the ring, or with a snapshot', async () => {
      const before = await shell();
      before.type('echo one\r');
      await before.shows(/[\r\n]one\r\n/);
      const { next } = before;
      await before.close();
      const other = await harness.attach('main', { clientId: 'client-02' });
      other.type('echo two\r');
      await other.shows(/[\r\n]two\r\n/);
      const after = await harness.attach('main', { from: next });
      await after.shows(/[\r\n]two\r\n/);
      assert.doesNotMatch(after.text, /one\r/);
      assert.ok(after.frames.every(({ kind }) => kind === FrameKind.output));
      assert.equal((await after.message('attached')).inputSequence, Buffer.byteLength('echo one\r'));
      const fresh = await harness.attach('main', { clientId: 'client-03' });
      await fresh.shows('two');
      assert.equal(fresh.frames[0]?.kind, FrameKind.snapshot);
      assert.match(fresh.text, /one[^]*\ntwo/);
    });

    it('types what was sent again once', async () => {
      const client = await shell();
      const bytes = Buffer.from('echo "$((40+2))"\r');
      client.sendInput(0, bytes);
      client.sendInput(0, bytes);
      await client.shows(/[\r\n]42\r/);
      client.sendInput(bytes.length - 1, Buffer.from('\recho over\r'));
      await client.shows(/[\r\n]over\r\n/);
      assert.equal(client.text.match(/[\r\n]42\r/g)?.length, 1);
    });

    it('lets nobody wait for a program that reads nothing', async () => {
      const client = await shell();
      client.type('stty raw -echo; echo ready; sleep 100\r');
      await client.shows(/\rready\r?\n/);
      const start = Buffer.byteLength('stty raw -echo; echo ready; sleep 100\r');
      for (let at = 0; at < 192 * 1024; at += 32 * 1024) client.sendInput(start + at, Buffer.alloc(32 * 1024, 97));
      client.send({ type: 'ping', id: 1 });
      await client.message('pong');
      assert.equal((await harness.request('/healthz')).status, 200);
    });

    it('stops at the window of a page that acknowledges nothing, and loses nothing of what follows', async () => {
      const client = await harness.attach('main', {}, { isAcknowledging: false });
      await client.shows(promptOf('garden-local'));
      client.acknowledge();
      client.type('seq 1 60000; exit\r');
      await client.until(
        'a full window',
        () => (client.next ?? 0) - (client.frames.at(0)?.sequence ?? 0) > initialWindowBytes,
      );
      client.send({ type: 'ping', id: 2 });
      await client.message('pong');
      assert.doesNotMatch(client.text, /\n60000\r/);
      while (client.socket.readyState === client.socket.OPEN && !client.text.includes('\n60000\r')) {
        const { length } = client.frames;
        client.acknowledge();
        await client.until(
          'more',
          () => client.frames.length > length || client.messages.some(({ type }) => type === 'exit'),
        );
      }
      await client.message('exit');
      const numbers = client.text
        .split('\r\n')
        .map((line) => line.replace(/^.*\r/, ''))
        .filter((line) => /^\d+$/.test(line))
        .map(Number);
      assert.equal(numbers.length, 60_000);
      assert.ok(numbers.every((number, index) => number === index + 1));
    });

    it('sends the end of what a program wrote that ended while it was paused', async () => {
      const client = await harness.attach('main', {}, { isAcknowledging: false });
      await client.shows(promptOf('garden-local'));
      client.acknowledge();
      // A little more than the window: the rest fits into the kernel's buffer, so that the shell ends unread.
      client.type(`printf "%${initialWindowBytes + 2000}s"; echo over; exit 5\r`);
      assert.equal((await client.message('exit')).code, 5);
      assert.match(client.output, /over\r\n/);
    });

    it('shows two pages the same, in the size of the one used last', async () => {
      const laptop = await shell('main', { columns: 120, rows: 40 });
      const phone = await harness.attach('main', { clientId: 'client-02', columns: 40, rows: 20 });
      assert.deepEqual(await laptop.message('size'), { type: 'size', columns: 40, rows: 20 });
      laptop.type('stty size; echo shared\r');
      await Promise.all([laptop.shows(/[\r\n]shared\r\n/), phone.shows(/[\r\n]shared\r\n/)]);
      assert.match(laptop.output, /40 120/);
      assert.deepEqual(await phone.message('size'), { type: 'size', columns: 120, rows: 40 });
    });

    it('answers what a program asks the terminal once, however many pages look on', async () => {
      const client = await shell();
      await harness.attach('main', { clientId: 'client-02' });
      client.type(
        'stty -echo -icanon; printf "\\e[c"; IFS= read -rsd c answer; IFS= read -rst 0.2 -n 9 more; stty sane; echo "${answer@Q} and [$more]"\r',
      );
      await client.shows(/\^\[\[\?1;2|\\E\[\?1;2' and \[\]/);
      assert.match(client.output, /E\[\?1;2' and \[\]/);
    });

    it('tells of terminals: title, size, attachments, last input', async () => {
      const client = await shell('work');
      await until('a title', () => client.output.includes('\x07'));
      client.type('\r');
      await client.message('ack');
      const [terminal] = await list();
      const { lastInputAt, createdAt, ...rest } = terminal ?? {};
      assert.deepEqual(rest, {
        id: 'work',
        columns: 80,
        rows: 24,
        title: 'virtual-garden/garden-local ~',
        attachments: 1,
      });
      assert.ok(Date.parse(lastInputAt ?? '') >= Date.parse(createdAt ?? ''));
    });

    it('tells of the last input of all terminals, also of one that has ended', async () => {
      const read = async () => (await (await harness.request('/terminals')).json()) as TerminalList;
      const [first, second] = [await shell('first'), await shell('second')];
      assert.equal((await read()).lastInputAt, undefined, 'what programs are answered is no input');
      first.type('\r');
      await first.message('ack');
      const one = (await read()).lastInputAt;
      assert.ok(one);
      await until('time has passed', () => Date.now() > Date.parse(one));
      second.type('exit\r');
      await second.closed;
      const { terminals, lastInputAt = '' } = await read();
      assert.deepEqual(
        terminals.map(({ id, lastInputAt: at }) => [id, at]),
        [['first', one]],
      );
      assert.ok(lastInputAt > one);
    });
  });

  describe('leaves nothing', () => {
    const busy = async (id: string) => {
      const client = await shell(id);
      client.type('trap "" HUP; (trap "" HUP; sleep 300)& sleep 301 & cat\r');
      await until('children', () => processesWith(harness.home).length >= 4);
      return client;
    };

    it('of a terminal that is deleted, background jobs and deaf ones included', async () => {
      const client = await busy('main');
      assert.equal((await harness.request('/terminals/main', { method: 'DELETE' })).status, 204);
      assert.equal(await closeOf(client), 'ShellExited');
      await until('all have ended', () => processesWith(harness.home).length === 0);
    });

    it('of itself, soon: sockets are told that it restarts', async () => {
      const client = await busy('main');
      const startedMs = Date.now();
      await harness.agent.dispose();
      assert.ok(Date.now() - startedMs < 4000, `${Date.now() - startedMs} ms`);
      assert.equal(await closeOf(client), 'ShuttingDown');
      assert.deepEqual(processesWith(harness.home), []);
      await assert.rejects(harness.request('/healthz'));
    });
  });

  it('is ready when the garden of its kubeconfig answers, and not before', async () => {
    const unready = await harness.request('/readyz');
    assert.equal(unready.status, 503);
    assert.equal(unready.headers.get('retry-after'), '1');
    const waiting = harness.request('/readyz');
    const garden = await createApiServer({
      kinds: [],
      schemas: {},
      gitVersion: 'v1.34.1',
      clock: createSystemClock(),
      host: '127.0.0.1',
      port: 0,
    });
    const user = { name: 'visitor', groups: ['system:masters'] };
    await writeFile(harness.kubeconfig, await garden.openKubeconfig(user, { context: 'virtual-garden' }));
    assert.equal((await waiting).status, 200);
    await garden.dispose();
    assert.equal((await harness.request('/readyz')).status, 503);
  });
});
