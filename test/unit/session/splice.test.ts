// Tests of one browser on one agent: back-pressure, half-open ends, draining in the middle of a frame.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { closeReasons } from '../../../server/protocol/close-codes.ts';
import { renderCloseFrame } from '../../../server/session/frame-boundary.ts';
import { Splice } from '../../../server/session/splice.ts';
import { until } from '../../support/until.ts';

const head = Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n');
const frame = (text: string) => Buffer.concat([Buffer.from([0x82, text.length]), Buffer.from(text)]);
const nothing = Buffer.alloc(0);

describe('splice', () => {
  let server: Server;
  let clock: ManualClock;
  const sockets: Socket[] = [];
  let ends = 0;

  beforeEach(async () => {
    clock = createManualClock();
    ends = 0;
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  /** Both ends of one TCP connection. */
  async function pair(): Promise<[near: Socket, far: Socket]> {
    const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [near] = (await once(server, 'connection')) as [Socket];
    far.on('error', () => undefined);
    sockets.push(near, far);
    return [near, far];
  }
  async function splice() {
    const [browser, page] = await pair();
    const [agent, pod] = await pair();
    const chunks: Buffer[] = [];
    page.on('data', (chunk: Buffer) => chunks.push(chunk));
    const received = () => Buffer.concat(chunks);
    const one = new Splice({ clock, browser, agent, onEnd: () => void ends++ });
    one.start(head, frame('rest'), nothing);
    await until('head and rest arrive', () => received().length === head.length + 6);
    return { one, page, pod, browser, agent, received: () => received().subarray(head.length) };
  }

  it('ends a frame that is under way before it says that the server goes', async () => {
    const { one, pod, page, received } = await splice();
    pod.write(frame('half a frame').subarray(0, 5));
    await until('the half arrives', () => received().length === 6 + 5);
    one.drain(closeReasons.shuttingDown);
    pod.write(Buffer.concat([frame('half a frame').subarray(5), frame('never seen').subarray(0, 4)]));
    await once(page, 'end');
    const { code, sentence } = closeReasons.shuttingDown;
    assert.deepEqual(
      received(),
      Buffer.concat([frame('rest'), frame('half a frame'), renderCloseFrame(code, sentence)]),
    );
    await clock.advance(2_000);
    assert.equal(ends, 1);
    assert.equal(clock.pending, 0);
  });

  it('waits for the end of a frame no longer than two seconds', async () => {
    const { one, pod, received } = await splice();
    pod.write(frame('half a frame').subarray(0, 5));
    await until('the half arrives', () => received().length === 6 + 5);
    one.drain(closeReasons.shuttingDown);
    await clock.advance(1_999);
    assert.equal(ends, 0);
    await clock.advance(1);
    assert.equal(ends, 1);
  });

  it('passes the last words of an agent on before it closes', async () => {
    const { pod, page, received } = await splice();
    pod.end(frame('bye'));
    await once(page, 'end');
    assert.deepEqual(received(), Buffer.concat([frame('rest'), frame('bye')]));
    page.end();
    await until('ended', () => ends === 1);
  });

  it('stops reading from the agent while the browser does not read, and goes on after', async () => {
    const { pod, page, agent } = await splice();
    page.pause();
    const big = Buffer.alloc(1 << 20);
    let isFull = false;
    while (!isFull) isFull = !pod.write(big) && pod.writableLength > 16 * big.length;
    await until('the agent is paused', () => agent.isPaused());
    assert.ok(pod.writableLength > 0, 'the pod is held back');
    page.resume();
    await until('all goes through', () => pod.writableLength === 0);
  });

  it('gives up a browser that takes nothing for a minute, and not one that is slow', async () => {
    const { pod, page, browser, agent } = await splice();
    const big = Buffer.alloc(1 << 20);
    page.pause();
    while (pod.writableLength < 24 * big.length) pod.write(big);
    await until('the agent is paused', () => agent.isPaused());
    await clock.advance(50_000);
    const before = browser.bytesWritten - browser.writableLength;
    page.resume();
    await until('some goes through', () => browser.bytesWritten - browser.writableLength > before);
    page.pause();
    await until('the agent is paused again', () => agent.isPaused());
    await clock.advance(50_000);
    assert.equal(ends, 0, 'something moved');
    await clock.advance(75_000);
    assert.equal(ends, 1);
    assert.ok(browser.destroyed && agent.destroyed);
  });

  it('ends once, however often it is told', async () => {
    const { one, page, pod } = await splice();
    page.resetAndDestroy();
    pod.destroy();
    one.dispose();
    one.dispose();
    await until('closed', () => pod.closed);
    assert.equal(ends, 1);
    assert.equal(clock.pending, 0);
  });
});
