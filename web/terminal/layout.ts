// What can be done to the arrangement of terminals, and where each comes to lie: pure functions over the protocol's layout.
import {
  isSplit,
  maxNameLength,
  maxTerminals,
  minShare,
  panesOf,
  type Layout,
  type LayoutNode,
  type Pane,
  type Split,
} from '../../server/protocol/layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** Where something lies in a tab, in shares of its room from 0 to 1. */
export interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface PlacedPane extends Place {
  terminal: string;
}

/** The line between two halves of a split; `path` finds the split from the tab's root: 1 first, 2 second. */
export interface PlacedDivider extends Place {
  path: string;
  split: Split['split'];
  share: number;
}

export const terminalsOf = ({ tabs }: Layout): string[] => tabs.flatMap(panesOf).map(({ terminal }) => terminal);

export const isFull = (layout: Layout): boolean => terminalsOf(layout).length >= maxTerminals;

/** The index of the tab that holds `terminal`; -1 without one. */
export const tabIndexOf = ({ tabs }: Layout, terminal: string): number =>
  tabs.findIndex((tab) => panesOf(tab).some((pane) => pane.terminal === terminal));

export const paneOf = (layout: Layout, terminal: string): Pane | undefined =>
  layout.tabs.flatMap(panesOf).find((pane) => pane.terminal === terminal);

/** `node` with its pane of `terminal` replaced by what `change` makes of it; undefined removes it, and its split with it. */
function changePane(
  node: LayoutNode,
  terminal: string,
  change: (pane: Pane) => LayoutNode | undefined,
): LayoutNode | undefined {
  if (!isSplit(node)) return node.terminal === terminal ? change(node) : node;
  const first = changePane(node.first, terminal, change);
  const second = changePane(node.second, terminal, change);
  if (!first || !second) return first ?? second;
  return first === node.first && second === node.second ? node : { ...node, first, second };
}

const changeTabs = ({ tabs }: Layout, terminal: string, change: (pane: Pane) => LayoutNode | undefined): Layout => ({
  tabs: tabs.map((tab) => changePane(tab, terminal, change)).filter((tab) => tab !== undefined),
});

const isSameNode = (a: LayoutNode | undefined, b: LayoutNode | undefined): boolean => {
  if (!a || !b) return a === b;
  if (!isSplit(a) || !isSplit(b)) return !isSplit(a) && !isSplit(b) && a.terminal === b.terminal && a.name === b.name;
  const isSameLine = a.split === b.split && a.share === b.share;
  return isSameLine && isSameNode(a.first, b.first) && isSameNode(a.second, b.second);
};

export const isSameLayout = (a: Layout, b: Layout): boolean =>
  a.tabs.length === b.tabs.length && a.tabs.every((tab, index) => isSameNode(tab, b.tabs[index]));

/** A tab with `added`, behind the one that holds `behind`. */
export function addTab(layout: Layout, added: string, behind: string): Layout {
  const tabs = [...layout.tabs];
  tabs.splice(tabIndexOf(layout, behind) + 1 || tabs.length, 0, { terminal: added });
  return { tabs };
}

/** Puts `added` at the right of, or below, `terminal`; they share its room. */
export const splitPane = (layout: Layout, terminal: string, split: Split['split'], added: string): Layout =>
  changeTabs(layout, terminal, (pane) => ({ split, share: 0.5, first: pane, second: { terminal: added } }));

/** Without `terminal`; its neighbour takes the room. The last one stays: a session has a terminal. */
export function removePane(layout: Layout, terminal: string): Layout {
  const left = changeTabs(layout, terminal, () => undefined);
  return left.tabs.length > 0 ? left : layout;
}

/** Names a terminal; an empty name gives it back to the program's title. */
export const renamePane = (layout: Layout, terminal: string, name: string): Layout => {
  const kept = name.trim().slice(0, maxNameLength).trim();
  return changeTabs(layout, terminal, (pane) => ({ terminal: pane.terminal, ...(kept ? { name: kept } : {}) }));
};

/** The tab at `from` comes to stand at `to`. */
export function moveTab(layout: Layout, from: number, to: number): Layout {
  const tabs = [...layout.tabs];
  const target = Math.min(Math.max(to, 0), tabs.length - 1);
  const [moved] = tabs.splice(from, 1);
  if (!moved) return layout;
  tabs.splice(target, 0, moved);
  return { tabs };
}

