// Machines of the worker pools: joined, rolled, drained and removed. Stands in for machine-controller-manager and cluster-autoscaler.
import type { ApiObject } from '../../../../apiserver/types.ts';
import type { Worker } from '../../../types.ts';
import type { ClusterSpec } from '../../maker.ts';
import type { ClusterController } from '../engine.ts';
import { randomSuffix } from '../names.ts';
import {
  createNodeDraft,
  desiredOf,
  hashAnnotation,
  machineLabel,
  nodeConditions,
  nodeNameOf,
  poolLabel,
  withoutNotReady,
  type Machine,
} from '../node.ts';
import { controllerOf, isNodeReady, isPodFinished, kinds, type Node, type Pod } from '../objects.ts';
import type { World } from '../world.ts';
import { deletePod, resolveIntOrString } from './replicas.ts';

// Virtual time.
const joinMs = 22_000;
const readyMs = 14_000;
const drainTimeoutMs = 60_000;
const scaleUpMs = 10_000;
const idleMs = 120_000;
const leaseNamespace = 'kube-node-lease';
const leasePeriodMs = 10_000;

interface Lease extends ApiObject {
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string };
}

/** A machine of the cluster, whether its node has joined or not. */
interface Known extends Machine {
  requestedMs: number;
  joinedMs?: number;
  drainingMs?: number;
  idleSinceMs?: number;
}

const toMachine = ({ metadata }: Node, index: number): Known => ({
  name: metadata.labels?.[machineLabel] ?? metadata.name,
  pool: metadata.labels?.[poolLabel] ?? '',
  hash: metadata.annotations?.[hashAnnotation] ?? '',
  index,
  requestedMs: 0,
});

const nodeOf = (world: World, { name }: Machine) => world.get<Node>(kinds.nodes, nodeNameOf(name));
const podsOn = (world: World, node: Node): Pod[] =>
  world.list<Pod>(kinds.pods).filter((pod) => pod.spec.nodeName === node.metadata.name);
/** Pods that have to move: those of DaemonSets stay to the end. */
const movablePods = (world: World, node: Node): Pod[] =>
  podsOn(world, node).filter((pod) => controllerOf(pod)?.kind !== 'DaemonSet' && !isPodFinished(pod));

const isReady = (world: World, machine: Known): boolean => {
  const node = nodeOf(world, machine);
  return node !== undefined && isNodeReady(node) && machine.drainingMs === undefined;
};

const hasStuckPods = (world: World): boolean =>
  world.list<Pod>(kinds.pods).some(({ status }) => {
    const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    return scheduled?.status === 'False' && /Insufficient|Too many pods/.test(scheduled.message ?? '');
  });

/** Those that go first: idle, then youngest. */
const byExpendability = (a: Known, b: Known): number =>
  (a.idleSinceMs ?? Infinity) - (b.idleSinceMs ?? Infinity) || b.requestedMs - a.requestedMs;

/** Writes labels, annotations, taints and version of the worker to its node. */
function follow(world: World, worker: Worker, machine: Known, spec: ClusterSpec): void {
  const node = nodeOf(world, machine);
  if (!node) return;
  const { labels, annotations, taints, kubeletVersion } = desiredOf(worker, machine, spec);
  const kept = (node.spec.taints ?? []).filter(({ key }) => key.startsWith('node.kubernetes.io/'));
  world.update(kinds.nodes, node, (copy) => {
    Object.assign((copy.metadata.labels ??= {}), labels);
    Object.assign((copy.metadata.annotations ??= {}), annotations);
    copy.spec.taints = [...taints, ...kept];
    if (!copy.spec.taints.length) delete copy.spec.taints;
    copy.status.nodeInfo.kubeletVersion = kubeletVersion;
  });
}

function cordon(world: World, node: Node): void {
  world.update(kinds.nodes, node, (copy) => {
    copy.spec.unschedulable = true;
    copy.spec.taints = [...(copy.spec.taints ?? []), { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }];
  });
  const message = `Node ${node.metadata.name} status is now: NodeNotSchedulable`;
  world.event(node, 'Normal', 'NodeNotSchedulable', message, 'kubelet');
}

function becomeReady(world: World, node: Node): void {
  world.update(kinds.nodes, node, (copy) => {
    copy.status.conditions = nodeConditions(copy.status.conditions, true, world.nowMs);
    copy.spec.taints = withoutNotReady(copy.spec.taints);
    if (!copy.spec.taints.length) delete copy.spec.taints;
  });
  world.event(node, 'Normal', 'NodeReady', `Node ${node.metadata.name} status is now: NodeReady`, 'kubelet');
}

