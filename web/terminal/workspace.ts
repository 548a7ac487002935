// The terminals of a session as the user arranges them: which there are, which is in front, and the same in every browser.
import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Layout, panesOf, type Split } from '../../server/protocol/layout.ts';
import type { TerminalList } from '../../server/protocol/rest.ts';
import {
  addTab,
  arrange,
  type Direction,
  isFull,
  isSameLayout,
  moveTab,
  neighbourOf,
  paneOf,
  placeTab,
  removePane,
  renamePane,
  setShare,
  splitPane,
  tabIndexOf,
  terminalsOf,
} from './layout.ts';
import type { LayoutMessage } from './socket.ts';
import type { Terminal } from './terminal.ts';
import { createTerminals, type Terminals } from './terminals.ts';

export interface WorkspaceOptions {
  createTerminal(id: string, title: string, onLayout: (message: LayoutMessage) => void): Terminal;
  /** What runs, and how it was arranged. Rejects when the agent cannot be asked. */
  listTerminals(): Promise<TerminalList>;
  endTerminal(id: string): Promise<void>;
  createId(): string;
  /** Which terminal was in front, before the page was loaded again. */
  remembered: { read(): string | null; write(id: string): void };
}

export interface Workspace {
  /** undefined until it is known what runs. */
  readonly layout: ReadonlySignal<Layout | undefined>;
  readonly active: ReadonlySignal<Terminal | undefined>;
  /** The tab in front; -1 until it is known what runs. */
  readonly activeTab: ReadonlySignal<number>;
  /** Terminals that were in sight once, and are there since, in the order in which they came. */
  readonly opened: ReadonlySignal<readonly Terminal[]>;
  load(): Promise<void>;
  /** What to call a terminal: the user's name for it, the program's title, or its number. */
  labelOf(id: string): string;
  /** False when there are as many as there may be. */
  add(how?: Split['split']): boolean;
  /** Ends a terminal's programs and takes it away. */
  close(id: string): void;
  rename(id: string, name: string): void;
  activate(id: string): void;
  activateTab(index: number): void;
  /** To the pane on that side; at the border left and right go to the next tab. */
  go(direction: Direction): void;
  moveTab(from: number, to: number): void;
  setShare(path: string, share: number): void;
  dispose(): void;
}

export const createWorkspace = (options: WorkspaceOptions): Workspace => new Model(options);

class Model implements Workspace {
  readonly layout = signal<Layout>();
  readonly opened = signal<readonly Terminal[]>([]);
  readonly active: ReadonlySignal<Terminal | undefined>;
  readonly activeTab: ReadonlySignal<number>;
  readonly #options: WorkspaceOptions;
  readonly #terminals: Terminals;
  readonly #activeId = signal<string>();
  /** In which pane of a tab the user was last. */
  readonly #lastInTab = new Map<string, string>();
  #titles = new Map<string, string>();
  #revision = -1;
  /** What we arranged and the agent has not yet told everybody. */
  #sent: Layout | undefined;
  #unsent = false;
  readonly #watches = new Map<string, () => void>();

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#terminals = createTerminals((id) => this.#create(id));
    this.activeTab = computed(() => {
      const [layout, id] = [this.layout.value, this.#activeId.value];
      return layout && id !== undefined ? tabIndexOf(layout, id) : -1;
    });
    this.active = computed(() => this.opened.value.find(({ id }) => id === this.#activeId.value));
  }

  async load(): Promise<void> {
    const { terminals, layout }: TerminalList = await this.#options
      .listTerminals()
      // The line of the first terminal says what is wrong, and brings the layout when it works again.
      .catch(() => ({ terminals: [] }));
    this.#titles = new Map(terminals.map(({ id, title }) => [id, title]));
    this.#show(
      arrange(
        layout,
        terminals.map(({ id }) => id),
      ),
    );
  }

  labelOf(id: string): string {
    const layout = this.layout.value;
    const name = layout && paneOf(layout, id)?.name;
    if (name) return name;
    const terminal = this.opened.value.find((opened) => opened.id === id);
    const title = terminal ? terminal.title.value : this.#titles.get(id);
    return title?.trim() || `Terminal ${layout ? terminalsOf(layout).indexOf(id) + 1 : 1}`;
  }

  add(how?: Split['split']): boolean {
    const [layout, activeId] = [this.layout.peek(), this.#activeId.peek()];
    if (!layout || activeId === undefined || isFull(layout)) return false;
    const id = this.#options.createId();
    const changed = how ? splitPane(layout, activeId, how, id) : addTab(layout, id, activeId);
    batch(() => {
      this.#change(changed);
      this.activate(id);
    });
    return true;
  }

  close(id: string): void {
    void this.#options.endTerminal(id).catch(() => undefined);
    this.#remove(id);
  }

  rename(id: string, name: string): void {
    this.#changeBy((layout) => renamePane(layout, id, name));
  }

  activate(id: string): void {
    const layout = this.layout.peek();
    const tab = layout?.tabs[tabIndexOf(layout, id)];
    if (!tab) return;
    for (const pane of panesOf(tab)) this.#lastInTab.set(pane.terminal, id);
    batch(() => {
      this.#activeId.value = id;
      this.#openInSight();
    });
    this.#options.remembered.write(id);
  }

  activateTab(index: number): void {
    const tab = this.layout.peek()?.tabs[index];
    if (!tab) return;
    const ids = panesOf(tab).map(({ terminal }) => terminal);
    const last = ids.map((id) => this.#lastInTab.get(id)).find((id) => id !== undefined && ids.includes(id));
    this.activate(last ?? ids[0] ?? '');
  }

  go(direction: Direction): void {
    const [layout, id, index] = [this.layout.peek(), this.#activeId.peek(), this.activeTab.peek()];
    const tab = layout?.tabs[index];
    if (!layout || !tab || id === undefined) return;
    const neighbour = neighbourOf(placeTab(tab).panes, id, direction);
    if (neighbour !== undefined) return this.activate(neighbour);
    const step = { left: -1, right: 1, up: 0, down: 0 }[direction];
    if (step !== 0) this.activateTab((index + step + layout.tabs.length) % layout.tabs.length);
  }

  moveTab(from: number, to: number): void {
    this.#changeBy((layout) => moveTab(layout, from, to));
  }

  setShare(path: string, share: number): void {
    const index = this.activeTab.peek();
    this.#changeBy((layout) => setShare(layout, index, path, share));
  }

  dispose(): void {
    this.#keep(new Set());
  }

  #create(id: string): Terminal {
    const terminal = this.#options.createTerminal(id, this.#titles.get(id) ?? '', (message) => this.#receive(message));
    let isNew = true;
    let wasLive = false;
    const watch = effect(() => {
      const connection = terminal.connection.value;
      const isLive = connection.name === 'live';
      if (isLive && !wasLive && isNew) this.#flush();
      else if (isLive && !wasLive) this.#lineIsBack();
      isNew &&= !isLive;
      wasLive = isLive;
      // A shell that was left takes its pane along, unless it is the last one.
      if (connection.name === 'closed' && connection.reason?.name === 'ShellExited') this.#remove(id);
    });
    this.#watches.set(id, watch);
    return terminal;
  }

  #remove(id: string): void {
    const layout = this.layout.peek();
    if (!layout || tabIndexOf(layout, id) < 0 || terminalsOf(layout).length === 1) return;
    this.#change(removePane(layout, id));
  }

  #changeBy(change: (layout: Layout) => Layout): void {
    const layout = this.layout.peek();
    if (layout) this.#change(change(layout));
  }

  #change(layout: Layout): void {
    this.#show(layout);
    this.#unsent = true;
    this.#flush();
  }

