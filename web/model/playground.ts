// What the page knows and what the user can do: signals, filled by the gateway's answers and events.
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { EnvironmentSummary, Me, Session } from '../../server/protocol/rest.ts';
import { type Api, ApiFault } from './api.ts';
import type { SessionEvents } from './event-stream.ts';
import { type Happening, Happenings } from './happenings.ts';
import { createStaying, type Staying } from './staying.ts';
import type { Timers } from './timers.ts';
import { terminalPath, type View, viewOf, welcomePath } from './view.ts';

export interface PlaygroundOptions {
  /** What all addresses of the playground begin with; '' where it has the host for itself. */
  basePath: string;
  api: Api;
  openEvents: (events: SessionEvents) => { dispose(): void };
  timers: Pick<Timers, 'now' | 'after'>;
  /** In [0, 1). */
  random: () => number;
  /** The same by the gateway's clock. */
  serverNow: () => number;
  /** The browser's address and history, below `basePath`. */
  history: { path(): string; push(path: string): void; replace(path: string): void; leaveTo(path: string): void };
}

export interface Playground {
  readonly basePath: string;
  readonly me: ReadonlySignal<Me | undefined>;
  readonly environments: ReadonlySignal<EnvironmentSummary[] | undefined>;
  readonly session: ReadonlySignal<Session | null | undefined>;
  /** What happened while the session starts, oldest first. */
  readonly progress: ReadonlySignal<Happening[]>;
  /** When the session was asked for, in ms since the epoch. */
  readonly startedMs: ReadonlySignal<number | undefined>;
  readonly view: ReadonlySignal<View>;
  /** True while a request of the user is under way: its button waits. */
  readonly isBusy: ReadonlySignal<boolean>;
  readonly staying: Staying;
  /** ms since the epoch, by the gateway's clock: ends are told in its time. */
  serverNow(): number;
  /** Asks the gateway for everything; where the address asks for a terminal, signs in and starts one. */
  load(): Promise<void>;
  /** The address changed by the browser's own buttons. */
  pathChanged(): void;
  /** Leads through the sign-in and back to this address. */
  signIn(): void;
  signOut(): Promise<void>;
  start(environment: string): Promise<void>;
  /** Starts the environment of the session that has ended. */
  startAgain(): Promise<void>;
  /** Goes to the terminal of the running session. */
  resume(): void;
  end(sentence?: string): Promise<void>;
  /** Starts the environment of the failed session again. */
  retry(): Promise<void>;
  goHome(): void;
  /** Once more what the user asked for last, after a fault. */
  tryAgain(): Promise<void>;
  /** For the gateway's metrics. */
  readonly tellRoundTrips: Api['tellRoundTrips'];
  /** Asks whether the session is still there: the terminal's line was refused. */
  checkSession(): Promise<void>;
}

/** A session that is ending is none: asking for a new one waits for its end. */
const ifAlive = (session: Session | null): Session | null => (session?.state === 'ending' ? null : session);

const retrySeconds = 5;

const goneSentence = 'Your session is no longer there. Sessions end when their time is over or nobody uses them.';
const endedByUserSentence = 'You ended this session. Its pod and all that was in it are gone.';
const cancelledSentence = 'You cancelled the start. Nothing is left of it.';

export const createPlayground = (options: PlaygroundOptions): Playground => new Model(options);

class Model implements Playground {
  readonly basePath: string;
  readonly me = signal<Me>();
  readonly environments = signal<EnvironmentSummary[]>();
  readonly session = signal<Session | null>();
  readonly progress: ReadonlySignal<Happening[]>;
  readonly startedMs: ReadonlySignal<number | undefined>;
  readonly isBusy = signal(false);
  readonly staying: Staying;
  readonly serverNow: () => number;
  readonly view: ReadonlySignal<View>;
  readonly tellRoundTrips: Api['tellRoundTrips'];
  readonly #path: ReturnType<typeof signal<string>>;
  readonly #ended = signal<string>();
  readonly #fault = signal<ApiFault>();
  readonly #options: PlaygroundOptions;
  readonly #happenings: Happenings;
  #events: { dispose(): void } | undefined;
  #retry: { dispose(): void } | undefined;
  #lastAction: () => Promise<void> = () => this.load();
  #lastEnvironment: string | undefined;
  /** An end that the user asked for: the gateway's own word for it is not shown. */
  #endingSentence: string | undefined;