/** As a kubelet renews it, only not as often. */
function renewLease(world: World, node: Node): void {
  const { name } = node.metadata;
  const renewTime = `${new Date(world.nowMs).toISOString().slice(0, -1)}000Z`;
  const lease = world.get<Lease>(kinds.leases, name, leaseNamespace);
  if (lease && world.nowMs - Date.parse(lease.spec.renewTime) < leasePeriodMs) return;
  if (lease)
    world.update(kinds.leases, lease, (copy) => {
      copy.spec.renewTime = renewTime;
    });
  else
    world.create<Lease>(kinds.leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name,
        namespace: leaseNamespace,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }],
      },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
    });
}

export class Machines implements ClusterController {
  readonly name = 'machine';
  readonly watches = [kinds.nodes, kinds.pods];
  #isAbrupt = false;
  #machines = new Map<string, Known>();
  #sizes = new Map<string, { size: number; changedMs: number }>();
  #waiting: (() => void)[] = [];

  /** Without a spec the nodes are left as they are, until something is wanted. */
  constructor(private spec?: ClusterSpec) {}

  get wanted(): ClusterSpec | undefined {
    return this.spec;
  }

  /** What is wanted from now on; resolves when exactly those machines are there and Ready. `isAbrupt` removes machines undrained. */
  want(spec: ClusterSpec, isAbrupt: boolean): Promise<void> {
    this.spec = spec;
    this.#isAbrupt = isAbrupt;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  sync(world: World): number | undefined {
    this.#takeStock(world);
    return this.spec && this.#pursue(world, this.spec);
  }

