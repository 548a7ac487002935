// The session at work: a quiet bar, and the terminals.
import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Session } from '../../server/protocol/rest.ts';
import { menuButtonId } from '../components/menu.tsx';
import type { TerminalsApi } from '../model/api.ts';
import type { Look } from '../model/appearance.ts';
import { type CommandId, commandInfo, keysOf, keyWords } from '../model/commands.ts';
import type { Playground } from '../model/playground.ts';
import type { SettingsStore } from '../model/settings.ts';
import { createRoundTripReport } from '../model/round-trips.ts';
import { browserTimers, createTurns } from '../model/timers.ts';
import { createOutputFeeder } from '../terminal/output-feed.ts';
import { createTerminal, type Terminal, type TerminalHost } from '../terminal/terminal.ts';
import { createWorkspace, type Workspace } from '../terminal/workspace.ts';
import { createCommands, menuItems, type Overlay, paletteEntries } from './commands.ts';
import { EndDialog, KeyboardDialog, RenameDialog } from './dialogs.tsx';
import { EndingNotice } from './ending-notice.tsx';
import { isWebAddress, LinkDialog } from './link-dialog.tsx';
import { Palette } from './palette.tsx';
import { Panes } from './panes.tsx';
import { PasteDialog } from './paste-dialog.tsx';
import { SearchBar } from './search-bar.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { TabStrip } from './tab-strip.tsx';
import { TopBar } from './top-bar.tsx';

interface WorkspaceProps {
  playground: Playground;
  terminals: TerminalsApi;
  session: Session;
  settings: SettingsStore;
  look: ReadonlySignal<Look>;
}

const activeKey = 'playground.terminal';
const isMac = /mac|iphone|ipad/i.test(navigator.platform);

const openMenu = (): void => document.getElementById(menuButtonId)?.click();
const randomWords = (count: number): number[] => [...crypto.getRandomValues(new Uint32Array(count))];

/** Kept for this browser tab; where storage is refused, the first terminal comes to the front after a reload. */
const remembered = {
  read: (): string | null => {
    try {
      return sessionStorage.getItem(activeKey);
    } catch {
      return null;
    }
  },
  write: (id: string): void => {
    try {
      sessionStorage.setItem(activeKey, id);
    } catch {
      // Nothing to do: it is a convenience.
    }
  },
};

function useWorkspace(props: WorkspaceProps, host: Omit<TerminalHost, 'onLayout'>): Workspace {
  const { playground, session, terminals, settings, look } = props;
  const roundTrips = useMemo(() => {
    const isVisible = () => document.visibilityState === 'visible';
    return createRoundTripReport({ timers: browserTimers, isVisible, send: playground.tellRoundTrips });
  }, []);
  useEffect(() => () => roundTrips.dispose(), [roundTrips]);
  // The host's functions are those of the last rendering, and the terminals outlive it.
  const current = useMemo(() => ({ host }), [session.id]);
  current.host = host;
  const workspace = useMemo(() => {
    const clientId = randomWords(4).join('-');
    const now = () => performance.now();
    const feeder = createOutputFeeder({ timers: browserTimers, now, yieldTurn: createTurns() });
    return createWorkspace({
      createTerminal: (id, title, onLayout) =>
        createTerminal({
          id,
          basePath: playground.basePath,
          clientId,
          title,
          isMac,
          feeder,
          onRoundTrip: (roundTripMs) => roundTrips.add(roundTripMs),
          settings: settings.current,
          look,
          host: {
            onKey: (action) => current.host.onKey(action),
            onLink: (address) => current.host.onLink(address),
            onRiskyPaste: (text) => current.host.onRiskyPaste(text),
            onLayout,
          },
        }),
      listTerminals: () => terminals.list(),
      endTerminal: (id) => terminals.end(id),
      createId: () => `t-${randomWords(1).map((word) => word.toString(36))}`,
      remembered,
    });
  }, [session.id]);
  useEffect(() => {
    void workspace.load();
    return () => workspace.dispose();
  }, [workspace]);
  useEffect(() => {
    const active = workspace.active.value;
    if (active?.isOpen.value) window.term = active.xterm;
    else delete window.term;
  });
  return workspace;
}

