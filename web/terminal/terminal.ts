// One terminal of the session: xterm, its line to the agent, and what the page shows about both.
import { effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Terminal as Xterm } from '@xterm/xterm';
import type { Layout } from '../../server/protocol/layout.ts';
import type { Look } from '../model/appearance.ts';
import type { Settings } from '../model/settings.ts';
import { browserTimers } from '../model/timers.ts';
import { copyText, onClipboardWish } from './clipboard.ts';
import { createCommandMarks, type Command, type CommandMarks } from './command-marks.ts';
import type { Connection } from './connection.ts';
import { createGutter, type Gutter } from './gutter.ts';
import { keyAction, type KeyAction } from './keys.ts';
import type { OutputFeed, OutputFeeder } from './output-feed.ts';
import { isRisky, pasteText } from './paste.ts';
import { chooseRenderer } from './renderer.ts';
import {
  createTerminalSocket,
  type LayoutMessage,
  type Size,
  type TerminalSink,
  type TerminalSocket,
} from './socket.ts';
import { createXterm, dress } from './xterm.ts';

/** What a terminal asks of the workspace around it. */
export interface TerminalHost {
  /** A key of the page, and not of the shell. */
  onKey(action: Exclude<KeyAction, string>): void;
  /** A program hid this address behind a text that was clicked. */
  onLink(address: string): void;
  onLayout(message: LayoutMessage): void;
  /** A paste that a shell would run line by line: the user is to be asked. */
  onRiskyPaste(text: string): void;
}

export interface TerminalOptions {
  id: string;
  /** What all addresses of the playground begin with. */
  basePath: string;
  /** Names this page to the agent. */
  clientId: string;
  /** What the program in it is known to have set. */
  title: string;
  isMac: boolean;
  /** Shares the main thread among the terminals of the page. */
  feeder: OutputFeeder;
  settings: ReadonlySignal<Settings>;
  look: ReadonlySignal<Look>;
  host: TerminalHost;
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
  /** What the program in it set. */
  readonly title: ReadonlySignal<string>;
  readonly isOpen: ReadonlySignal<boolean>;
  readonly marks: CommandMarks;
  /** What was done last that one cannot see, as a sentence for screen readers. */
  readonly announcement: ReadonlySignal<string>;
  /** Scrolls to the command before or behind the one where one is. */
  jump(step: -1 | 1): void;
  /** Puts what the last command said on the clipboard. */
  copyLastOutput(): void;
  /** Has the shell clear screen and scrollback, for everybody who looks at it. */
  clear(): void;
  /** Sends text as a paste, without asking. */
  paste(text: string): void;
  /** Text that a program wants on the clipboard, until the user has said yes or no. */
  readonly clipboardWish: ReadonlySignal<string | undefined>;
  answerClipboardWish(isGranted: boolean): void;
  dismissNotice(): void;
  /** Shows the terminal in `parent` and connects it. Call once. */
  open(parent: HTMLElement): void;
  /** Whether it is in sight: behind another tab it is not. */
  setInSight(isInSight: boolean): void;
  /** Connects again after the line was closed for good: with a new shell where the old one has ended. */
  restart(): void;
  /** Tries now instead of after the delay. */
  reconnect(): void;
  /** Sends bytes to the program, as if typed. */
  send(text: string): void;
  /** Tells the agent how the terminals are arranged; false when the line is not live. */
  arrange(layout: Layout): boolean;
  dispose(): void;
}

