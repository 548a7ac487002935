// One watch connection: JSON lines to events, until it ends.
import { StringDecoder } from 'node:string_decoder';
import type { Disposable } from '../common/lifecycle.ts';
import { createKubeError, createUnreachable } from './errors.ts';
import type { Transport } from './transport.ts';
import type { KubeObject, WatchEvent } from './types.ts';

const idleTimeoutMs = 6 * 60 * 1000;

/** Splits chunks into whole lines; `push` returns those that have become whole. */
export function createLineSplitter(): { push(chunk: Buffer): string[] } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    push(chunk) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      return lines.filter((line) => line !== '');
    },
  };
}

/** Opens `path` and calls `onEvent` in order; `onEnd` once, with a KubeError unless the server ended it in good order or it was disposed. */
export function openWatch<T extends KubeObject>(
  transport: Transport,
  path: string,
  onEvent: (event: WatchEvent<T>) => void,
  onEnd: (fault?: Error) => void,
): Disposable {
  const abort = new AbortController();
  let isEnded = false;
  const end = (fault?: Error) => {
    if (isEnded) return;
    isEnded = true;
    abort.abort();
    onEnd(fault);
  };
  const onLine = (line: string) => {
    const event = JSON.parse(line) as { type: string; object: T };
    if (event.type === 'ERROR')
      end(createKubeError((event.object as { code?: number }).code ?? 500, JSON.stringify(event.object)));
    else onEvent(event as WatchEvent<T>);
  };
  transport.send({ method: 'GET', path, idleTimeoutMs, signal: abort.signal }).then((stream) => {
    const splitter = createLineSplitter();
    stream.on('data', (chunk: Buffer) => {
      try {
        for (const line of splitter.push(chunk)) if (!isEnded) onLine(line);
      } catch (fault) {
        end(fault as Error);
      }
    });
    stream.on('end', () => end());
    stream.on('error', (fault) => end(createUnreachable(transport.server, fault)));
    stream.on('close', () => end());
  }, end);
  return {
    dispose() {
      isEnded = true;
      abort.abort();
    },
  };
}
