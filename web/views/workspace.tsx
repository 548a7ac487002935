// The session at work: a quiet bar, and the terminal.
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Session } from '../../server/protocol/rest.ts';
import { menuButtonId } from '../components/menu.tsx';
import type { Playground } from '../model/playground.ts';
import { keepScreenReaderMode, readScreenReaderMode } from '../model/settings.ts';
import { createRoundTripReport } from '../model/round-trips.ts';
import { browserTimers } from '../model/timers.ts';
import { TerminalView } from '../terminal/terminal-view.tsx';
import { createTerminal, type Terminal } from '../terminal/terminal.ts';
import { createTerminals } from '../terminal/terminals.ts';
import { EndDialog, KeyboardDialog } from './dialogs.tsx';
import { EndingNotice } from './ending-notice.tsx';
import { TopBar } from './top-bar.tsx';

interface WorkspaceProps {
  playground: Playground;
  session: Session;
}

const firstTerminalId = 'main';
const storage = () => window.localStorage;
const isMac = /mac|iphone|ipad/i.test(navigator.platform);

function openMenu(): void {
  document.getElementById(menuButtonId)?.click();
}

function useTerminal(sessionId: string, { basePath, tellRoundTrips }: Playground): Terminal {
  const roundTrips = useMemo(() => {
    const isVisible = () => document.visibilityState === 'visible';
    return createRoundTripReport({ timers: browserTimers, isVisible, send: tellRoundTrips });
  }, []);
  useEffect(() => () => roundTrips.dispose(), [roundTrips]);
  const terminals = useMemo(() => {
    const clientId = crypto.getRandomValues(new Uint32Array(4)).join('-');
    return createTerminals((id) =>
      createTerminal({
        id,
        basePath,
        clientId,
        isMac,
        isScreenReaderMode: readScreenReaderMode(storage),
        onLeave: openMenu,
        onRoundTrip: (roundTripMs) => roundTrips.add(roundTripMs),
      }),
    );
  }, [sessionId]);
  useEffect(() => () => terminals.dispose(), [terminals]);
  return terminals.get(firstTerminalId);
}

/** A line that is refused or does not come back may mean that the session is gone: the gateway knows. */
function useSessionCheck(playground: Playground, terminal: Terminal): void {
  const connection = terminal.connection.value;
  const isInTrouble =
    (connection.name === 'waiting' && connection.attempt > 0) ||
    (connection.name === 'closed' && !!connection.reason && connection.reason.name !== 'ShellExited');
  useEffect(() => {
    if (isInTrouble) void playground.checkSession();
  }, [connection]);
}

export function WorkspaceView({ playground, session }: WorkspaceProps) {
  const terminal = useTerminal(session.id, playground);
  const [dialog, setDialog] = useState<'end' | 'keyboard'>();
  const [isScreenReaderMode, setIsScreenReaderMode] = useState(() => readScreenReaderMode(storage));
  useSessionCheck(playground, terminal);

  const toggleScreenReaderMode = () => {
    keepScreenReaderMode(storage, !isScreenReaderMode);
    setIsScreenReaderMode(!isScreenReaderMode);
    terminal.setScreenReaderMode(!isScreenReaderMode);
    terminal.xterm.focus();
  };
  const stay = () => {
    terminal.xterm.focus();
    void playground.staying.stay();
  };
  const closeDialog = () => {
    setDialog(undefined);
    terminal.xterm.focus();
  };
  return (
    <div class="workspace">
      <TopBar
        session={session}
        now={playground.serverNow}
        user={playground.me.value?.user ?? undefined}
        terminal={terminal}
        items={[
          ...(session.end.canStay ? [{ label: 'Stay longer', onSelect: stay }] : []),
          { label: 'Keyboard', onSelect: () => setDialog('keyboard') },
          { label: 'Screen reader mode', isChecked: isScreenReaderMode, onSelect: toggleScreenReaderMode },
          { label: 'End session…', onSelect: () => setDialog('end') },
          { label: 'Sign out', onSelect: () => void playground.signOut() },
        ]}
      />
      <EndingNotice playground={playground} session={session} terminal={terminal} />
      <main aria-label="Terminal">
        <TerminalView key={session.id} terminal={terminal} />
      </main>
      {dialog === 'keyboard' && <KeyboardDialog isMac={isMac} onClose={closeDialog} />}
      {dialog === 'end' && <EndDialog onClose={closeDialog} onEnd={() => void playground.end()} />}
    </div>
  );
}
