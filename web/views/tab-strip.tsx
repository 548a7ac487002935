// The tabs of the session's terminals: out of the way as long as there is one.
import { useRef, useState } from 'preact/hooks';
import { panesOf } from '../../server/protocol/layout.ts';
import { CloseIcon, PlusIcon } from '../components/icons.tsx';
import { isFull } from '../terminal/layout.ts';
import type { Workspace } from '../terminal/workspace.ts';

interface TabStripProps {
  workspace: Workspace;
  /** Keys of "New terminal", to say them. */
  addKeys: string;
  onRename: (terminal: string) => void;
  onClose: (terminal: string) => void;
}

export const tabIdOf = (index: number): string => `tab-${index}`;

export function TabStrip({ workspace, addKeys, onRename, onClose }: TabStripProps) {
  const layout = workspace.layout.value;
  const tabs = layout?.tabs ?? [];
  return (
    <div class="tab-strip">
      {tabs.length > 1 && <Tabs workspace={workspace} onRename={onRename} onClose={onClose} />}
      <button
        type="button"
        class="button quiet icon-button"
        title={`New terminal (${addKeys})`}
        aria-label="New terminal"
        disabled={!layout || isFull(layout)}
        onClick={() => workspace.add()}
      >
        <PlusIcon />
      </button>
    </div>
  );
}

function Tabs({ workspace, onRename, onClose }: Omit<TabStripProps, 'addKeys'>) {
  const list = useRef<HTMLDivElement>(null);
  const [dropIndex, setDropIndex] = useState<number>();
  const dragged = useRef<number | undefined>(undefined);
  const tabs = workspace.layout.value?.tabs ?? [];
  const active = workspace.activeTab.value;

  const focusTab = (index: number) => {
    const all = list.current?.querySelectorAll<HTMLElement>('[role=tab]') ?? [];
    all[(index + all.length) % all.length]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, index: number, terminal: string) => {
    const actions: Record<string, () => void> = {
      ArrowLeft: () => focusTab(index - 1),
      ArrowRight: () => focusTab(index + 1),
      Home: () => focusTab(0),
      End: () => focusTab(-1),
      F2: () => onRename(terminal),
      Delete: () => onClose(terminal),
    };
    if (event.ctrlKey || event.metaKey) return;
    if (event.altKey && event.shiftKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      const target = index + (event.key === 'ArrowLeft' ? -1 : 1);
      event.preventDefault();
      workspace.moveTab(index, target);
      focusTab(Math.min(Math.max(target, 0), tabs.length - 1));
    } else if (actions[event.key] && !event.altKey) {
      event.preventDefault();
      actions[event.key]?.();
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const from = dragged.current;
    if (from !== undefined && dropIndex !== undefined)
      workspace.moveTab(from, dropIndex > from ? dropIndex - 1 : dropIndex);
    setDropIndex(undefined);
  };
  const dragOver = (event: DragEvent, index: number) => {
    if (dragged.current === undefined || !(event.currentTarget instanceof HTMLElement)) return;
    event.preventDefault();
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setDropIndex(event.clientX > left + width / 2 ? index + 1 : index);
  };

  return (
    <div class="tabs" role="tablist" aria-label="Terminals" ref={list} onDrop={drop}>
      {tabs.map((tab, index) => {
        const panes = panesOf(tab);
        const shown = workspace.active.value;
        const terminal = (index === active ? shown?.id : undefined) ?? panes[0]?.terminal ?? '';
        const label = workspace.labelOf(terminal);
        return (
          <button
            key={panes.map((pane) => pane.terminal).join()}
            type="button"
            role="tab"
            id={tabIdOf(index)}
            class="tab"
            title={label}
            aria-selected={index === active}
            aria-controls={panes.map((pane) => `pane-${pane.terminal}`).join(' ')}
            aria-keyshortcuts="Delete F2"
            tabIndex={index === active ? 0 : -1}
            draggable
            data-drop={dropIndex === index ? 'before' : dropIndex === index + 1 ? 'after' : undefined}
            onClick={() => {
              workspace.activateTab(index);
              workspace.active.value?.xterm.focus();
            }}
            onDblClick={() => onRename(terminal)}
            onAuxClick={(event) => event.button === 1 && onClose(terminal)}
            onKeyDown={(event) => onKeyDown(event, index, terminal)}
            onDragStart={() => (dragged.current = index)}
            onDragOver={(event) => dragOver(event, index)}
            onDragEnd={() => {
              dragged.current = undefined;
              setDropIndex(undefined);
            }}
          >
            <span class="tab-label">{label}</span>
            {panes.length > 1 && (
              <span class="tab-count">
                {panes.length}
                <span class="only-spoken"> panes</span>
              </span>
            )}
            <span
              class="tab-close"
              aria-hidden="true"
              onClick={(event) => {
                event.stopPropagation();
                onClose(terminal);
              }}
            >
              <CloseIcon />
            </span>
          </button>
        );
      })}
    </div>
  );
}
