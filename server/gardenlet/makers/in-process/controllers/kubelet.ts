// All kubelets of a cluster: pods come up on their nodes as time passes, end, and go when they are deleted.
import type { ClusterController } from '../engine.ts';
import { isDeleting, isNodeReady, isPodFinished, kinds, type Node, type Pod } from '../objects.ts';
import { podStatus, stageOf, type Stage } from '../pod-status.ts';
import type { World } from '../world.ts';

const killMs = 6_000;

interface Known {
  sinceMs: number;
  stage?: string;
  ip?: string;
  deletedMs?: number;
}

/** A pod that came up before this API server was started goes on as it was. */
const firstSight = ({ nowMs }: World, { status }: Pod): Known => ({
  sinceMs: status?.startTime ? Date.parse(status.startTime) : nowMs,
  ip: status?.podIP,
});

const stageKey = (stage: Stage): string => JSON.stringify(stage);

function tellStage(world: World, pod: Pod, stage: Stage): void {
  const tell = (reason: string, message: string) => world.event(pod, 'Normal', reason, message, 'kubelet');
  if (stage.name !== 'ready' && stage.name !== 'running') return;
  for (const { name, image } of pod.spec.containers) {
    tell('Pulled', `Container image "${image}" already present on machine`);
    tell('Created', `Created container: ${name}`);
    tell('Started', `Started container ${name}`);
  }
}

const nodeIp = ({ status }: Node): string =>
  status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '127.0.0.1';

/** The first address of the node's pod network that no other pod has: .1 is the node's end of it. */
function freeIp(node: Node, used: ReadonlySet<string>): string {
  const base = (node.spec.podCIDR ?? '10.3.0.0/24').split('/')[0]!.split('.').map(Number);
  for (let offset = 2; ; offset++) {
    const ip = [base[0], base[1], base[2]! + (offset >> 8), offset & 0xff].join('.');
    if (!used.has(ip)) return ip;
  }
}

export function createKubelets(): ClusterController {
  const known = new Map<string, Known>();

  /** When the pod is to be looked at again. */
  function end(world: World, pod: Pod, state: Known): number | undefined {
    const { deletionGracePeriodSeconds = 0, finalizers } = pod.metadata;
    state.deletedMs ??= world.nowMs;
    const dueMs = state.deletedMs + Math.min(killMs / world.speed, deletionGracePeriodSeconds * 1000);
    if (world.nowMs < dueMs) return dueMs - world.nowMs;
    if (state.stage !== 'killed')
      for (const { name } of pod.spec.containers)
        world.event(pod, 'Normal', 'Killing', `Stopping container ${name}`, 'kubelet');
    state.stage = 'killed';
    if (!finalizers?.length) world.remove(kinds.pods, pod);
    return undefined;
  }

  function live(world: World, pod: Pod, node: Node, state: Known): number | undefined {
    const { stage, nextInMs } = stageOf(pod, (world.nowMs - state.sinceMs) * world.speed);
    const key = stageKey(stage);
    if (state.stage !== key) {
      const isFirstStart = pod.status?.phase !== 'Running';
      state.stage = key;
      state.ip ??= pod.spec.hostNetwork
        ? nodeIp(node)
        : freeIp(node, new Set([...known.values()].flatMap(({ ip }) => ip ?? [])));
      const address = { podIp: state.ip, hostIp: nodeIp(node) };
      world.update(kinds.pods, pod, (copy) => {
        copy.status = podStatus(pod, stage, address, world.nowMs);
      });
      if (isFirstStart) tellStage(world, pod, stage);
    }
    return nextInMs === undefined ? undefined : nextInMs / world.speed;
  }

  function look(world: World, pod: Pod, nodes: ReadonlyMap<string, Node>): number | undefined {
    const { uid } = pod.metadata;
    let state = known.get(uid);
    if (!state) known.set(uid, (state = firstSight(world, pod)));
    const node = nodes.get(pod.spec.nodeName ?? '');
    // Its machine is gone, and so is the pod.
    if (!node) return void (pod.metadata.finalizers?.length || world.remove(kinds.pods, pod));
    if (isDeleting(pod)) return end(world, pod, state);
    if (isPodFinished(pod)) return undefined;
    if (!isNodeReady(node)) {
      if (!state.stage) state.sinceMs = world.nowMs;
      return undefined;
    }
    return live(world, pod, node, state);
  }

  return {
    name: 'kubelet',
    watches: [kinds.pods, kinds.nodes],
    sync(world) {
      const nodes = new Map(world.list<Node>(kinds.nodes).map((node) => [node.metadata.name, node]));
      const pods = world.list<Pod>(kinds.pods);
      const present = new Set(pods.map(({ metadata }) => metadata.uid));
      for (const uid of known.keys()) if (!present.has(uid)) known.delete(uid);
      let nextMs: number | undefined;
      for (const pod of pods) {
        if (!pod.spec.nodeName) {
          if (isDeleting(pod) && !pod.metadata.finalizers?.length) world.remove(kinds.pods, pod);
          continue;
        }
        const inMs = look(world, pod, nodes);
        if (inMs !== undefined) nextMs = Math.min(nextMs ?? Infinity, Math.max(1, inMs));
      }
      return nextMs;
    },
  };
}