declare global {
  interface Window {
    /** The active terminal, for tests, benchmarks and browser extensions. */
    term?: Terminal['xterm'];
  }
}

/** A line that is refused or does not come back may mean that the session is gone: the gateway knows. */
function useSessionCheck(playground: Playground, workspace: Workspace): void {
  const connection = workspace.active.value?.connection.value;
  const isInTrouble =
    (connection?.name === 'waiting' && connection.attempt > 0) ||
    (connection?.name === 'closed' && !!connection.reason && connection.reason.name !== 'ShellExited');
  useEffect(() => {
    if (isInTrouble) void playground.checkSession();
  }, [connection]);
}

export function WorkspaceView(props: WorkspaceProps) {
  const { playground, session, settings } = props;
  const [overlay, setOverlay] = useState<Overlay>();
  const workspace = useWorkspace(props, {
    onKey: (action) => ('tab' in action ? workspace.activateTab(action.tab) : commands[action.command]()),
    onLink: (address) => {
      if (isWebAddress(address)) setOverlay({ name: 'link', address });
    },
    onRiskyPaste: (text) => setOverlay({ name: 'paste', text }),
  });
  useSessionCheck(playground, workspace);
  const commands = createCommands({ workspace, playground, settings, show: setOverlay, openMenu });

  const focusTerminal = () => workspace.active.value?.xterm.focus();
  const stay = () => {
    focusTerminal();
    void playground.staying.stay();
  };
  const closeOverlay = () => {
    setOverlay(undefined);
    focusTerminal();
  };
  const keysFor = (id: CommandId) => keyWords(keysOf(commandInfo(id), isMac)[0] ?? '', isMac);
  return (
    <div class="workspace">
      <TopBar
        session={session}
        now={playground.serverNow}
        user={playground.me.value?.user ?? undefined}
        terminal={workspace.active.value}
        items={[
          ...(session.end.canStay ? [{ label: 'Stay longer', onSelect: stay }] : []),
          ...menuItems(commands, settings.current.value, isMac),
        ]}
      >
        <TabStrip
          workspace={workspace}
          addKeys={keysFor('newTerminal')}
          onRename={(terminal) => setOverlay({ name: 'rename', terminal })}
          onClose={(terminal) => workspace.close(terminal)}
        />
      </TopBar>
      {workspace.active.value && (
        <EndingNotice playground={playground} session={session} terminal={workspace.active.value} />
      )}
      <Panes workspace={workspace} onTrustClipboard={() => settings.change({ clipboard: 'allow' })} />
      {overlay?.name === 'palette' && (
        <Palette
          entries={paletteEntries(workspace, commands, isMac)}
          onClose={closeOverlay}
          onPassOn={() => workspace.active.value?.send('\x0b')}
        />
      )}
      {overlay?.name === 'search' && workspace.active.value && (
        <SearchBar terminal={workspace.active.value} onClose={() => setOverlay(undefined)} />
      )}
      {overlay?.name === 'settings' && <SettingsDialog settings={settings} onClose={closeOverlay} />}
      {overlay?.name === 'link' && <LinkDialog address={overlay.address} onClose={closeOverlay} />}
      {overlay?.name === 'paste' && (
        <PasteDialog
          text={overlay.text}
          onPaste={() => workspace.active.value?.paste(overlay.text)}
          onAskNoMore={() => settings.change({ isPasteChecked: false })}
          onClose={closeOverlay}
        />
      )}
      {overlay?.name === 'keyboard' && <KeyboardDialog isMac={isMac} onClose={closeOverlay} />}
      {overlay?.name === 'end' && <EndDialog onClose={closeOverlay} onEnd={() => void playground.end()} />}
      {overlay?.name === 'rename' && (
        <RenameDialog
          name={workspace.labelOf(overlay.terminal)}
          onRename={(name) => workspace.rename(overlay.terminal, name)}
          onClose={closeOverlay}
        />
      )}
    </div>
  );
}
