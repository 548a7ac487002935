// What can be done to the arrangement of terminals, and where they come to lie.
import assert from 'node:assert/strict';
import { isSplit, type Layout, layoutSchema, type LayoutNode } from '../../../../server/protocol/layout.ts';
import {
  addTab,
  arrange,
  isFull,
  moveTab,
  neighbourOf,
  paneOf,
  placeOfSplit,
  placeTab,
  removePane,
  renamePane,
  setShare,
  splitPane,
  terminalsOf,
} from '../../../../web/terminal/layout.ts';

/** A layout in short: "a (b|c) d" has three tabs, the second with c at the right of b; "/" is one above the other. */
const written = (node: LayoutNode): string =>
  isSplit(node)
    ? `(${written(node.first)}${node.split === 'row' ? '|' : '/'}${written(node.second)})`
    : node.terminal + (node.name ? `=${node.name}` : '');
const inShort = ({ tabs }: Layout): string => tabs.map(written).join(' ');

const one: Layout = { tabs: [{ terminal: 'a' }] };
const three = addTab(addTab(one, 'c', 'a'), 'b', 'a');
const split = splitPane(splitPane(three, 'b', 'row', 'x'), 'x', 'column', 'y');

describe('layout of terminals', () => {
  it('adds a tab behind the one in front', () => {
    assert.equal(inShort(three), 'a b c');
    assert.equal(inShort(addTab(three, 'd', 'c')), 'a b c d');
  });

  it('splits a pane to the right and below', () => assert.equal(inShort(split), 'a (b|(x/y)) c'));

  it('gives the room of a removed pane to its neighbour', () => {
    assert.equal(inShort(removePane(split, 'x')), 'a (b|y) c');
    assert.equal(inShort(removePane(removePane(split, 'x'), 'b')), 'a y c');
    assert.equal(inShort(removePane(split, 'a')), '(b|(x/y)) c');
    assert.equal(inShort(removePane(split, 'nobody')), inShort(split));
  });

  it('keeps the last terminal', () => assert.equal(inShort(removePane(one, 'a')), 'a'));

  it('names, cuts long names, and takes an empty name away', () => {
    const named = renamePane(split, 'y', '  watching  ');
    assert.equal(inShort(named), 'a (b|(x/y=watching)) c');
    assert.equal(inShort(renamePane(named, 'y', ' ')), inShort(split));
    assert.equal(paneOf(renamePane(one, 'a', 'n'.repeat(90)), 'a')?.name, 'n'.repeat(40));
  });

  it('moves tabs, at most to the ends', () => {
    assert.equal(inShort(moveTab(three, 0, 2)), 'b c a');
    assert.equal(inShort(moveTab(three, 2, -5)), 'c a b');
    assert.equal(inShort(moveTab(three, 1, 9)), 'a c b');
    assert.equal(inShort(moveTab(three, 7, 0)), 'a b c');
  });

  it('shows what runs, also what nobody arranged, and a first terminal where nothing runs', () => {
    assert.equal(inShort(arrange(undefined, [])), 'main');
    assert.equal(inShort(arrange(undefined, ['t1', 't2'])), 't1 t2');
    assert.equal(inShort(arrange(split, ['x', 'new'])), 'a (b|(x/y)) c new');
    const many = Array.from({ length: 12 }, (_, index) => `t${index}`);
    assert.equal(terminalsOf(arrange(one, many)).length, 8);
    assert.equal(isFull(arrange(one, many)), true);
  });

  it('makes only what the protocol takes', () => {
    for (const layout of [one, three, split, setShare(split, 1, '', 5), renamePane(split, 'y', 'ä'.repeat(99))]) {
      assert.deepEqual(layoutSchema.parse(JSON.parse(JSON.stringify(layout))), layout);
    }
  });
});

describe('places of panes', () => {
  const [, tab = { terminal: '' }] = split.tabs;

  it('fills the room without gaps', () => {
    const { panes, dividers } = placeTab(tab);
    assert.deepEqual(panes, [
      { terminal: 'b', left: 0, top: 0, width: 0.5, height: 1 },
      { terminal: 'x', left: 0.5, top: 0, width: 0.5, height: 0.5 },
      { terminal: 'y', left: 0.5, top: 0.5, width: 0.5, height: 0.5 },
    ]);
    assert.deepEqual(
      dividers.map(({ path, split: how, left, top, width, height }) => [path, how, left, top, width, height]),
      [
        ['', 'row', 0.5, 0, 0, 1],
        ['2', 'column', 0.5, 0.5, 0.5, 0],
      ],
    );
  });

  it('moves a divider inside its own split, within bounds', () => {
    const moved = setShare(split, 1, '2', 0.25).tabs[1] ?? tab;
    assert.deepEqual(
      placeTab(moved).panes.map(({ height }) => height),
      [1, 0.25, 0.75],
    );
    const [, far = tab] = setShare(split, 1, '', 0.001).tabs;
    assert.equal(placeTab(far).panes[0]?.width, 0.1);
    assert.deepEqual(placeOfSplit(tab, '2'), { left: 0.5, top: 0, width: 0.5, height: 1 });
  });

  it('finds the neighbour on each side', () => {
    const { panes } = placeTab(tab);
    assert.equal(neighbourOf(panes, 'b', 'right'), 'x');
    assert.equal(neighbourOf(panes, 'x', 'down'), 'y');
    assert.equal(neighbourOf(panes, 'y', 'up'), 'x');
    assert.equal(neighbourOf(panes, 'y', 'left'), 'b');
    assert.equal(neighbourOf(panes, 'b', 'left'), undefined);
    assert.equal(neighbourOf(panes, 'b', 'down'), undefined);
    assert.equal(neighbourOf(panes, 'nobody', 'down'), undefined);
  });

  it('prefers the neighbour that shares most of the edge', () => {
    const [, uneven = tab] = setShare(split, 1, '2', 0.3).tabs;
    assert.equal(neighbourOf(placeTab(uneven).panes, 'b', 'right'), 'y');
  });
});

describe('layout in the protocol', () => {
  const rejected: Record<string, unknown> = {
    'no tab': { tabs: [] },
    'a terminal twice': { tabs: [{ terminal: 'a' }, { terminal: 'a' }] },
    'more than eight terminals': { tabs: Array.from({ length: 9 }, (_, index) => ({ terminal: `t${index}` })) },
    'a name that is too long': { tabs: [{ terminal: 'a', name: 'x'.repeat(41) }] },
    'an id that is none': { tabs: [{ terminal: '../a' }] },
    'a share without room': {
      tabs: [{ split: 'row', share: 0.99, first: { terminal: 'a' }, second: { terminal: 'b' } }],
    },
    'something else': { tabs: [{ terminal: 'a', extra: 1 }] },
  };
  for (const [what, layout] of Object.entries(rejected)) {
    it(`does not take ${what}`, () => assert.equal(layoutSchema.safeParse(layout).success, false));
  }
});