  #flush(): void {
    const layout = this.layout.peek();
    if (!this.#unsent || !layout) return;
    if (!this.#terminals.all().some((terminal) => terminal.arrange(layout))) return;
    this.#unsent = false;
    this.#sent = layout;
  }

  /** What was sent over the old line may have been lost with it; the last one who arranges decides, so it may be sent twice. */
  #lineIsBack(): void {
    this.#unsent ||= this.#sent !== undefined;
    this.#sent = undefined;
    this.#revision = -1;
    this.#flush();
  }

  /** Every line of this page brings each change: only the first of them counts. */
  #receive({ revision, layout }: LayoutMessage): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    if (this.#sent && isSameLayout(this.#sent, layout)) this.#sent = undefined;
    if (!this.#sent && !this.#unsent) this.#show(layout);
  }

  #show(layout: Layout): void {
    const before = this.layout.peek();
    const ids = new Set(terminalsOf(layout));
    batch(() => {
      this.layout.value = layout;
      this.opened.value = this.opened.peek().filter(({ id }) => ids.has(id));
      const activeId = this.#activeId.peek();
      if (activeId === undefined || !ids.has(activeId)) this.#activateInstead(layout, before, activeId);
      else this.#openInSight();
    });
    this.#keep(ids);
  }

  #keep(ids: ReadonlySet<string>): void {
    for (const [id, unwatch] of this.#watches) {
      if (ids.has(id)) continue;
      unwatch();
      this.#watches.delete(id);
    }
    this.#terminals.keep(ids);
  }

  /** The terminal in front is gone, or none was yet: the one that took its room comes to the front, or the tab that took its place. */
  #activateInstead(layout: Layout, before: Layout | undefined, gone: string | undefined): void {
    const remembered = this.#options.remembered.read();
    const first = layout.tabs[0];
    let next = first && panesOf(first)[0]?.terminal;
    if (gone === undefined && remembered !== null && tabIndexOf(layout, remembered) >= 0) next = remembered;
    if (gone !== undefined && before) {
      const index = tabIndexOf(before, gone);
      const siblings = before.tabs[index] ? panesOf(before.tabs[index]) : [];
      const sibling = siblings.find(({ terminal }) => tabIndexOf(layout, terminal) >= 0);
      const tab = layout.tabs[Math.min(Math.max(index, 0), layout.tabs.length - 1)];
      next = sibling?.terminal ?? (tab && panesOf(tab)[0]?.terminal) ?? next;
    }
    if (next !== undefined) this.activate(next);
  }

  /** Terminals are opened when they come into sight; programs in those that nobody sees may take longer. */
  #openInSight(): void {
    const tab = this.layout.peek()?.tabs[this.activeTab.peek()];
    const inSight = (tab ? panesOf(tab) : []).map(({ terminal }) => this.#terminals.get(terminal));
    const opened = this.opened.peek();
    const fresh = inSight.filter((terminal) => !opened.includes(terminal));
    if (fresh.length > 0) this.opened.value = [...opened, ...fresh];
    for (const terminal of this.#terminals.all()) terminal.setInSight(inSight.includes(terminal));
  }
}
