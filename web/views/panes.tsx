// The terminals themselves: each where the layout puts it, with lines between them that can be moved.
import { useRef, useState } from 'preact/hooks';
import { minShare } from '../../server/protocol/layout.ts';
import { type Place, placeOfSplit, placeTab, type PlacedDivider } from '../terminal/layout.ts';
import { TerminalView } from '../terminal/terminal-view.tsx';
import type { Workspace } from '../terminal/workspace.ts';

const percent = (share: number): string => `${share * 100}%`;

const boxOf = ({ left, top, width, height }: Place) => ({
  left: percent(left),
  top: percent(top),
  width: percent(width),
  height: percent(height),
});

interface PanesProps {
  workspace: Workspace;
  onTrustClipboard: () => void;
}

export function Panes({ workspace, onTrustClipboard }: PanesProps) {
  const tab = workspace.layout.value?.tabs[workspace.activeTab.value];
  const { panes, dividers } = tab ? placeTab(tab) : { panes: [], dividers: [] };
  const active = workspace.active.value;
  return (
    <main class="panes">
      {workspace.opened.value.map((terminal) => {
        const place = panes.find((pane) => pane.terminal === terminal.id);
        return (
          <section
            key={terminal.id}
            id={`pane-${terminal.id}`}
            class="pane"
            aria-label={`Terminal ${workspace.labelOf(terminal.id)}`}
            hidden={!place}
            data-active={panes.length > 1 && terminal === active}
            style={place ? boxOf(place) : undefined}
            onFocusIn={() => workspace.activate(terminal.id)}
          >
            <TerminalView terminal={terminal} isActive={terminal === active} onTrustClipboard={onTrustClipboard} />
          </section>
        );
      })}
      {tab &&
        dividers.map((divider) => (
          <Divider
            key={divider.path}
            divider={divider}
            room={placeOfSplit(tab, divider.path)}
            onMove={(share) => workspace.setShare(divider.path, share)}
            onLeave={() => active?.xterm.focus()}
          />
        ))}
    </main>
  );
}

interface DividerProps {
  divider: PlacedDivider;
  /** Of the split that it divides. */
  room: Place;
  onMove: (share: number) => void;
  onLeave: () => void;
}

const stepShare = 0.05;

function Divider({ divider, room, onMove, onLeave }: DividerProps) {
  const line = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<number>();
  const { split, share } = divider;
  const isRow = split === 'row';
  const at = dragged ?? share;
  // The terminals get their new sizes when it is let go: programs draw anew with each size.
  const place = isRow
    ? { ...divider, left: room.left + room.width * at }
    : { ...divider, top: room.top + room.height * at };

  const shareAt = (event: PointerEvent): number => {
    const all = line.current?.parentElement?.getBoundingClientRect();
    if (!all) return share;
    const where = isRow
      ? ((event.clientX - all.left) / all.width - room.left) / room.width
      : ((event.clientY - all.top) / all.height - room.top) / room.height;
    return Math.min(Math.max(where, minShare), 1 - minShare);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      [isRow ? 'ArrowLeft' : 'ArrowUp']: share - stepShare,
      [isRow ? 'ArrowRight' : 'ArrowDown']: share + stepShare,
      Home: minShare,
      End: 1 - minShare,
    };
    const moved = moves[event.key];
    if (moved !== undefined) onMove(moved);
    else if (event.key === 'Escape' || event.key === 'Enter') onLeave();
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={line}
      class="divider"
      role="separator"
      tabIndex={0}
      data-split={split}
      data-dragged={dragged !== undefined}
      aria-orientation={isRow ? 'vertical' : 'horizontal'}
      aria-label="Size of the panes"
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={minShare * 100}
      aria-valuemax={(1 - minShare) * 100}
      style={boxOf(place)}
      onKeyDown={onKeyDown}
      onDblClick={() => onMove(0.5)}
      onPointerDown={(event) => {
        line.current?.setPointerCapture(event.pointerId);
        setDragged(share);
      }}
      onPointerMove={(event) => dragged !== undefined && setDragged(shareAt(event))}
      onPointerUp={(event) => {
        if (dragged === undefined) return;
        setDragged(undefined);
        const moved = shareAt(event);
        if (Math.abs(moved - share) > 0.005) onMove(moved);
        onLeave();
      }}
      onPointerCancel={() => setDragged(undefined)}
    />
  );
}
