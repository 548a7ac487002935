// Search in the terminal in front: Enter goes up, Shift-Enter down, Escape back to the terminal.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { CaretIcon, CloseIcon } from '../components/icons.tsx';
import { choose, findMatches, type Match, maxMatches, patternOf, showMatch, type Wanted } from '../terminal/search.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface SearchBarProps {
  terminal: Terminal;
  onClose: () => void;
}

interface Result {
  words: string;
  shown?: Match;
}

function search({ xterm }: Terminal, wanted: Wanted, shown: Match | undefined, step: -1 | 0 | 1): Result {
  if (wanted.text === '') return { words: '' };
  let pattern: RegExp;
  try {
    pattern = patternOf(wanted);
  } catch {
    return { words: 'Not a regular expression' };
  }
  const matches = findMatches(xterm, pattern);
  const index = choose(matches, shown, step);
  const match = matches[index];
  if (!match) {
    xterm.clearSelection();
    return { words: 'Nothing found' };
  }
  showMatch(xterm, match);
  const more = matches.length === maxMatches ? ' or more' : '';
  return { words: `${index + 1} of ${matches.length}${more}`, shown: match };
}

export function SearchBar({ terminal, onClose }: SearchBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState<Wanted>({ text: '', isRegex: false, isCaseSensitive: false });
  const [result, setResult] = useState<Result>({ words: '' });
  useLayoutEffect(() => input.current?.focus(), []);

  const change = (changed: Partial<Wanted>) => {
    const next = { ...wanted, ...changed };
    setWanted(next);
    setResult(search(terminal, next, result.shown, 0));
    input.current?.focus();
  };
  const go = (step: -1 | 1) => setResult(search(terminal, wanted, result.shown, step));
  const close = () => {
    onClose();
    terminal.xterm.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && !event.isComposing) go(event.shiftKey ? 1 : -1);
    else return;
    event.preventDefault();
  };
  return (
    <search class="search-bar" onKeyDown={onKeyDown}>
      <input
        ref={input}
        type="text"
        aria-label="Search in the terminal"
        placeholder="Search"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={wanted.text}
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <span class="search-count" role="status">
        {result.words}
      </span>
      <Toggle
        label="Match case"
        sign="Aa"
        isOn={wanted.isCaseSensitive}
        onToggle={(isCaseSensitive) => change({ isCaseSensitive })}
      />
      <Toggle label="Regular expression" sign=".*" isOn={wanted.isRegex} onToggle={(isRegex) => change({ isRegex })} />
      <button type="button" class="button quiet icon-button turned" aria-label="Match above" onClick={() => go(-1)}>
        <CaretIcon />
      </button>
      <button type="button" class="button quiet icon-button" aria-label="Match below" onClick={() => go(1)}>
        <CaretIcon />
      </button>
      <button type="button" class="button quiet icon-button" aria-label="Close the search" onClick={close}>
        <CloseIcon />
      </button>
    </search>
  );
}

interface ToggleProps {
  label: string;
  sign: string;
  isOn: boolean;
  onToggle: (isOn: boolean) => void;
}

const Toggle = ({ label, sign, isOn, onToggle }: ToggleProps) => (
  <button
    type="button"
    class="button quiet icon-button search-toggle"
    aria-label={label}
    title={label}
    aria-pressed={isOn}
    onClick={() => onToggle(!isOn)}
  >
    {sign}
  </button>
);