  constructor(options: PlaygroundOptions) {
    this.#options = options;
    this.serverNow = options.serverNow;
    this.#happenings = new Happenings(options.timers.now);
    this.progress = this.#happenings.all;
    this.startedMs = this.#happenings.startedMs;
    this.staying = createStaying({
      api: options.api,
      onSession: (session) => this.#updateSession(session),
      onRefused: () => void this.checkSession(),
    });
    this.tellRoundTrips = options.api.tellRoundTrips;
    this.basePath = options.basePath;
    this.#path = signal(options.history.path());
    this.view = computed(() =>
      viewOf({
        path: this.#path.value ?? welcomePath,
        me: this.me.value,
        session: this.session.value,
        endedSentence: this.#ended.value,
        fault: this.#fault.value,
      }),
    );
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      const { api } = this.#options;
      const [me, environments] = await Promise.all([api.me(), api.environments()]);
      const session = me.user ? ifAlive(await api.session()) : null;
      batch(() => {
        this.me.value = me;
        this.environments.value = environments;
        this.#setSession(session);
      });
      await this.#followAddress();
    });
  }

  pathChanged(): void {
    this.#path.value = this.#options.history.path();
    this.#ended.value = undefined;
    void this.#attempt(() => this.#followAddress());
  }

  signIn(): void {
    const redirectPath = this.#path.value === terminalPath ? terminalPath : welcomePath;
    this.#options.history.leaveTo(`/login?redirectPath=${redirectPath}`);
  }

  async signOut(): Promise<void> {
    await this.#attempt(async () => {
      await this.#options.api.signOut();
      this.#options.history.leaveTo(welcomePath);
    });
  }

  async start(environment: string): Promise<void> {
    this.#go(terminalPath);
    await this.#attempt(() => this.#create(environment));
  }

  async startAgain(): Promise<void> {
    const environment = this.#lastEnvironment ?? this.#defaultEnvironment()?.name;
    if (environment !== undefined) await this.start(environment);
  }

  resume(): void {
    this.#go(terminalPath);
  }

  async end(sentence = endedByUserSentence): Promise<void> {
    this.#endingSentence = this.session.value?.state === 'ready' ? sentence : cancelledSentence;
    await this.#attempt(async () => {
      await this.#options.api.endSession();
      this.#showEnded(this.#endingSentence ?? sentence);
    });
    this.#endingSentence = undefined;
  }

  async retry(): Promise<void> {
    const environment = this.session.value?.environment;
    await this.#attempt(async () => {
      if (environment === undefined) return this.#followAddress();
      // The gateway puts a new session in the place of one that has failed; the stream would tell the old one's end.
      this.#closeEvents();
      await this.#create(environment);
    });
  }

  tryAgain(): Promise<void> {
    return this.#attempt(this.#lastAction);
  }

  goHome(): void {
    this.#retry?.dispose();
    batch(() => {
      this.#fault.value = undefined;
      this.#ended.value = undefined;
      this.#go(welcomePath);
    });
    if (!this.me.value) void this.load();
  }

  async checkSession(): Promise<void> {
    const before = this.session.value;
    try {
      const session = await this.#options.api.session();
      if (session === null && before && this.session.value === before) this.#showEnded(goneSentence);
    } catch (fault) {
      // Any other fault may be the network's: the terminal goes on trying.
      if (fault instanceof ApiFault && fault.status === 401) this.#signedOut();
    }
  }

  async #followAddress(): Promise<void> {
    if (this.#path.value !== terminalPath || !this.me.value) return;
    if (!this.me.value.user) return this.signIn();
    const environment = this.#defaultEnvironment();
    if (!this.session.value && environment) await this.#create(environment.name);
  }

  #defaultEnvironment(): EnvironmentSummary | undefined {
    const environments = this.environments.value ?? [];
    return environments.find((environment) => environment.isDefault) ?? environments[0];
  }

  async #create(environment: string): Promise<void> {
    batch(() => {
      this.#ended.value = undefined;
      this.session.value = null;
      this.#happenings.begin();
    });
    this.#setSession(await this.#options.api.createSession(environment));
  }

  #setSession(session: Session | null): void {
    this.session.value = session;
    this.#lastEnvironment = session?.environment ?? this.#lastEnvironment;
    if (session) this.#happenings.adopt(session.createdAt);
    if (session && !this.#events) this.#events = this.#options.openEvents(this.#handlers());
  }

  #handlers(): SessionEvents {
    return {
      onSession: (session) => this.#updateSession(session),
      onProgress: (progress) => this.#happenings.add(progress),
      onEnded: ({ sentence }) => this.#showEnded(this.#endingSentence ?? sentence),
      onRefused: () => void this.checkSession(),
    };
  }

  #updateSession(session: Session): void {
    if (this.#endingSentence === undefined) this.session.value = session;
  }

  #showEnded(sentence: string): void {
    this.#closeEvents();
    batch(() => {
      this.session.value = null;
      this.#happenings.clear();
      this.#ended.value = sentence;
    });
    // A reload of what has ended should not start anew by itself.
    this.#options.history.replace(welcomePath);
    this.#path.value = welcomePath;
  }

  #closeEvents(): void {
    this.#events?.dispose();
    this.#events = undefined;
  }

  #go(path: string): void {
    if (this.#path.value === path) return;
    this.#options.history.push(path);
    this.#path.value = path;
  }

  /** Runs what the user asked for, one at a time; a fault becomes the view, and one that passes is tried again, behind that view. */
  async #attempt(action: () => Promise<void>, isRepeated = false): Promise<void> {
    this.#retry?.dispose();
    this.#lastAction = action;
    this.isBusy.value = true;
    try {
      if (!isRepeated) this.#fault.value = undefined;
      await action();
      this.#fault.value = undefined;
    } catch (fault) {
      if (!(fault instanceof ApiFault)) throw fault;
      if (fault.status === 401) return this.#signedOut();
      this.#fault.value = fault;
      if (fault.isPassing) this.#repeatLater(action, fault.retryAfterSeconds);
    } finally {
      this.isBusy.value = false;
    }
  }

  #repeatLater(action: () => Promise<void>, seconds = retrySeconds): void {
    const { timers, random } = this.#options;
    // All pages were refused at the same time; they should not come back so.
    const delayMs = seconds * 1000 * (1 + random() / 4);
    this.#retry = timers.after(delayMs, () => void this.#attempt(action, true));
  }

  #signedOut(): void {
    this.#closeEvents();
    batch(() => {
      this.#fault.value = undefined;
      if (this.me.value) this.me.value = { ...this.me.value, user: null };
      this.session.value = null;
      this.#go(welcomePath);
    });
  }
}
