// Shows one terminal, and over it what the user should know about its line.
import { useEffect, useRef } from 'preact/hooks';
import { connectionWords } from '../model/connection-words.ts';
import type { Terminal } from './terminal.ts';
import { defaultFontSizePx, fontFamily } from './xterm.ts';

interface TerminalViewProps {
  terminal: Terminal;
  /** The keys go to it. */
  isActive: boolean;
  /** Programs may from now on put text on the clipboard. */
  onTrustClipboard: () => void;
}

export function TerminalView({ terminal, isActive, onTrustClipboard }: TerminalViewProps) {
  const parent = useRef<HTMLDivElement>(null);
  const isOpen = terminal.isOpen.value;
  useEffect(() => {
    let isGone = false;
    void fontIsThere().then(() => {
      if (!isGone && parent.current) terminal.open(parent.current);
    });
    return () => {
      isGone = true;
    };
  }, [terminal]);
  useEffect(() => {
    if (isActive && isOpen && !document.querySelector('dialog[open]')) terminal.xterm.focus();
  }, [isActive, isOpen]);
  return (
    <div class="terminal">
      <div
        class="terminal-screen"
        ref={parent}
        data-terminal={terminal.id}
        data-connection={terminal.connection.value.name}
      />
      <p class="only-spoken" role="status">
        {terminal.announcement.value}
      </p>
      <Ribbons terminal={terminal} onTrustClipboard={onTrustClipboard} />
    </div>
  );
}

/** xterm measures the font when it opens; without it, that of the fallback. A font that does not come must not keep the terminal away. */
async function fontIsThere(): Promise<void> {
  const fonts = ['normal', 'bold'].map((weight) =>
    document.fonts.load(`${weight} ${defaultFontSizePx}px ${fontFamily}`),
  );
  await Promise.all(fonts).catch(() => undefined);
}

function Ribbons({ terminal, onTrustClipboard }: Omit<TerminalViewProps, 'isActive'>) {
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
      <ClipboardRibbon terminal={terminal} onTrustClipboard={onTrustClipboard} />
    </div>
  );
}

const previewLength = 60;

function ClipboardRibbon({ terminal, onTrustClipboard }: Omit<TerminalViewProps, 'isActive'>) {
  const text = terminal.clipboardWish.value;
  if (text === undefined) return null;
  const answer = (isGranted: boolean) => {
    terminal.answerClipboardWish(isGranted);
    terminal.xterm.focus();
  };
  const trust = () => {
    onTrustClipboard();
    answer(true);
  };
  return (
    <p class="ribbon" data-kind="clipboard">
      <span>
        A program wants to put this on your clipboard: <code>{text.slice(0, previewLength)}</code>
        {text.length > previewLength && ` … (${text.length} characters)`}
      </span>
      <span class="actions">
        <button class="button small" onClick={() => answer(true)}>
          Allow
        </button>
        <button class="button small" onClick={trust}>
          Always allow
        </button>
        <button class="button small" onClick={() => answer(false)}>
          Refuse
        </button>
      </span>
    </p>
  );
}