const noRoomSentence = 'That was too much input while the line is down. It was not sent.';
const inputLostSentence = 'The shell was started anew. What you typed for the old one was not sent.';
/** Readline's clear-display: with the scrollback, and by the shell itself, so that all pages and the agent's screen follow. */
const clearDisplayKeys = '\x1b\x0c';
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
  readonly title: Signal<string>;
  readonly isOpen = signal(false);
  readonly marks: CommandMarks;
  readonly announcement = signal('');
  readonly clipboardWish = signal<string>();
  readonly #options: TerminalOptions;
  readonly #proposeSize: () => Size;
  readonly #feed: OutputFeed;
  readonly #socket: TerminalSocket;
  readonly #encoder = new TextEncoder();
  readonly #end = new AbortController();
  #isInSight = true;
  #gutter: Gutter | undefined;
  #jumpedTo: Command | undefined;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.id = options.id;
    this.title = signal(options.title);
    const { xterm, fit } = createXterm((address) => options.host.onLink(address));
    this.xterm = xterm;
    this.marks = createCommandMarks(xterm);
    this.#proposeSize = () => {
      const proposed = fit.proposeDimensions();
      return { columns: proposed?.cols || xterm.cols, rows: proposed?.rows || xterm.rows };
    };
    this.#feed = options.feeder.add(
      (bytes, parsed) => xterm.write(bytes, parsed),
      (bytesPerMs) => this.#socket.setSpeed(bytesPerMs),
    );
    this.#socket = this.#createSocket();
    const undress = effect(() => {
      dress(xterm, options.settings.value, options.look.value);
      this.#fit();
    });
    this.#end.signal.addEventListener('abort', undress);
    xterm.onData((text) => {
      this.#showJump(undefined);
      this.send(text);
    });
    xterm.onBinary((text) => this.#sendBytes(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    xterm.onTitleChange((title) => (this.title.value = title));
    onClipboardWish(xterm, (text) => void this.#wishForClipboard(text));
    xterm.attachCustomKeyEventHandler((event) => this.#isForShell(event));
  }

  dismissNotice(): void {
    this.notice.value = undefined;
  }

  answerClipboardWish(isGranted: boolean): void {
    const text = this.clipboardWish.peek();
    this.clipboardWish.value = undefined;
    if (isGranted && text !== undefined) void copyText(text);
  }

  open(parent: HTMLElement): void {
    this.xterm.open(parent);
    void chooseRenderer(this.xterm, document);
    const { signal } = this.#end;
    const observer = new ResizeObserver(() => this.#fit());
    observer.observe(parent);
    signal.addEventListener('abort', () => observer.disconnect());
    parent.addEventListener('paste', (event) => this.#takePaste(event), { signal, capture: true });
    window.addEventListener('online', () => this.#wake(), { signal });
    window.addEventListener('focus', () => this.#wake(), { signal });
    document.addEventListener('visibilitychange', () => this.#wake(), { signal });
    const gutter = createGutter(this.xterm, this.marks, parent);
    this.#gutter = gutter;
    signal.addEventListener('abort', () => gutter.dispose());
    this.isOpen.value = true;
    this.#fit();
    this.#socket.start();
  }

  jump(step: -1 | 1): void {
    const command = this.marks.neighbour(this.#jumpedTo, step);
    if (!command) {
      if (step > 0) this.xterm.scrollToBottom();
      this.#showJump(undefined);
      return;
    }
    this.xterm.scrollToLine(command.prompt.line);
    this.#showJump(command);
    const text = command.input ? this.marks.textOf(command.input, command.output).trim() : '';
    const status = command.exit === undefined ? 'running' : `exit status ${command.exit}`;
    this.announcement.value = `${text}: ${status}`;
  }

  copyLastOutput(): void {
    const text = this.marks.lastOutput();
    if (text === undefined) this.announcement.value = 'There is no output of a command to copy.';
    else void copyText(text).then((isCopied) => (this.announcement.value = isCopied ? 'Copied.' : 'Not copied.'));
  }

  clear(): void {
    if (this.marks.commands.at(-1)?.state === 'prompt') this.send(clearDisplayKeys);
    else this.announcement.value = 'The scrollback can be cleared at a prompt.';
  }

  paste(text: string): void {
    this.send(pasteText(text, this.xterm.modes.bracketedPasteMode));
  }

  setInSight(isInSight: boolean): void {
    this.#isInSight = isInSight;
    this.#tellVisibility();
  }

  restart(): void {
    this.exitCode.value = undefined;
    this.#socket.start();
  }

  reconnect(): void {
    this.#socket.wake();
  }

  send(text: string): void {
    this.#sendBytes(this.#encoder.encode(text));
  }

  arrange(layout: Layout): boolean {
    return this.#socket.arrange(layout);
  }

  dispose(): void {
    this.#end.abort();
    this.#socket.dispose();
    this.#feed.dispose();
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
      onLayout: (message) => this.#options.host.onLayout(message),
    });
  }

  #createSink(): TerminalSink {
    const feed = this.#feed;
    return {
      write: (bytes, parsed) => feed.write(bytes, parsed),
      replace(bytes, parsed) {
        feed.write(resetBytes, () => undefined);
        feed.write(bytes, parsed);
      },
      resize: ({ columns, rows }) =>
        feed.afterward(() => {
          if (columns !== this.xterm.cols || rows !== this.xterm.rows) this.xterm.resize(columns, rows);
        }),
    };
  }

  /** In place of xterm's own handler, which neither asks nor keeps escapes out of brackets. */
  #takePaste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain');
    if (!text) return;
    event.preventDefault();
    event.stopPropagation();
    const { isPasteChecked } = this.#options.settings.peek();
    if (isPasteChecked && isRisky(text, this.xterm.modes.bracketedPasteMode)) this.#options.host.onRiskyPaste(text);
    else this.paste(text);
  }

  #showJump(command: Command | undefined): void {
    if (command === this.#jumpedTo) return;
    this.#jumpedTo = command;
    this.#gutter?.setCurrent(command);
  }

  #sendBytes(bytes: Uint8Array): void {
    this.#feed.hurry();
    const isTaken = this.#socket.send(bytes);
    if (!isTaken && this.connection.value.name !== 'closed') this.notice.value = noRoomSentence;
  }

  /** Asks for the size that there is room for; the agent says when it holds. */
  #fit(): void {
    if (!this.isOpen.peek() || !this.xterm.element?.offsetParent) return;
    const { columns, rows } = this.#proposeSize();
    if (columns !== this.xterm.cols || rows !== this.xterm.rows) this.#socket.resize();
  }

  #wake(): void {
    this.#tellVisibility();
    if (document.visibilityState === 'hidden') return;
    this.#socket.wake();
    // Another browser may have given the terminal its size: the one in use decides.
    this.#fit();
  }

  #tellVisibility(): void {
    this.#feed.setShown(this.#isInSight);
    if (document.visibilityState === 'hidden') this.#socket.setVisibility('away');
    else this.#socket.setVisibility(this.#isInSight ? 'shown' : 'hidden');
  }

  async #wishForClipboard(text: string): Promise<void> {
    const { clipboard } = this.#options.settings.peek();
    if (clipboard === 'refuse' || (clipboard === 'allow' && (await copyText(text)))) return;
    this.clipboardWish.value = text;
  }

  #isForShell(event: KeyboardEvent): boolean {
    const { xterm } = this;
    const { isMac, settings, host } = this.#options;
    const action = keyAction(event, {
      hasSelection: xterm.hasSelection(),
      isMac,
      isFullScreen: xterm.buffer.active.type === 'alternate',
      isPaletteOnCtrlK: settings.peek().isPaletteOnCtrlK,
    });
    if (action === 'shell') return true;
    if (action === 'paste' || action === 'ignore') return false;
    event.preventDefault();
    if (typeof action === 'object') host.onKey(action);
    if (action === 'copy' && xterm.hasSelection()) {
      void copyText(xterm.getSelection());
      xterm.clearSelection();
    }
    if (action === 'interrupt') this.send('\x03');
    return false;
  }
}
