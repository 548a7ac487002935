// Keystroke echo on a socket: through gateway and agent, and beside it through the plain baseline, key by key in turn.
import { WebSocket } from 'ws';
import { TerminalClient } from '../support/terminal-client.ts';
import { createBaseline } from './baseline/server.ts';
import { ms, percentile, printFigures } from './figures.ts';

interface Echo {
  /** Types one key and resolves when it is seen. */
  type(key: string): Promise<void>;
  dispose(): void;
}

async function openOurs(url: string, cookie: string): Promise<Echo> {
  const address = `${url.replace('http', 'ws')}/api/session/terminals/bench`;
  const client = await TerminalClient.attach({ url: address, headers: { cookie, origin: url } });
  await client.shows(/[$#][^\r\n]{0,40}$/);
  client.type('cat > /dev/null\r');
  await client.shows(/null\r\n/);
  return {
    async type(key) {
      const from = client.output.length;
      client.type(key);
      await client.until('an echo', () => client.output.length > from);
    },
    dispose: () => client.socket.terminate(),
  };
}

async function openPlain(url: string): Promise<Echo> {
  const socket = new WebSocket(url);
  let output = '';
  let onOutput: (() => void) | undefined;
  socket.on('message', (data) => {
    output += String(data);
    onOutput?.();
  });
  const seen = (test: () => boolean) =>
    new Promise<void>((resolve) => {
      onOutput = () => test() && resolve();
      onOutput();
    });
  await seen(() => output.includes('$ '));
  socket.send('cat > /dev/null\r');
  await seen(() => output.includes('null\r\n'));
  return {
    type(key) {
      const from = output.length;
      socket.send(key);
      return seen(() => output.length > from);
    },
    dispose: () => socket.terminate(),
  };
}

async function timeOf(echo: Echo, key: string): Promise<number> {
  const startMs = performance.now();
  await echo.type(key);
  return performance.now() - startMs;
}

export async function measureEcho(url: string, cookie: string, count: number): Promise<void> {
  const baseline = await createBaseline();
  const ours = await openOurs(url, cookie);
  const plain = await openPlain(baseline.url);
  const times: Record<'ours' | 'plain', number[]> = { ours: [], plain: [] };
  for (let i = 0; i < count; i++) {
    const key = 'abcdefghij'[i % 10]!;
    times.ours.push(await timeOf(ours, key));
    times.plain.push(await timeOf(plain, key));
  }
  ours.dispose();
  plain.dispose();
  await baseline.dispose();
  printFigures(
    `Keystroke echo on the socket, ${count} keys`,
    [50, 99].map((p) => ({
      what: `p${p}`,
      ours: ms(percentile(times.ours, p)),
      baseline: ms(percentile(times.plain, p)),
    })),
  );
}
