// Which terminals there are and which is in front, with terminals that only tell what was asked of them.
import assert from 'node:assert/strict';
import { signal } from '@preact/signals';
import { closeReasons } from '../../../../server/protocol/close-codes.ts';
import type { Layout } from '../../../../server/protocol/layout.ts';
import type { TerminalSummary } from '../../../../server/protocol/rest.ts';
import type { Connection } from '../../../../web/terminal/connection.ts';
import { terminalsOf } from '../../../../web/terminal/layout.ts';
import type { LayoutMessage } from '../../../../web/terminal/socket.ts';
import type { Terminal } from '../../../../web/terminal/terminal.ts';
import { createWorkspace } from '../../../../web/terminal/workspace.ts';

class StubTerminal {
  readonly connection = signal<Connection>({ name: 'live' });
  readonly title = signal('');
  readonly arranged: Layout[] = [];
  isInSight = false;
  isDisposed = false;
  readonly id: string;
  readonly tell: (message: LayoutMessage) => void;

  constructor(id: string, title: string, tell: (message: LayoutMessage) => void) {
    this.id = id;
    this.title.value = title;
    this.tell = tell;
  }

  arrange(layout: Layout): boolean {
    if (this.connection.value.name !== 'live') return false;
    this.arranged.push(layout);
    return true;
  }

