// The bar of the workspace: environment, time left, the line, who is here, and the menu.
import type { ComponentChildren } from 'preact';
import type { Session, SessionEnd, User } from '../../server/protocol/rest.ts';
import { Avatar } from '../components/avatar.tsx';
import { CaretIcon, ClockIcon } from '../components/icons.tsx';
import { Logo } from '../components/logo.tsx';
import { Menu, type MenuItem } from '../components/menu.tsx';
import { useNow } from '../components/ticking.ts';
import { connectionWords } from '../model/connection-words.ts';
import { latency, timeLeft } from '../model/durations.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface TopBarProps {
  session: Session;
  /** ms since the epoch, by the clock in which ends are told. */
  now: () => number;
  user: User | undefined;
  /** The one that the keys go to. */
  terminal: Terminal | undefined;
  items: MenuItem[];
  /** The terminals' tabs. */
  children: ComponentChildren;
}

export function TopBar({ session, now, user, terminal, items, children }: TopBarProps) {
  return (
    <header class="top-bar">
      <Logo size={24} />
      <h1>{session.environmentTitle}</h1>
      {children}
      <TimeLeft end={session.end} now={now} />
      {terminal && <Line terminal={terminal} />}
      <Menu label="Session menu" items={items}>
        {user && <Avatar user={user} />}
        <span class="menu-name">{user?.login ?? 'nobody'}</span>
        <CaretIcon />
      </Menu>
    </header>
  );
}

const fewMinutesMs = 5 * 60_000;

/** How soon is said aloud by the notice before the end. */
function TimeLeft({ end, now }: { end: SessionEnd; now: () => number }) {
  const leftMs = Date.parse(end.at) - useNow(5_000, now);
  const words = timeLeft(leftMs);
  const title = `Ends at ${new Date(end.at).toLocaleTimeString()}${end.canStay ? ', unless you stay' : ', and cannot be extended'}`;
  return (
    <span class="with-icon" data-short={leftMs < fewMinutesMs} title={title}>
      <ClockIcon />
      <span>
        {words}
        <span class="wide-only"> left</span>
      </span>
    </span>
  );
}

function Line({ terminal }: { terminal: Terminal }) {
  const { health, label } = connectionWords(terminal.connection.value, terminal.exitCode.value);
  const latencyMs = terminal.latencyMs.value;
  return (
    <span class="line" data-health={health}>
      <span class="dot" aria-hidden="true" />
      <span class="line-label">{label}</span>
      {health === 'good' && latencyMs !== undefined && <span class="line-latency">{latency(latencyMs)}</span>}
    </span>
  );
}