function changeShare(node: LayoutNode, path: string, share: number): LayoutNode {
  if (!isSplit(node)) return node;
  if (path === '') return { ...node, share: Math.min(Math.max(share, minShare), 1 - minShare) };
  const half = path.startsWith('1') ? 'first' : 'second';
  return { ...node, [half]: changeShare(node[half], path.slice(1), share) };
}

export const setShare = ({ tabs }: Layout, tabIndex: number, path: string, share: number): Layout => ({
  tabs: tabs.map((tab, index) => (index === tabIndex ? changeShare(tab, path, share) : tab)),
});

const whole: Place = { left: 0, top: 0, width: 1, height: 1 };

/** Where the two halves of a split lie. */
function halvesOf({ split, share }: Split, place: Place): [Place, Place] {
  const { left, top, width, height } = place;
  if (split === 'row') {
    const first = width * share;
    return [
      { left, top, width: first, height },
      { left: left + first, top, width: width - first, height },
    ];
  }
  const first = height * share;
  return [
    { left, top, width, height: first },
    { left, top: top + first, width, height: height - first },
  ];
}

/** Where the panes and dividers of a tab lie. */
export function placeTab(
  node: LayoutNode,
  place: Place = whole,
  path = '',
): { panes: PlacedPane[]; dividers: PlacedDivider[] } {
  if (!isSplit(node)) return { panes: [{ terminal: node.terminal, ...place }], dividers: [] };
  const { split, share } = node;
  const [first, second] = halvesOf(node, place);
  const divider = split === 'row' ? { ...second, width: 0 } : { ...second, height: 0 };
  const [one, two] = [placeTab(node.first, first, `${path}1`), placeTab(node.second, second, `${path}2`)];
  return {
    panes: [...one.panes, ...two.panes],
    dividers: [{ path, split, share, ...divider }, ...one.dividers, ...two.dividers],
  };
}

/** The room of the split at `path`: what its divider moves in. */
export function placeOfSplit(node: LayoutNode, path: string, place: Place = whole): Place {
  if (!isSplit(node) || path === '') return place;
  const [first, second] = halvesOf(node, place);
  const isFirst = path.startsWith('1');
  return placeOfSplit(isFirst ? node.first : node.second, path.slice(1), isFirst ? first : second);
}

const slack = 1e-6;

/** The pane next to `terminal` on that side, the one that shares most of its edge; undefined at the border. */
export function neighbourOf(panes: PlacedPane[], terminal: string, direction: Direction): string | undefined {
  const from = panes.find((pane) => pane.terminal === terminal);
  if (!from) return undefined;
  const isAcross = direction === 'left' || direction === 'right';
  const touches = (pane: PlacedPane): boolean => {
    const [before, after] = direction === 'left' || direction === 'up' ? [pane, from] : [from, pane];
    const end = isAcross ? before.left + before.width : before.top + before.height;
    return pane !== from && Math.abs(end - (isAcross ? after.left : after.top)) < slack;
  };
  const sharedEdge = (pane: PlacedPane): number =>
    isAcross
      ? Math.min(pane.top + pane.height, from.top + from.height) - Math.max(pane.top, from.top)
      : Math.min(pane.left + pane.width, from.left + from.width) - Math.max(pane.left, from.left);
  const candidates = panes.filter((pane) => touches(pane) && sharedEdge(pane) > slack);
  candidates.sort((a, b) => sharedEdge(b) - sharedEdge(a));
  return candidates[0]?.terminal;
}

/** What to show of a session: what was arranged, and a tab for each terminal that runs and was not. */
export function arrange(kept: Layout | undefined, running: readonly string[]): Layout {
  const tabs = kept ? [...kept.tabs] : [];
  const known = new Set(terminalsOf({ tabs }));
  for (const terminal of running) {
    if (known.has(terminal) || known.size >= maxTerminals) continue;
    known.add(terminal);
    tabs.push({ terminal });
  }
  return { tabs: tabs.length > 0 ? tabs : [{ terminal: firstTerminal }] };
}

/** The terminal of a session in which nobody has opened one. */
export const firstTerminal = 'main';
