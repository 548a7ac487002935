// The life of one container in its pod: started, probed, started again when it ends, ended when the pod is.
import { chmod, mkdir, rename, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { toTime } from '../../apiserver/objects.ts';
import type { Clock, Disposable } from '../../common/clock.ts';
import { messageOf } from '../../common/errors.ts';
import type { EventText } from '../writer.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../types.ts';
import { startContainer, type ContainerRun, type Exit } from './container.ts';
import { processSpecOf, type Place, type ProcessSpec } from './environment.ts';
import { createProber } from './prober.ts';
import { isRestarted, nextBackOff, type BackOff } from './restart.ts';

const maxLogBytes = 10 * 1024 * 1024;
const killAfterMs = 10_000;
const firstPullBackOffMs = 2_000;

export interface ContainerWorkerOptions {
  pod: Pod;
  container: Container;
  isInit: boolean;
  place: Place;
  logDir: string;
  images: ReadonlyMap<string, readonly string[]>;
  baseEnv: Readonly<Record<string, string>>;
  clock: Clock;
  onChange(): void;
  tell(event: Omit<EventText, 'component' | 'fieldPath'>): void;
}

const waiting = (reason: string, message?: string): ContainerState => ({
  waiting: { reason, ...(message && { message }) },
});

/** Image names without tag or digest name the same command. */
const withoutTag = (image: string): string => image.replace(/@.*$/, '').replace(/:[^:/]+$/, '');

export class ContainerWorker {
  readonly #options: ContainerWorkerOptions;
  #state: ContainerState = waiting('ContainerCreating');
  #lastState: ContainerState = {};
  #isStarted = false;
  #isReady = false;
  #restartCount = 0;
  #runs = 0;
  #run: ContainerRun | undefined;
  #isEnding = false;
  #backOff: BackOff | undefined;
  #prober: Disposable | undefined;
  #timers = new Set<Disposable>();
  #starting: Promise<void> = Promise.resolve();
  #ended: Promise<void> = Promise.resolve();
  #kill: { timer: Disposable; dueMs: number } | undefined;

  constructor(options: ContainerWorkerOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.container.name;
  }

  get isRunning(): boolean {
    return this.#state.running !== undefined;
  }

  logFile(isPrevious = false): string {
    return path.join(this.#options.logDir, `${this.name}${isPrevious ? '.previous' : ''}.log`);
  }

  status(): ContainerStatus {
    const { container, pod } = this.#options;
    return {
      name: container.name,
      image: container.image,
      imageID: this.#runs ? `process://${withoutTag(container.image)}` : '',
      ...(this.#runs && { containerID: this.#id(pod) }),
      ready: this.#isReady,
      started: this.#isStarted,
      restartCount: this.#restartCount,
      state: this.#state,
      lastState: this.#lastState,
    };
  }

  #id = (pod: Pod): string => `process://${pod.metadata.uid}/${this.name}/${this.#runs}`;

  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { container, tell } = this.#options;
    const image = this.#options.images.get(container.image) ?? this.#options.images.get(withoutTag(container.image));
    if (!image) return this.#missImage();
    const words = {
      type: 'Normal',
      reason: 'Pulled',
      message: `Container image "${container.image}" already present on machine`,
    } as const;
    tell(words);
    try {
      const { pod, baseEnv, place } = this.#options;
      const spec = processSpecOf(pod, container, image, baseEnv, place);
      await this.#prepare();
      if (this.#isEnding) return;
      tell({ type: 'Normal', reason: 'Created', message: `Created container: ${container.name}` });
      await this.#launch(spec);
    } catch (fault) {
      this.#failToStart(fault);
    }
  }

  /** Asks the process to end, kills it after the grace; resolves when it is gone. Nothing is started after that. */
  async end(graceMs: number): Promise<void> {
    this.#isEnding = true;
    this.#forgetTimers();
    this.#prober?.dispose();
    await this.#starting;
    const run = this.#run;
    if (!run) return this.#ended;
    this.#options.tell({ type: 'Normal', reason: 'Killing', message: `Stopping container ${this.name}` });
    if (graceMs > 0) run.terminate();
    this.hasten(graceMs);
    await run.exited;
    this.#kill?.timer.dispose();
    await this.#ended;
  }

  /** Kills the process `graceMs` from now on, unless that is due earlier. */
  hasten(graceMs: number): void {
    const run = this.#run;
    const { clock } = this.#options;
    const dueMs = clock.now() + graceMs;
    if (!run || (this.#kill && this.#kill.dueMs <= dueMs)) return;
    this.#kill?.timer.dispose();
    this.#kill = { dueMs, timer: clock.after(graceMs, () => run.kill()) };
  }

  #missImage(): void {
    const { container, tell } = this.#options;
    const message = `failed to pull image "${container.image}": no command stands for this image on this machine`;
    tell({ type: 'Normal', reason: 'Pulling', message: `Pulling image "${container.image}"` });
    tell({ type: 'Warning', reason: 'Failed', message: `Failed to pull image "${container.image}": ${message}` });
    tell({ type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' });
    this.#set(waiting('ErrImagePull', message));
    this.#later(firstPullBackOffMs, () => {
      tell({ type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${container.image}"` });
      tell({ type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' });
      this.#set(waiting('ImagePullBackOff', `Back-off pulling image "${container.image}": ErrImagePull: ${message}`));
    });
  }

  async #prepare(): Promise<void> {
    const { place, logDir } = this.#options;
    for (const dir of [place.ownDir, logDir]) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await chmod(dir, 0o700);
    }
    if (this.#runs) await rename(this.logFile(), this.logFile(true)).catch(() => undefined);
  }

  async #launch(spec: ProcessSpec): Promise<void> {
    const { clock, container, place, tell } = this.#options;
    const run = await startContainer(spec, this.logFile());
    this.#run = run;
    this.#runs++;
    const startedMs = clock.now();
    this.#ended = run.exited.then((exit) => this.#onExit(exit, startedMs));
    tell({ type: 'Normal', reason: 'Started', message: `Started container ${container.name}` });
    if (this.#state.terminated) this.#lastState = this.#state;
    this.#state = { running: { startedAt: toTime(startedMs) } };
    if (!this.#options.isInit) this.#probe(spec, place);
    else this.#isStarted = true;
    this.#options.onChange();
    this.#watchLog();
  }

  #probe({ env, cwd, rewrite }: ProcessSpec, { podIp }: Place): void {
    const { container, clock, tell, onChange } = this.#options;
    this.#prober?.dispose();
    this.#prober = createProber(container, { podIp, ports: container.ports, env, cwd, rewrite }, clock, {
      onStarted: () => {
        this.#isStarted = true;
        onChange();
      },
      onReady: (isReady) => {
        this.#isReady = isReady;
        onChange();
      },
      onUnhealthy: (kind, message) =>
        tell({ type: 'Warning', reason: 'Unhealthy', message: `${kind} probe failed: ${message}` }),
      onFailed: (kind) => this.#killUnhealthy(kind),
    });
  }

  #killUnhealthy(kind: string): void {
    const run = this.#run;
    if (!run) return;
    const message = `Container ${this.name} failed ${kind.toLowerCase()} probe, will be restarted`;
    this.#options.tell({ type: 'Normal', reason: 'Killing', message });
    run.terminate();
    this.#later(killAfterMs, () => run.kill());
  }

  // Output goes to the file past this process, so its size is looked at from time to time.
  #watchLog(): void {
    this.#later(60_000, async () => {
      const size = await stat(this.logFile()).then(
        (s) => s.size,
        () => 0,
      );
      if (size > maxLogBytes) await truncate(this.logFile(), 0).catch(() => undefined);
      if (this.#run) this.#watchLog();
    });
  }

  #onExit({ exitCode, signal }: Exit, startedMs: number): void {
    const { clock, pod } = this.#options;
    // What it started and left behind in its group ends with it.
    this.#run?.kill();
    this.#run = undefined;
    this.#forgetTimers();
    this.#prober?.dispose();
    this.#isReady = false;
    this.#isStarted = false;
    this.#state = {
      terminated: {
        exitCode,
        ...(signal && { signal }),
        reason: exitCode === 0 ? 'Completed' : 'Error',
        startedAt: toTime(startedMs),
        finishedAt: toTime(clock.now()),
        containerID: this.#id(pod),
      },
    };
    if (!this.#isEnding) this.#restart(exitCode, clock.now() - startedMs);
    this.#options.onChange();
  }

  #restart(exitCode: number, ranMs: number): void {
    const { pod, isInit } = this.#options;
    const policy = isInit && pod.spec.restartPolicy === 'Always' ? 'OnFailure' : pod.spec.restartPolicy;
    if (!isRestarted(policy, exitCode)) return;
    this.#backOff = nextBackOff(this.#backOff, ranMs);
    const { delayMs } = this.#backOff;
    const again = () => {
      this.#restartCount++;
      void this.start();
    };
    if (!delayMs) return this.#later(0, again);
    const message = `back-off ${delayMs / 1000}s restarting failed container=${this.name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
    this.#options.tell({
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${this.name} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`,
    });
    this.#lastState = this.#state;
    this.#state = waiting('CrashLoopBackOff', message);
    this.#later(delayMs, again);
  }

  #failToStart(fault: unknown): void {
    const isConfig = fault instanceof Error && fault.name === 'ConfigError';
    const reason = isConfig ? 'CreateContainerConfigError' : 'RunContainerError';
    this.#options.tell({ type: 'Warning', reason: 'Failed', message: `Error: ${messageOf(fault)}` });
    this.#set(waiting(reason, messageOf(fault)));
    this.#backOff = nextBackOff(this.#backOff ?? { delayMs: 0 }, 0);
    this.#later(this.#backOff.delayMs, () => void this.start());
  }

  #set(state: ContainerState): void {
    if (this.#state.terminated) this.#lastState = this.#state;
    this.#state = state;
    this.#options.onChange();
  }

  #later(delayMs: number, callback: () => void): void {
    if (this.#isEnding) return;
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }

  #forgetTimers(): void {
    for (const timer of this.#timers) timer.dispose();
    this.#timers.clear();
  }
}
