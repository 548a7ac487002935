// Server-Sent Events: open streams, their limits, heartbeats and end.
import type { Response } from 'express';
import type { Clock, Disposable } from '../common/clock.ts';
import { PlaygroundError } from '../common/errors.ts';

export interface EventStream {
  send(event: string, data: unknown, id?: string): void;
  end(): void;
}

export interface EventStreams extends Disposable {
  readonly size: number;
  /** Answers with a stream; `onClose` is called once, whoever ended it. Throws 429 over the limit of one user. */
  open(response: Response, userId: string, onClose: () => void): EventStream;
}

export interface EventStreamsOptions {
  clock: Clock;
  maxPerUser?: number;
}

const heartbeatMs = 15_000;
// A reader that takes nothing is not worth the memory: it connects again and is told the state anew.
const maxBufferedBytes = 256 * 1024;

const tooMany = () =>
  new PlaygroundError(429, 'TooManyStreams', 'The playground is open in too many tabs. Close some of them.', {
    retryAfterSeconds: 30,
  });

export function createEventStreams({ clock, maxPerUser = 16 }: EventStreamsOptions): EventStreams {
  const open = new Map<EventStream, string>();
  const countOf = (userId: string) => [...open.values()].filter((owner) => owner === userId).length;
  let isDisposed = false;
  return {
    get size() {
      return open.size;
    },
    open(response, userId, onClose) {
      if (countOf(userId) >= maxPerUser) throw tooMany();
      response.status(200).set({
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store, no-transform',
        // nginx keeps answers back otherwise.
        'X-Accel-Buffering': 'no',
      });
      response.flushHeaders();
      const write = (text: string) => {
        if (response.writableEnded || response.destroyed) return;
        if (response.writableLength > maxBufferedBytes) response.destroy();
        else response.write(text);
      };
      const stream: EventStream = {
        send: (event, data, id) =>
          write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
        end: () => void response.end(),
      };
      const heartbeat = clock.every(heartbeatMs, () => write(': still here\n\n'));
      open.set(stream, userId);
      response.once('close', () => {
        heartbeat.dispose();
        open.delete(stream);
        onClose();
      });
      write('retry: 1000\n\n');
      if (isDisposed) stream.end();
      return stream;
    },
    dispose() {
      isDisposed = true;
      for (const stream of [...open.keys()]) stream.end();
    },
  };
}
