// The life of one pod on this machine: directories, address, containers in order, deadline, and its end.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Disposable } from '../../common/clock.ts';
import { messageOf } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import type { Container, Pod } from '../types.ts';
import type { Writer } from '../writer.ts';
import { ContainerWorker } from './container-worker.ts';
import type { Place } from './environment.ts';
import type { ProcessTable } from './processes.ts';
import { phaseOf, podStatusOf, type Observed } from './status.ts';

export interface PodWorkerOptions {
  pod: Pod;
  podIp: string;
  hostIp: string;
  nodeName: string;
  /** The pod's own directory; made and removed here. */
  dir: string;
  processes: ProcessTable;
  images: ReadonlyMap<string, readonly string[]>;
  baseEnv: Readonly<Record<string, string>>;
  writer: Writer;
  clock: Clock;
  logger: Logger;
}

const defaultGraceSeconds = 30;

export class PodWorker {
  readonly #options: PodWorkerOptions;
  readonly #startedMs: number;
  readonly #initContainers: ContainerWorker[];
  readonly #containers: ContainerWorker[];
  #failure: Observed['failure'];
  #deadline: Disposable | undefined;
  #deadlineSeconds: number | undefined;
  #end: Promise<void> | undefined;
  #advancing = false;

  constructor(options: PodWorkerOptions) {
    this.#options = options;
    this.#startedMs = options.clock.now();
    const { spec } = options.pod;
    this.#initContainers = (spec.initContainers ?? []).map((container) => this.#createWorker(container, true));
    this.#containers = spec.containers.map((container) => this.#createWorker(container, false));
  }

  get podIp(): string {
    return this.#options.podIp;
  }

  /** The container of that name, or the only one. */
  find(name: string | null): ContainerWorker | undefined {
    return name ? this.#allContainers.find((worker) => worker.name === name) : this.#containers[0];
  }

  /** Starts everything; faults become events. */
  async start(): Promise<void> {
    const { pod, logger } = this.#options;
    this.#watchDeadline(pod);
    this.#report();
    try {
      const unknown = (pod.spec.volumes ?? []).find(({ emptyDir }) => !emptyDir);
      if (unknown) throw new Error(`volume "${unknown.name}": only emptyDir is served here`);
      for (const dir of this.#volumes().values()) await mkdir(dir, { recursive: true, mode: 0o700 });
      this.#advance();
    } catch (fault) {
      logger.warn({ pod: pod.metadata.name, fault: messageOf(fault) }, 'volumes failed');
      this.#tell('Warning', 'FailedMount', `MountVolume.SetUp failed: ${messageOf(fault)}`);
    }
  }

  /** What a change of the pod asks for: a shorter deadline, or its end. */
  update(pod: Pod): void {
    this.#watchDeadline(pod);
    if (pod.metadata.deletionTimestamp) void this.terminate(pod.metadata.deletionGracePeriodSeconds);
  }

  /** Ends all containers within the grace, removes what the pod had on this machine, then the pod itself. Asked again, the shorter grace holds. */
  terminate(graceSeconds = this.#options.pod.spec.terminationGracePeriodSeconds ?? defaultGraceSeconds): Promise<void> {
    const graceMs = graceSeconds * 1000;
    if (this.#end) for (const worker of this.#allContainers) worker.hasten(graceMs);
    this.#end ??= this.#terminate(graceMs);
    return this.#end;
  }

  get #allContainers(): ContainerWorker[] {
    return [...this.#initContainers, ...this.#containers];
  }

  async #terminate(graceMs: number): Promise<void> {
    const { dir, pod, writer } = this.#options;
    this.#deadline?.dispose();
    await this.#stopContainers(graceMs);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    writer.removePod(pod);
  }

  async #stopContainers(graceMs: number): Promise<void> {
    await Promise.all(this.#allContainers.map((worker) => worker.end(graceMs)));
    await this.#options.processes.killAll(this.#options.dir);
  }

  #volumes(): Map<string, string> {
    const { pod, dir } = this.#options;
    return new Map((pod.spec.volumes ?? []).map(({ name }) => [name, path.join(dir, 'volumes', name)]));
  }

  #createWorker(container: Container, isInit: boolean): ContainerWorker {
    const { pod, dir, podIp, hostIp, nodeName, images, baseEnv, clock, writer } = this.#options;
    const place: Place = {
      podIp,
      hostIp,
      nodeName,
      volumes: this.#volumes(),
      ownDir: path.join(dir, 'containers', container.name),
    };
    const fieldPath = `spec.${isInit ? 'initContainers' : 'containers'}{${container.name}}`;
    return new ContainerWorker({
      pod,
      container,
      isInit,
      place,
      logDir: path.join(dir, 'logs'),
      images,
      baseEnv,
      clock,
      onChange: () => this.#onChange(),
      tell: (event) => writer.event(pod, { ...event, component: 'kubelet', fieldPath }),
    });
  }

  #onChange(): void {
    this.#advance();
    this.#report();
  }

  // Init containers one after the other, then all others at once.
  #advance(): void {
    if (this.#end || this.#failure || this.#advancing) return;
    this.#advancing = true;
    const next = this.#initContainers.find((worker) => worker.status().state.terminated?.exitCode !== 0);
    const due = next ? [next] : this.#containers;
    for (const worker of due) if (!this.#begun.has(worker)) this.#begin(worker);
    this.#advancing = false;
  }

  readonly #begun = new Set<ContainerWorker>();

  #begin(worker: ContainerWorker): void {
    this.#begun.add(worker);
    void worker.start();
  }

  #watchDeadline(pod: Pod): void {
    const { activeDeadlineSeconds } = pod.spec;
    if (activeDeadlineSeconds === undefined || activeDeadlineSeconds === this.#deadlineSeconds || this.#end) return;
    this.#deadlineSeconds = activeDeadlineSeconds;
    this.#deadline?.dispose();
    const leftMs = this.#startedMs + activeDeadlineSeconds * 1000 - this.#options.clock.now();
    this.#deadline = this.#options.clock.after(Math.max(0, leftMs), () => void this.#exceedDeadline());
  }

  // Models pkg/kubelet/active_deadline.go.
  async #exceedDeadline(): Promise<void> {
    if (phaseOf(this.#options.pod, this.#observe()) === 'Succeeded') return;
    this.#failure = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
    this.#tell('Normal', 'DeadlineExceeded', this.#failure.message);
    const { terminationGracePeriodSeconds = defaultGraceSeconds } = this.#options.pod.spec;
    await this.#stopContainers(terminationGracePeriodSeconds * 1000);
    this.#report();
  }

  #observe(): Observed {
    return {
      startedMs: this.#startedMs,
      podIp: this.#options.podIp,
      hostIp: this.#options.hostIp,
      initContainers: this.#initContainers.map((worker) => worker.status()),
      containers: this.#containers.map((worker) => worker.status()),
      failure: this.#failure,
    };
  }

  #report(): void {
    const { pod, writer, clock } = this.#options;
    writer.updatePod(pod, (copy) => {
      copy.status = podStatusOf(copy, this.#observe(), clock.now());
    });
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#options.writer.event(this.#options.pod, { type, reason, message, component: 'kubelet' });
  }
}