  setInSight(isInSight: boolean): void {
    this.isInSight = isInSight;
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

interface Given {
  running?: { id: string; title?: string }[];
  layout?: Layout;
  remembered?: string;
}

async function setUp({ running = [], layout, remembered }: Given = {}) {
  const stubs = new Map<string, StubTerminal>();
  const ended: string[] = [];
  let front = remembered ?? null;
  let ids = 0;
  const workspace = createWorkspace({
    createTerminal(id, title, onLayout) {
      const stub = new StubTerminal(id, title, onLayout);
      stubs.set(id, stub);
      return stub as unknown as Terminal;
    },
    listTerminals: async () => ({
      terminals: running.map(({ id, title = '' }) => ({ id, title }) as TerminalSummary),
      ...(layout ? { layout } : {}),
    }),
    endTerminal: async (id) => void ended.push(id),
    createId: () => `t${++ids}`,
    remembered: { read: () => front, write: (id) => (front = id) },
  });
  await workspace.load();
  const stub = (id: string): StubTerminal => stubs.get(id) ?? assert.fail(`${id} was never opened`);
  const shown = () => (workspace.layout.value ? terminalsOf(workspace.layout.value).join(' ') : '');
  return { workspace, stub, stubs, ended, shown, active: () => workspace.active.value?.id, front: () => front };
}

const tabs = (...terminals: string[]): Layout => ({ tabs: terminals.map((terminal) => ({ terminal })) });
const closedBy = (reason: (typeof closeReasons)['shellExited']): Connection => ({ name: 'closed', reason });

describe('workspace', () => {
  it('opens what is in sight, and the rest when it comes into sight', async () => {
    const { workspace, stubs, stub, active } = await setUp({ running: [{ id: 'a' }, { id: 'b', title: 'vim' }] });
    assert.equal(active(), 'a');
    assert.deepEqual([...stubs.keys()], ['a']);
    assert.equal(workspace.labelOf('b'), 'vim');
    workspace.activateTab(1);
    assert.equal(active(), 'b');
    assert.deepEqual([stub('a').isInSight, stub('b').isInSight], [false, true]);
  });

  it('comes back to the terminal that was in front', async () => {
    const { active, front } = await setUp({ layout: tabs('a', 'b'), remembered: 'b' });
    assert.equal(active(), 'b');
    assert.equal(front(), 'b');
  });

  it('begins with a terminal where none runs, or nobody says', async () => {
    const { shown, active } = await setUp();
    assert.deepEqual([shown(), active()], ['main', 'main']);
  });

  it('adds, splits and tells the agent each time', async () => {
    const { workspace, shown, active, stub } = await setUp();
    assert.equal(workspace.add(), true);
    assert.equal(workspace.add('row'), true);
    assert.deepEqual([shown(), active()], ['main t1 t2', 't2']);
    assert.equal(stub('main').arranged.length, 2);
    assert.deepEqual([stub('main').isInSight, stub('t1').isInSight, stub('t2').isInSight], [false, true, true]);
  });

  it('refuses a ninth', async () => {
    const { workspace, shown } = await setUp({ layout: tabs('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h') });
    assert.equal(workspace.add(), false);
    assert.equal(shown(), 'a b c d e f g h');
  });

  it('closes: its programs end, and the neighbour comes to the front', async () => {
    const { workspace, stub, ended, shown, active } = await setUp({ layout: tabs('a', 'b', 'c') });
    workspace.activate('b');
    workspace.close('b');
    assert.deepEqual([ended, shown(), active(), stub('b').isDisposed], [['b'], 'a c', 'c', true]);
    workspace.close('c');
    assert.equal(active(), 'a');
  });

  it('ends the shell of the last one, and keeps its place', async () => {
    const { workspace, ended, shown } = await setUp();
    workspace.close('main');
    assert.deepEqual([ended, shown()], [['main'], 'main']);
  });

  it('takes a pane away when its shell is left, but not the last one', async () => {
    const { stub, shown, workspace } = await setUp({ layout: tabs('a', 'b') });
    workspace.activate('b');
    stub('a').connection.value = closedBy(closeReasons.shellExited);
    assert.equal(shown(), 'b');
    stub('b').connection.value = closedBy(closeReasons.shellExited);
    assert.equal(shown(), 'b');
  });

  it('goes to the pane on that side, and at the border to the next tab', async () => {
    const { workspace, active } = await setUp({ layout: tabs('a', 'b') });
    workspace.add('row');
    assert.equal(active(), 't1');
    workspace.go('left');
    assert.equal(active(), 'a');
    workspace.go('up');
    assert.equal(active(), 'a');
    workspace.go('left');
    assert.equal(active(), 'b');
    workspace.go('right');
    assert.equal(active(), 'a', 'the pane where one was last');
  });

  it('names what the user names, else what the program says, else by number', async () => {
    const { workspace, stub } = await setUp({ layout: tabs('a', 'b') });
    assert.equal(workspace.labelOf('b'), 'Terminal 2');
    workspace.activate('b');
    stub('b').title.value = 'less';
    assert.equal(workspace.labelOf('b'), 'less');
    workspace.rename('b', 'logs');
    assert.equal(workspace.labelOf('b'), 'logs');
  });

  describe('with a second browser', () => {
    it('shows what that one arranges, once for all lines', async () => {
      const { workspace, stub, shown, active } = await setUp({ layout: tabs('a', 'b') });
      workspace.activate('b');
      for (const id of ['a', 'b']) stub(id).tell({ type: 'layout', revision: 3, layout: tabs('b', 'c', 'a') });
      assert.equal(shown(), 'b c a');
      stub('a').tell({ type: 'layout', revision: 2, layout: tabs('a') });
      assert.deepEqual([shown(), active()], ['b c a', 'b']);
      stub('a').tell({ type: 'layout', revision: 4, layout: tabs('c', 'a') });
      assert.deepEqual([shown(), active()], ['c a', 'c']);
    });

    it('lets its own change stand until the agent has told it to all: the last one decides', async () => {
      const { workspace, stub, shown } = await setUp({ layout: tabs('a', 'b') });
      workspace.moveTab(0, 1);
      stub('a').tell({ type: 'layout', revision: 1, layout: tabs('a', 'b', 'c') });
      assert.equal(shown(), 'b a');
      stub('a').tell({ type: 'layout', revision: 2, layout: tabs('b', 'a') });
      stub('a').tell({ type: 'layout', revision: 3, layout: tabs('c') });
      assert.equal(shown(), 'c');
    });

    it('tells what it arranged while the line was down, and what may be lost with it', async () => {
      const { workspace, stub } = await setUp({ layout: tabs('a', 'b') });
      const { connection, arranged, tell } = stub('a');
      workspace.moveTab(0, 1);
      connection.value = { name: 'connecting', attempt: 1 };
      workspace.rename('a', 'kept');
      assert.equal(arranged.length, 1);
      connection.value = { name: 'live' };
      assert.equal(arranged.length, 2);
      tell({ type: 'layout', revision: 1, layout: tabs('b', 'a') });
      assert.equal(workspace.labelOf('a'), 'kept');
      tell({ type: 'layout', revision: 2, layout: arranged[1] ?? assert.fail('nothing was sent') });
      connection.value = { name: 'connecting', attempt: 1 };
      connection.value = { name: 'live' };
      assert.equal(arranged.length, 2, 'what the agent has told is not sent again');
      assert.equal(workspace.labelOf('a'), 'kept');
    });
  });
});
