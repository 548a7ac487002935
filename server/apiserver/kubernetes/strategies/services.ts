// Services: addresses and ports that the server gives, and what must not change. Models pkg/registry/core/service.
import { invalid, required, type FieldError } from '../../errors.ts';
import type { AdmissionRequest, ApiObject, Reader, Strategy } from '../../types.ts';
import { list, text } from '../objects.ts';
import type { BehaviourTable } from './behaviour.ts';
import { setDefaults } from './pod-template.ts';

interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ports?: { name?: string; port: number; protocol?: string; targetPort?: number | string; nodePort?: number }[];
  selector?: Record<string, string>;
  [field: string]: unknown;
}
type Service = ApiObject & { spec: ServiceSpec };

const services = { group: '', plural: 'services' };
const [firstNodePort, lastNodePort] = [30000, 32767];

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** The first address of `cidr` that is neither taken nor among the first ten, which are given by hand. */
function freeAddress(reader: Reader, cidr: string): string {
  const [base = '', bits = '16'] = cidr.split('/');
  const first = toNumber(base);
  const size = 2 ** (32 - Number(bits));
  const taken = new Set(reader.list(services).map((service) => text(service, 'spec.clusterIP')));
  for (let offset = Math.min(10, size - 2); offset < size - 1; offset++) {
    const address = toAddress(first + offset);
    if (!taken.has(address)) return address;
  }
  return 'None';
}

function giveNodePorts({ ports = [] }: ServiceSpec, reader: Reader): void {
  const taken = new Set(
    reader
      .list(services)
      .flatMap((service) => list<{ nodePort?: number }>(service, 'spec.ports').map(({ nodePort }) => nodePort)),
  );
  let next = firstNodePort;
  for (const port of ports) {
    while (!port.nodePort && taken.has(next) && next < lastNodePort) next++;
    port.nodePort ||= next++;
  }
}

function defaultService({ spec }: Service, { reader }: AdmissionRequest, cidr: string): void {
  setDefaults(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    port.targetPort ??= port.port;
  }
  if (spec.type === 'ExternalName') return;
  setDefaults(spec, { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  spec.clusterIP ||= freeAddress(reader, cidr);
  spec.clusterIPs ??= [spec.clusterIP];
  if (spec.type === 'ClusterIP') return;
  setDefaults(spec, { externalTrafficPolicy: 'Cluster' });
  if (spec.type === 'LoadBalancer') setDefaults(spec, { allocateLoadBalancerNodePorts: true });
  giveNodePorts(spec, reader);
}

const addressFields = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'];

/** Whoever sends a service without its addresses means the ones it has; a service that becomes a mere name loses them. */
function carryAddresses({ spec }: Service, old: Service): void {
  if (old.spec.type === 'ExternalName') return;
  if (spec.type === 'ExternalName') {
    const isUnchanged = !spec.clusterIP || spec.clusterIP === old.spec.clusterIP;
    if (isUnchanged) for (const field of addressFields) delete spec[field];
    return;
  }
  spec.clusterIP ||= old.spec.clusterIP;
  if (spec.clusterIP === old.spec.clusterIP) spec.clusterIPs ??= old.spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP ?? ''];
  for (const port of spec.ports ?? [])
    port.nodePort ??= old.spec.ports?.find((other) => other.port === port.port && spec.type !== 'ClusterIP')?.nodePort;
}

function validateService({ object, old }: AdmissionRequest<Service>): FieldError[] {
  if (!object) return [];
  const { ports = [], type, clusterIP, clusterIPs } = object.spec;
  const faults: FieldError[] = [];
  if (!ports.length && type !== 'ExternalName' && clusterIP !== 'None') faults.push(required('spec.ports', ''));
  ports.forEach(({ name, port }, i) => {
    if (!name && ports.length > 1) faults.push(required(`spec.ports[${i}].name`, ''));
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      faults.push(invalid(`spec.ports[${i}].port`, port, 'must be between 1 and 65535, inclusive'));
  });
  if (type === 'ExternalName' && !object.spec['externalName']) faults.push(required('spec.externalName', ''));
  const before = old?.spec.type !== 'ExternalName' ? old?.spec.clusterIP : undefined;
  if (before && type !== 'ExternalName' && before !== clusterIP)
    faults.push(invalid('spec.clusterIPs[0]', clusterIPs, 'may not change once set'));
  return faults;
}

/** `cidr`: where cluster IPs come from, IPv4. */
export function createServiceBehaviours(cidr: string): BehaviourTable {
  const strategy: Strategy<Service> = {
    nameRule: 'dns1035Label',
    default(object, request) {
      if (!object.spec) return;
      if (request.old) carryAddresses(object, request.old);
      defaultService(object, request as unknown as AdmissionRequest, cidr);
    },
    validate: validateService,
  };
  return { services: { strategy: strategy as unknown as Strategy, selectableFields: ['spec.clusterIP', 'spec.type'] } };
}
