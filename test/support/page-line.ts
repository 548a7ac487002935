// The page's own end of a terminal, outside a browser: real sockets, and all that was printed, byte for byte.
import { WebSocket as NodeWebSocket } from 'ws';
import type { Connection } from '../../web/terminal/connection.ts';
import { createTerminalSocket } from '../../web/terminal/socket.ts';
import { createSystemClock } from '../../server/common/clock.ts';
import type { Browser } from './gateway-harness.ts';
import { until } from './until.ts';

export interface PageLine {
  /** Every state of the connection, in order. */
  readonly states: Connection[];
  readonly output: string;
  /** How often the screen was sent anew instead of what was missing. */
  readonly snapshots: number;
  readonly inputLost: number;
  readonly isLive: boolean;
  type(text: string): void;
  shows(text: string): Promise<unknown>;
  dispose(): void;
}

/** Connects at once, and again by itself. `onOutput` is told of each piece as it comes. */
export function openPageLine(
  browser: Pick<Browser, 'socket'>,
  terminalId: string,
  onOutput?: (text: string) => void,
): PageLine {
  // Its constants are read from the browser's global.
  (globalThis as { WebSocket?: unknown }).WebSocket ??= NodeWebSocket;
  const states: Connection[] = [];
  const encoder = new TextEncoder();
  let output = '';
  let snapshots = 0;
  let inputLost = 0;
  const take = (bytes: Uint8Array, parsed: () => void) => {
    const text = Buffer.from(bytes).toString('latin1');
    output += text;
    onOutput?.(text);
    parsed();
  };
  const line = createTerminalSocket({
    url: terminalId,
    clientId: `test-${terminalId}-00000000`,
    timers: createSystemClock(),
    random: Math.random,
    createWebSocket: (id) => browser.socket(id).on('error', () => undefined) as unknown as WebSocket,
    sink: {
      write: take,
      replace(bytes, parsed) {
        snapshots++;
        take(bytes, parsed);
      },
      resize: () => undefined,
    },
    size: () => ({ columns: 80, rows: 24 }),
    onConnection: (connection) => void states.push(connection),
    onLatency: () => undefined,
    onExit: () => undefined,
    onInputLost: () => inputLost++,
    onLayout: () => undefined,
  });
  line.start();
  return {
    states,
    get output() {
      return output;
    },
    get snapshots() {
      return snapshots;
    },
    get inputLost() {
      return inputLost;
    },
    get isLive() {
      return states.at(-1)?.name === 'live';
    },
    type(text) {
      if (!line.send(encoder.encode(text))) throw new Error('input was not taken');
    },
    shows: (text) => until(`output ${JSON.stringify(text)}`, () => output.includes(text)),
    dispose: () => line.dispose(),
  };
}
