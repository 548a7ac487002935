// Shows one terminal, and over it what the user should know about its line.
import { useEffect, useRef } from 'preact/hooks';
import { connectionWords } from '../model/connection-words.ts';
import type { Terminal } from './terminal.ts';
import { fontFamily, fontSizePx } from './xterm.ts';

declare global {
  interface Window {
    /** The active terminal, for tests, benchmarks and browser extensions. */
    term?: Terminal['xterm'];
  }
}

export function TerminalView({ terminal }: { terminal: Terminal }) {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isGone = false;
    void fontIsThere().then(() => {
      if (isGone || !parent.current) return;
      terminal.open(parent.current);
      terminal.xterm.focus();
      window.term = terminal.xterm;
    });
    return () => {
      isGone = true;
      if (window.term === terminal.xterm) delete window.term;
    };
  }, [terminal]);
  return (
    <div class="terminal">
      <div
        class="terminal-screen"
        ref={parent}
        data-terminal={terminal.id}
        data-connection={terminal.connection.value.name}
      />
      <Ribbon terminal={terminal} />
    </div>
  );
}

/** xterm measures the font when it opens; without it, that of the fallback. A font that does not come must not keep the terminal away. */
async function fontIsThere(): Promise<void> {
  const fonts = ['normal', 'bold'].map((weight) => document.fonts.load(`${weight} ${fontSizePx}px ${fontFamily}`));
  await Promise.all(fonts).catch(() => undefined);
}

function Ribbon({ terminal }: { terminal: Terminal }) {
  const connection = terminal.connection.value;
  const { sentence, action } = connectionWords(connection, terminal.exitCode.value);
  const notice = terminal.notice.value;
  const act = () => {
    if (connection.name === 'closed') terminal.restart();
    else terminal.reconnect();
    terminal.xterm.focus();
  };
  const dismiss = () => {
    terminal.dismissNotice();
    terminal.xterm.focus();
  };
  return (
    <div class="ribbons" role="status">
      {sentence && (
        <p class="ribbon" data-kind="connection">
          <span>{sentence}</span>
          {action && (
            <button class="button small" onClick={act}>
              {action}
            </button>
          )}
        </p>
      )}
      {notice && (
        <p class="ribbon" data-kind="notice">
          <span>{notice}</span>
          <button class="button small" onClick={dismiss}>
            Understood
          </button>
        </p>
      )}
    </div>
  );
}
