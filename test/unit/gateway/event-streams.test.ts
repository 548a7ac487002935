// Tests of event streams: heartbeats, slow readers, ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import express from 'express';
import { createManualClock } from '../../../server/common/clock.ts';
import { createEventStreams, type EventStream } from '../../../server/gateway/event-streams.ts';
import { isWanted } from '../../../server/gateway/routes/events.ts';
import { until } from '../../support/until.ts';

describe('event streams', () => {
  const clock = createManualClock();
  let server: Server;
  let streams: ReturnType<typeof createEventStreams>;
  let opened: EventStream[];
  let closed: number;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    streams = createEventStreams({ clock, maxPerUser: 2 });
    opened = [];
    closed = 0;
    const app = express();
    app.get('/', (_request, response) => void opened.push(streams.open(response, 'ada', () => closed++)));
    app.use(((_fault, _request, response, _next) => void response.status(429).end()) as express.ErrorRequestHandler);
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    server.closeAllConnections();
  });

  async function open(): Promise<{ text: () => string; socket: Socket }> {
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    sockets.push(socket);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString())).on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('an answer', () => text.includes('\r\n\r\n'));
    return { text: () => text, socket };
  }

  it('send events with their id, and a heartbeat while nothing happens', async () => {
    const { text } = await open();
    opened[0]?.send('progress', { sentence: 'Line one\nline two' }, 'id-1');
    await until('the event', () => text().includes('event: progress'));
    assert.match(text(), /id: id-1\nevent: progress\ndata: \{"sentence":"Line one\\nline two"\}\n\n/);
    assert.match(text(), /Content-Type: text\/event-stream/);
    await clock.advance(15_000);
    await until('a heartbeat', () => text().includes(': still here'));
  });

  it('end with the client, and leave no timer', async () => {
    const { socket } = await open();
    assert.equal(streams.size, 1);
    socket.destroy();
    await until('closed', () => closed === 1);
    assert.equal(streams.size, 0);
    assert.equal(clock.pending, 0);
  });

  it('are limited by user', async () => {
    await open();
    await open();
    assert.match((await open()).text(), /^HTTP\/1\.1 429/);
  });

  it('drop a reader that takes nothing, instead of keeping all for it', async () => {
    const { socket } = await open();
    socket.pause();
    const big = 'x'.repeat(64 * 1024);
    await until(
      'dropped',
      () => closed === 1,
      async () => {
        opened[0]?.send('progress', big);
        await new Promise((resolve) => setImmediate(resolve));
      },
    );
  });

  it('end all when the server goes, and at once those that come after', async () => {
    await open();
    streams.dispose();
    await until('closed', () => closed === 1);
    await open();
    await until('closed at once', () => closed === 2);
  });
});

describe('events that a stream needs when it goes on', () => {
  const progress = (at: string) => ({ id: `${at}/10-x`, at, sentence: '', level: 'info' as const });

  it('are those behind the last one, with an overlap of the precision of Kubernetes', () => {
    const last = '2026-01-01T00:00:10Z/30-u';
    assert.equal(isWanted(progress('2026-01-01T00:00:11Z'), last), true);
    assert.equal(isWanted(progress('2026-01-01T00:00:09Z'), last), true);
    assert.equal(isWanted(progress('2026-01-01T00:00:07Z'), last), false);
    assert.equal(isWanted(progress('2026-01-01T00:00:01Z'), undefined), true);
    assert.equal(isWanted(progress('2026-01-01T00:00:01Z'), 'nonsense'), true);
  });
});
