// Services: addresses, Endpoints and EndpointSlices of the pods that they select. Models pkg/controller/endpoint and endpointslice.
import { isDeepEqual } from '../../../../apiserver/objects.ts';
import type { ApiObject } from '../../../../apiserver/types.ts';
import type { ClusterController } from '../engine.ts';
import { randomSuffix } from '../names.ts';
import {
  controllerReference,
  hasLabels,
  isDeleting,
  isPodFinished,
  isPodReady,
  kinds,
  type Pod,
  type Service,
} from '../objects.ts';
import type { World } from '../world.ts';

const serviceLabel = 'kubernetes.io/service-name';
const balancerBase = '172.18.255.';
const firstBalancer = 225;

function portOf(pod: Pod | undefined, { targetPort, port }: { targetPort?: number | string; port: number }): number {
  if (typeof targetPort === 'number') return targetPort;
  if (targetPort === undefined) return port;
  const ports = pod?.spec.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find(({ name }) => name === targetPort)?.containerPort ?? port;
}

const portsOf = (service: Service, pods: readonly Pod[]) =>
  (service.spec.ports ?? []).map((port) => ({
    ...(port.name && { name: port.name }),
    port: portOf(pods[0], port),
    protocol: port.protocol ?? 'TCP',
  }));

const targetOf = ({ metadata }: Pod) => ({
  kind: 'Pod',
  namespace: metadata.namespace,
  name: metadata.name,
  uid: metadata.uid,
});

function selected(world: World, { spec, metadata }: Service): Pod[] {
  return world
    .list<Pod>(kinds.pods, metadata.namespace)
    .filter(
      (pod) =>
        hasLabels(spec.selector ?? {}, pod.metadata.labels) &&
        pod.status?.podIP &&
        !isPodFinished(pod) &&
        !isDeleting(pod),
    );
}

function writeEndpoints(world: World, service: Service, pods: readonly Pod[]): void {
  const addresses = (list: readonly Pod[]) =>
    list.map((pod) => ({ ip: pod.status?.podIP, nodeName: pod.spec.nodeName, targetRef: targetOf(pod) }));
  const [ready, notReady] = [pods.filter(isPodReady), pods.filter((pod) => !isPodReady(pod))];
  const subset = {
    ...(ready.length && { addresses: addresses(ready) }),
    ...(notReady.length && { notReadyAddresses: addresses(notReady) }),
    ports: portsOf(service, pods),
  };
  const subsets = pods.length ? [subset] : undefined;
  const { name, namespace, labels } = service.metadata;
  const old = world.get(kinds.endpoints, name, namespace);
  if (!old) {
    const metadata = { name, namespace, ...(labels && { labels }) };
    world.create<ApiObject>(kinds.endpoints, {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata,
      ...(subsets && { subsets }),
    });
  } else if (!isDeepEqual(old.subsets, subsets))
    world.update(kinds.endpoints, old, (copy) => {
      if (subsets) copy.subsets = subsets;
      else delete copy.subsets;
    });
}

function writeSlice(world: World, service: Service, pods: readonly Pod[]): void {
  const { name, namespace } = service.metadata;
  const endpoints = pods.map((pod) => ({
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: isPodReady(pod), serving: isPodReady(pod), terminating: false },
    nodeName: pod.spec.nodeName,
    targetRef: targetOf(pod),
  }));
  const ports = portsOf(service, pods).map(({ name: portName = '', ...port }) => ({ name: portName, ...port }));
  const old = world
    .list(kinds.endpointSlices, namespace)
    .find(({ metadata }) => metadata.labels?.[serviceLabel] === name);
  if (old) {
    world.update(kinds.endpointSlices, old, (copy) => Object.assign(copy, { endpoints, ports }));
    return;
  }
  world.create<ApiObject>(kinds.endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${randomSuffix()}`,
      generateName: `${name}-`,
      namespace,
      labels: { [serviceLabel]: name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints,
    ports,
  });
}

/** What the cloud's load balancer controller would give it. */
function balance(world: World, service: Service): void {
  if (service.spec.type !== 'LoadBalancer' || service.status?.loadBalancer?.ingress?.length) return;
  const used = new Set(
    world
      .list<Service>(kinds.services)
      .flatMap(({ status }) => status?.loadBalancer?.ingress?.map(({ ip }) => ip) ?? []),
  );
  let last = firstBalancer;
  while (used.has(`${balancerBase}${last}`) && last < 254) last++;
  world.update(kinds.services, service, (copy) => {
    copy.status = { loadBalancer: { ingress: [{ ip: `${balancerBase}${last}` }] } };
  });
  world.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer', 'service-controller');
}

export const services: ClusterController = {
  name: 'service',
  watches: [kinds.services, kinds.pods],
  sync(world) {
    const all = world.list<Service>(kinds.services);
    for (const service of all) {
      if (isDeleting(service)) continue;
      balance(world, service);
      if (!service.spec.selector || service.spec.type === 'ExternalName') continue;
      const pods = selected(world, service);
      writeEndpoints(world, service, pods);
      writeSlice(world, service, pods);
    }
    for (const endpoints of world.list(kinds.endpoints)) {
      const { name, namespace } = endpoints.metadata;
      if (!world.get(kinds.services, name, namespace)) world.delete(kinds.endpoints, endpoints);
    }
    return undefined;
  },
};
