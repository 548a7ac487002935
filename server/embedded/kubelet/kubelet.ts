// The kubelet: sees pods come, change and go, has a worker for each, and answers for their logs.
import path from 'node:path';
import { RawAnswer, type ConnectRequest } from '../../apiserver/types.ts';
import { createBadRequest } from '../../apiserver/errors.ts';
import type { Store } from '../../apiserver/store.ts';
import type { Clock, Disposable } from '../../common/clock.ts';
import { messageOf } from '../../common/errors.ts';
import type { AsyncDisposable } from '../../common/lifecycle.ts';
import type { Logger } from '../../common/log.ts';
import { schedulePods } from '../scheduler.ts';
import { podResource, type Pod } from '../types.ts';
import type { Writer } from '../writer.ts';
import { createAddresses } from './addresses.ts';
import { parseLogQuery, readLog } from './logs.ts';
import { PodWorker } from './pod-worker.ts';
import { createProcessTable } from './processes.ts';
import { podsDirOf } from './state-dir.ts';

export interface KubeletOptions {
  store: Store;
  writer: Writer;
  nodeName: string;
  hostIp: string;
  maxPods: number;
  stateDir: string;
  images: Readonly<Record<string, readonly string[]>>;
  baseEnv: Readonly<Record<string, string>>;
  clock: Clock;
  logger: Logger;
}

/** How long pods may take to end with the playground. */
const endGraceSeconds = 4;

const isFinished = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed';

export class Kubelet implements AsyncDisposable {
  readonly #options: KubeletOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #ends = new Set<Promise<void>>();
  readonly #addresses = createAddresses();
  readonly #processes = createProcessTable();
  readonly #images: ReadonlyMap<string, readonly string[]>;
  readonly #subscription: Disposable;
  #turn: Disposable | undefined;
  #isEnding = false;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#images = new Map(Object.entries(options.images));
    this.#subscription = options.store.subscribe(podResource, () => this.#wake());
    this.#wake();
  }

  /** Answers `pods/log`. */
  log({ object, query, signal }: ConnectRequest): RawAnswer {
    const container = query.get('container');
    const worker = this.#workers.get(object.metadata.uid)?.find(container);
    const { name } = object.metadata;
    if (!worker)
      throw createBadRequest(
        container ? `container ${container} is not valid for pod ${name}` : `pod ${name} does not run here`,
      );
    const isPrevious = query.get('previous') === 'true';
    const isEnded = () => isPrevious || !worker.isRunning;
    const log = readLog(worker.logFile(isPrevious), parseLogQuery(query), {
      clock: this.#options.clock,
      isEnded,
      signal,
    });
    return new RawAnswer('text/plain', log);
  }

  /** Ends every process; resolves when all are gone. */
  async dispose(): Promise<void> {
    this.#isEnding = true;
    this.#subscription.dispose();
    this.#turn?.dispose();
    await Promise.all([...this.#workers.values()].map((worker) => worker.terminate(endGraceSeconds)));
    await Promise.all(this.#ends);
  }

  // The store tells of a write before it returns, and nobody may write in between: all work is done in a turn of its own.
  #wake(): void {
    if (this.#isEnding) return;
    this.#turn ??= this.#options.clock.after(0, () => {
      this.#turn = undefined;
      this.#sync();
    });
  }

  #sync(): void {
    const { store, writer, nodeName, maxPods, clock } = this.#options;
    const list = () => store.list(podResource) as readonly Pod[];
    schedulePods(list(), { writer, nodeName, maxPods, nowMs: clock.now() });
    const pods = list();
    const present = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const pod of pods) this.#look(pod);
    // Deleted without grace: the object is gone already, its processes are not.
    for (const [uid, worker] of this.#workers) if (!present.has(uid)) this.#finish(uid, worker.terminate(0));
  }

  #look(pod: Pod): void {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    const worker = this.#workers.get(uid);
    if (worker) {
      worker.update(pod);
      if (deletionTimestamp) this.#finish(uid, worker.terminate(deletionGracePeriodSeconds));
    } else if (deletionTimestamp) this.#options.writer.removePod(pod);
    else if (pod.spec.nodeName === this.#options.nodeName && !isFinished(pod)) this.#start(pod);
  }

  #start(pod: Pod): void {
    const { stateDir, baseEnv, hostIp, nodeName, writer, clock, logger } = this.#options;
    const worker = new PodWorker({
      pod,
      podIp: this.#addresses.take(),
      hostIp,
      nodeName,
      dir: path.join(podsDirOf(stateDir), pod.metadata.uid),
      processes: this.#processes,
      images: this.#images,
      baseEnv,
      writer,
      clock,
      logger,
    });
    this.#workers.set(pod.metadata.uid, worker);
    void worker.start();
  }

  /** Forgets the worker when its end has come. */
  #finish(uid: string, ended: Promise<void>): void {
    const worker = this.#workers.get(uid);
    if (!worker || this.#finishing.has(uid)) return;
    this.#finishing.add(uid);
    const end = ended
      .catch((fault: unknown) =>
        this.#options.logger.error({ pod: uid, fault: messageOf(fault) }, 'pod did not end cleanly'),
      )
      .then(() => {
        this.#workers.delete(uid);
        this.#finishing.delete(uid);
        this.#addresses.give(worker.podIp);
        this.#ends.delete(end);
      });
    this.#ends.add(end);
  }

  readonly #finishing = new Set<string>();
}
