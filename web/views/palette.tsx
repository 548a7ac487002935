// Every command by a few letters of its name: Ctrl-K (Cmd-K), Escape back to the terminal.
import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

export interface PaletteEntry {
  /** Unique. */
  id: string;
  label: string;
  /** Its keys, as one reads them. */
  hint?: string;
  /** A choice that is made already. */
  isChosen?: boolean;
  run: () => void;
}

interface PaletteProps {
  entries: PaletteEntry[];
  /** Called in the same turn as the closing, before a command runs. */
  onClose: () => void;
  /** Ctrl-K once more: the shell's. */
  onPassOn: () => void;
}

/** The entries whose labels have all words of `wanted`; those that begin with it first. */
export function findEntries<T extends { label: string }>(entries: readonly T[], wanted: string): T[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
  const rank = ({ label }: T) => (words[0] !== undefined && label.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}

export function Palette({ entries, onClose, onPassOn }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [wanted, setWanted] = useState('');
  const [index, setIndex] = useState(0);
  const id = useId();
  const found = useMemo(() => findEntries(entries, wanted), [entries, wanted]);
  const current = found[Math.min(index, found.length - 1)];

  useLayoutEffect(() => dialog.current?.showModal(), []);
  useLayoutEffect(() => {
    dialog.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });
  const close = () => {
    dialog.current?.close();
    onClose();
  };
  const choose = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    close();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = found.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: index >= last ? 0 : index + 1,
      ArrowUp: index <= 0 ? last : index - 1,
      PageDown: Math.min(last, index + 8),
      PageUp: Math.max(0, index - 8),
    };
    const moved = moves[event.key];
    if (moved !== undefined) setIndex(Math.max(0, moved));
    else if (event.key === 'Enter' && !event.isComposing) choose(current);
    else if (event.ctrlKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      close();
      onPassOn();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') close();
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label="All commands"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={current && `${id}-${current.id}`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder="Find a command"
        value={wanted}
        onInput={(event) => {
          setWanted(event.currentTarget.value);
          setIndex(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} class="palette-list" role="listbox" aria-label="Commands">
        {found.map((entry) => (
          <div
            key={entry.id}
            id={`${id}-${entry.id}`}
            class="palette-entry"
            role="option"
            aria-selected={entry === current}
            onPointerMove={() => setIndex(found.indexOf(entry))}
            onClick={() => choose(entry)}
          >
            <span>{entry.label}</span>
            {entry.isChosen && <span class="menu-hint">chosen</span>}
            {entry.hint && <kbd class="menu-hint">{entry.hint}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p class="palette-none" role="status">
          There is no command with these words.
        </p>
      )}
    </dialog>
  );
}