  #pursue(world: World, spec: ClusterSpec): number | undefined {
    const workers = new Map(spec.workers.map((worker) => [worker.name, worker]));
    const leaving = new Set([...this.#machines.values()].filter(({ pool }) => !workers.has(pool)));
    for (const worker of spec.workers) for (const machine of this.#plan(world, worker, spec)) leaving.add(machine);
    let nextMs = hasStuckPods(world) ? scaleUpMs : spec.workers.length ? idleMs : Infinity;
    for (const machine of [...this.#machines.values()]) {
      const worker = workers.get(machine.pool);
      if (worker && machine.hash === spec.workerHashes[worker.name]) follow(world, worker, machine, spec);
      const inMs = leaving.has(machine) ? this.#drain(world, machine) : this.#advance(world, worker, machine, spec);
      nextMs = Math.min(nextMs, inMs ?? Infinity);
    }
    if (this.#isSettled(world, spec)) for (const resolve of this.#waiting.splice(0)) resolve();
    return nextMs === Infinity ? undefined : Math.max(1, nextMs / world.speed);
  }

  #machinesOf = (pool: string): Known[] => [...this.#machines.values()].filter((machine) => machine.pool === pool);

  #isSettled(world: World, { workers, workerHashes }: ClusterSpec): boolean {
    const wanted = workers.reduce((sum, { name }) => sum + (this.#sizes.get(name)?.size ?? NaN), 0);
    const machines = [...this.#machines.values()];
    return (
      machines.length === wanted &&
      machines.every((machine) => isReady(world, machine) && workerHashes[machine.pool] === machine.hash)
    );
  }

  #freeIndex(): number {
    const used = new Set([...this.#machines.values()].map(({ index }) => index));
    let index = 1;
    while (used.has(index)) index++;
    return index;
  }

  /** Nodes that a visitor or an earlier life of the cluster has left or removed. */
  #takeStock(world: World): void {
    for (const node of world.list<Node>(kinds.nodes)) {
      const name = node.metadata.labels?.[machineLabel];
      if (!name || this.#machines.has(name)) continue;
      this.#machines.set(name, { ...toMachine(node, this.#freeIndex()), joinedMs: world.nowMs });
    }
    for (const [name, machine] of this.#machines)
      if (machine.joinedMs !== undefined && !nodeOf(world, machine)) this.#machines.delete(name);
  }

  #request(worker: Worker, world: World, spec: ClusterSpec): void {
    const hash = spec.workerHashes[worker.name] ?? '';
    const name = `${spec.technicalId}-${worker.name}-z1-${hash}-${randomSuffix()}`;
    const index = this.#freeIndex();
    this.#machines.set(name, { name, pool: worker.name, hash, index, requestedMs: world.nowMs });
  }

  /** Brings a machine on in its life; in how many virtual ms it is to be looked at again. */
  #advance(world: World, worker: Worker | undefined, machine: Known, spec: ClusterSpec): number | undefined {
    const ageMs = (world.nowMs - machine.requestedMs) * world.speed;
    if (machine.joinedMs === undefined) {
      if (ageMs < joinMs || !worker) return joinMs - ageMs;
      world.create(kinds.nodes, createNodeDraft(worker, machine, spec, world.nowMs));
      machine.joinedMs = world.nowMs;
    }
    const node = nodeOf(world, machine);
    if (!node) return undefined;
    renewLease(world, node);
    if (isNodeReady(node)) return undefined;
    const waitedMs = (world.nowMs - machine.joinedMs) * world.speed;
    if (waitedMs < readyMs) return readyMs - waitedMs;
    becomeReady(world, node);
    return undefined;
  }

  /** Cordons the node and moves its pods away; then the machine goes. */
  #drain(world: World, machine: Known): number | undefined {
    const node = nodeOf(world, machine);
    if (!node) return void this.#machines.delete(machine.name);
    machine.drainingMs ??= world.nowMs;
    if (!this.#isAbrupt && !node.spec.unschedulable) cordon(world, node);
    const pods = this.#isAbrupt ? [] : movablePods(world, node);
    const leftMs = drainTimeoutMs - (world.nowMs - machine.drainingMs) * world.speed;
    if (pods.length && leftMs > 0) {
      for (const pod of pods) deletePod(world, pod);
      return leftMs;
    }
    for (const pod of podsOn(world, node)) if (!pod.metadata.finalizers?.length) world.remove(kinds.pods, pod);
    world.delete(kinds.nodes, node);
    this.#machines.delete(machine.name);
    return undefined;
  }

  #isIdle(world: World, machine: Known): boolean {
    const node = nodeOf(world, machine);
    const isEmpty = node && movablePods(world, node).every(({ metadata }) => metadata.namespace === 'kube-system');
    machine.idleSinceMs = isEmpty ? (machine.idleSinceMs ?? world.nowMs) : undefined;
    return machine.idleSinceMs !== undefined && (world.nowMs - machine.idleSinceMs) * world.speed >= idleMs;
  }

  /** How many machines a pool has: between its bounds, as many as pods need. */
  #sizeOf(world: World, { name, minimum, maximum }: Worker, own: readonly Known[]): number {
    const before = this.#sizes.get(name) ?? { size: minimum, changedMs: world.nowMs };
    let size = Math.min(Math.max(before.size, minimum), Math.max(minimum, maximum));
    const isJoining = own.some((machine) => !isReady(world, machine));
    const isStuck = hasStuckPods(world);
    const hasRested = (world.nowMs - before.changedMs) * world.speed >= scaleUpMs;
    const idle = own.filter((machine) => this.#isIdle(world, machine)).length;
    if (!isJoining && isStuck && hasRested && size < maximum) size++;
    else if (!isJoining && !isStuck && idle && size > minimum) size--;
    if (size !== before.size || !this.#sizes.has(name)) this.#sizes.set(name, { size, changedMs: world.nowMs });
    return size;
  }

  /** Asks for the machines that a pool lacks and names those that have to go now. */
  #plan(world: World, worker: Worker, spec: ClusterSpec): Known[] {
    const own = this.#machinesOf(worker.name);
    const wanted = spec.workerHashes[worker.name];
    const current = own.filter(({ hash, drainingMs }) => hash === wanted && drainingMs === undefined);
    const outdated = own.filter((machine) => !current.includes(machine));
    const size = this.#sizeOf(world, worker, current);
    const surge = Math.max(1, resolveIntOrString(worker.maxSurge ?? 1, size, true));
    const room = outdated.length ? size + surge - own.length : size - current.length;
    for (let i = Math.min(room, size - current.length); i > 0; i--) this.#request(worker, world, spec);
    const oldReady = outdated.filter((machine) => isReady(world, machine));
    const ready = current.filter((machine) => isReady(world, machine)).length;
    const spare = Math.max(0, ready + oldReady.length - size);
    const surplus = [...current].sort(byExpendability).slice(0, Math.max(0, current.length - size));
    return [...surplus, ...outdated.filter((one) => !oldReady.includes(one)), ...oldReady.slice(0, spare)];
  }
}
