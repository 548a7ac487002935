// One terminal of the session: xterm, its line to the agent, and what the page shows about both.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Terminal as Xterm } from '@xterm/xterm';
import { browserTimers } from '../model/timers.ts';
import type { Connection } from './connection.ts';
import { keyAction } from './keys.ts';
import { chooseRenderer } from './renderer.ts';
import { createTerminalSocket, type Size, type TerminalSink, type TerminalSocket } from './socket.ts';
import { themeFor } from './theme.ts';
import { copyText, createXterm } from './xterm.ts';

export interface TerminalOptions {
  id: string;
  /** What all addresses of the playground begin with. */
  basePath: string;
  /** Names this page to the agent. */
  clientId: string;
  isScreenReaderMode: boolean;
  isMac: boolean;
  /** The user wants the focus out of the terminal. */
  onLeave: () => void;
  /** A round trip to the agent was measured. */
  onRoundTrip: (roundTripMs: number) => void;
}

export interface Terminal {
  readonly id: string;
  readonly xterm: Xterm;
  readonly connection: ReadonlySignal<Connection>;
  /** Round trip to the agent in ms, once measured. */
  readonly latencyMs: ReadonlySignal<number | undefined>;
  /** Of the shell that has ended; undefined while it runs or when nobody knows. */
  readonly exitCode: ReadonlySignal<number | undefined>;
  /** Input that was not taken, as a sentence, until dismissed. */
  readonly notice: ReadonlySignal<string | undefined>;
  dismissNotice(): void;
  /** Shows the terminal in `parent` and connects it. Call once. */
  open(parent: HTMLElement): void;
  /** Connects again after the line was closed for good: with a new shell where the old one has ended. */
  restart(): void;
  /** Tries now instead of after the delay. */
  reconnect(): void;
  setScreenReaderMode(isOn: boolean): void;
  dispose(): void;
}

const noRoomSentence = 'That was too much input while the line is down. It was not sent.';
const inputLostSentence = 'The shell was started anew. What you typed for the old one was not sent.';
/** CAN ends whatever sequence the parser is in, RIS resets the terminal: in-band, so that both keep their place among queued writes. */
const resetBytes = new TextEncoder().encode('\x18\x1bc');

/** Browsers before 2024 take no relative addresses for web sockets. */
const socketUrl = (path: string) => new URL(path, location.href.replace(/^http/, 'ws')).href;

export const createTerminal = (options: TerminalOptions): Terminal => new PageTerminal(options);

class PageTerminal implements Terminal {
  readonly id: string;
  readonly xterm: Xterm;
  readonly connection = signal<Connection>({ name: 'idle' });
  readonly latencyMs = signal<number>();
  readonly exitCode = signal<number>();
  readonly notice = signal<string>();
  readonly #options: TerminalOptions;
  readonly #darkScheme = matchMedia('(prefers-color-scheme: dark)');
  readonly #proposeSize: () => Size;
  readonly #socket: TerminalSocket;
  readonly #end = new AbortController();

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.id = options.id;
    const { isScreenReaderMode } = options;
    const { xterm, fit } = createXterm({ isScreenReaderMode, isDark: this.#darkScheme.matches });
    this.xterm = xterm;
    this.#proposeSize = () => {
      const proposed = fit.proposeDimensions();
      return { columns: proposed?.cols || xterm.cols, rows: proposed?.rows || xterm.rows };
    };
    this.#socket = this.#createSocket();
    const encoder = new TextEncoder();
    xterm.onData((text) => this.#send(encoder.encode(text)));
    xterm.onBinary((text) => this.#send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    xterm.attachCustomKeyEventHandler((event) => this.#isForShell(event));
  }

  dismissNotice(): void {
    this.notice.value = undefined;
  }

  open(parent: HTMLElement): void {
    this.xterm.open(parent);
    void chooseRenderer(this.xterm, document);
    const { signal } = this.#end;
    const observer = new ResizeObserver(() => this.#fit());
    observer.observe(parent);
    signal.addEventListener('abort', () => observer.disconnect());
    const recolour = () => (this.xterm.options.theme = themeFor(this.#darkScheme.matches));
    this.#darkScheme.addEventListener('change', recolour, { signal });
    window.addEventListener('online', () => this.#wake(), { signal });
    window.addEventListener('focus', () => this.#wake(), { signal });
    document.addEventListener('visibilitychange', () => this.#wake(), { signal });
    this.#fit();
    this.#socket.start();
  }

  restart(): void {
    this.exitCode.value = undefined;
    this.#socket.start();
  }

  reconnect(): void {
    this.#socket.wake();
  }

  setScreenReaderMode(isOn: boolean): void {
    this.xterm.options.screenReaderMode = isOn;
  }

  dispose(): void {
    this.#end.abort();
    this.#socket.dispose();
    this.xterm.dispose();
  }

  #createSocket(): TerminalSocket {
    return createTerminalSocket({
      url: socketUrl(`${this.#options.basePath}/api/session/terminals/${this.id}`),
      clientId: this.#options.clientId,
      timers: browserTimers,
      random: Math.random,
      createWebSocket: (url, protocol) => new WebSocket(url, protocol),
      sink: this.#createSink(),
      size: this.#proposeSize,
      onConnection: (connection) => (this.connection.value = connection),
      onLatency: (latencyMs) => {
        this.latencyMs.value = latencyMs;
        this.#options.onRoundTrip(latencyMs);
      },
      onExit: (code) => (this.exitCode.value = code),
      onInputLost: () => (this.notice.value = inputLostSentence),
    });
  }

  #createSink(): TerminalSink {
    const { xterm } = this;
    return {
      write: (bytes, parsed) => xterm.write(bytes, parsed),
      replace(bytes, parsed) {
        xterm.write(resetBytes);
        xterm.write(bytes, parsed);
      },
      resize({ columns, rows }) {
        if (columns !== xterm.cols || rows !== xterm.rows) xterm.resize(columns, rows);
      },
    };
  }

  #send(bytes: Uint8Array): void {
    const isTaken = this.#socket.send(bytes);
    if (!isTaken && this.connection.value.name !== 'closed') this.notice.value = noRoomSentence;
  }

  #fit(): void {
    const { columns, rows } = this.#proposeSize();
    if (columns === this.xterm.cols && rows === this.xterm.rows) return;
    this.xterm.resize(columns, rows);
    this.#socket.resize();
  }

  #wake(): void {
    if (document.visibilityState === 'hidden') return;
    this.#socket.wake();
    // Another browser may have given the terminal its size: the one in use decides.
    this.#fit();
  }

  #isForShell(event: KeyboardEvent): boolean {
    const { xterm } = this;
    const action = keyAction(event, { hasSelection: xterm.hasSelection(), isMac: this.#options.isMac });
    if (action === 'shell') return true;
    if (action === 'copy' || action === 'interrupt' || action === 'leave') event.preventDefault();
    if (action === 'copy' && xterm.hasSelection()) {
      void copyText(xterm.getSelection());
      xterm.clearSelection();
    }
    if (action === 'interrupt') this.#send(Uint8Array.of(3));
    if (action === 'leave') this.#options.onLeave();
    return false;
  }
}
