// A button that opens a menu: arrow keys, Home, End and Escape work, and the focus returns to the button.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface MenuItem {
  label: string;
  /** Shown at the right: what else does the same. */
  hint?: string;
  /** A switch, and whether it is on. */
  isChecked?: boolean;
  onSelect: () => void;
}

interface MenuProps {
  /** Whose menu it is comes after it, in the button's text: "Session menu" of "ada". */
  label: string;
  items: MenuItem[];
  children: ComponentChildren;
}

export const menuButtonId = 'menu-button';

export function Menu({ label, items, children }: MenuProps) {
  const [isOpen, setIsOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  // Before the next key comes: an arrow right after the click belongs to the menu.
  useLayoutEffect(() => {
    if (!isOpen) return;
    entriesOf(root.current)[0]?.focus();
    const closeOutside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setIsOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [isOpen]);

  const select = (item: MenuItem) => {
    setIsOpen(false);
    button.current?.focus();
    item.onSelect();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      setIsOpen(false);
      button.current?.focus();
      if (event.key === 'Escape') event.preventDefault();
      return;
    }
    if (moveFocus(entriesOf(root.current), event.key)) event.preventDefault();
  };

  return (
    <div class="menu" ref={root}>
      <button
        id={menuButtonId}
        ref={button}
        type="button"
        class="button quiet"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span class="only-spoken">{label} of </span>
        {children}
      </button>
      {isOpen && (
        <div class="menu-list" role="menu" aria-label={label} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <MenuEntry key={item.label} item={item} onSelect={() => select(item)} />
          ))}
        </div>
      )}
    </div>
  );
}

function MenuEntry({ item, onSelect }: { item: MenuItem; onSelect: () => void }) {
  const isSwitch = item.isChecked !== undefined;
  return (
    <button
      type="button"
      class="menu-entry"
      tabIndex={-1}
      role={isSwitch ? 'menuitemcheckbox' : 'menuitem'}
      aria-checked={isSwitch ? item.isChecked : undefined}
      onClick={onSelect}
    >
      <span>{item.label}</span>
      {isSwitch && <span class="menu-hint">{item.isChecked ? 'on' : 'off'}</span>}
      {item.hint && <kbd class="menu-hint">{item.hint}</kbd>}
    </button>
  );
}

const entriesOf = (root: HTMLElement | null): HTMLElement[] => [
  ...(root?.querySelectorAll<HTMLElement>('.menu-entry') ?? []),
];

/** Whether `key` is one that moves, and did. */
function moveFocus(entries: HTMLElement[], key: string): boolean {
  const index = entries.indexOf(document.activeElement as HTMLElement);
  const last = entries.length - 1;
  const targets: Record<string, number> = {
    ArrowDown: index === last ? 0 : index + 1,
    ArrowUp: index <= 0 ? last : index - 1,
    Home: 0,
    End: last,
  };
  const target = targets[key];
  if (target === undefined) return false;
  entries[target]?.focus();
  return true;
}
