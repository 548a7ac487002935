// What every pod spec is given and must fulfil, in pods and in templates of them.
// Models pkg/apis/core/v1/defaults.go and pkg/apis/core/validation/validation.go.
import { checkName } from '../../names.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required, type FieldError } from '../../errors.ts';
import type { Container, PodSpec, Probe } from '../objects.ts';

const octal0644 = 0o644;

/** Sets what is absent. */
export function setDefaults<T extends object>(target: T, defaults: Partial<T>): void {
  for (const name of Object.keys(defaults) as (keyof T)[]) target[name] ??= defaults[name] as T[keyof T];
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return;
  setDefaults(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  if (probe.httpGet) setDefaults(probe.httpGet, { path: '/', scheme: 'HTTP' });
  if (probe.grpc) setDefaults(probe.grpc, { service: '' });
}

/** `Always` for images without a tag or with the tag `latest`. */
function pullPolicyOf(image = ''): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return 'IfNotPresent';
  const tag = name.split(':')[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultContainer(container: Container): void {
  setDefaults(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicyOf(container.image),
    resources: {},
  });
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const { valueFrom } of container.env ?? []) if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ??= 'v1';
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) defaultProbe(probe);
}

const modeVolumes = ['configMap', 'secret', 'projected', 'downwardAPI'];

function defaultVolume(volume: Record<string, unknown>): void {
  if (Object.keys(volume).length <= 1) volume['emptyDir'] = {};
  for (const type of modeVolumes) {
    const source = volume[type] as { defaultMode?: number } | undefined;
    if (source) source.defaultMode ??= octal0644;
  }
  const hostPath = volume['hostPath'] as { type?: string } | undefined;
  if (hostPath) hostPath.type ??= '';
}

export function defaultPodSpec(spec: PodSpec): void {
  setDefaults(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  for (const container of allContainers(spec)) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  const { serviceAccountName, serviceAccount } = spec;
  if (serviceAccountName ?? serviceAccount) {
    spec.serviceAccountName = serviceAccountName ?? serviceAccount;
    spec.serviceAccount = spec.serviceAccountName;
  }
}

export const allContainers = (spec: PodSpec): Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

function validateVolumes(spec: PodSpec, path: string): FieldError[] {
  const names = new Set<unknown>();
  return (spec.volumes ?? []).flatMap((volume, i) => {
    const { name, ...sources } = volume;
    const at = `${path}[${i}]`;
    const faults = Object.keys(sources)
      .slice(1)
      .map((type) => forbidden(`${at}.${type}`, 'may not specify more than 1 volume type'));
    if (!name) faults.push(required(`${at}.name`, ''));
    else if (names.has(name)) faults.push(duplicate(`${at}.name`, name));
    else faults.push(...checkName(String(name), 'dnsLabel').map((fault) => invalid(`${at}.name`, name, fault)));
    names.add(name);
    return faults;
  });
}

const protocols = ['SCTP', 'TCP', 'UDP'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

function validatePorts({ ports = [] }: Container, path: string): FieldError[] {
  return ports.flatMap(({ containerPort, protocol = 'TCP', name }, i) => {
    const at = `${path}.ports[${i}]`;
    const faults: FieldError[] = [];
    if (name && !/^[-a-z0-9]+$/.test(name))
      faults.push(
        invalid(`${at}.name`, name, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'),
      );
    if (!containerPort) faults.push(required(`${at}.containerPort`, ''));
    else if (containerPort < 1 || containerPort > 65535)
      faults.push(invalid(`${at}.containerPort`, containerPort, 'must be between 1 and 65535, inclusive'));
    if (!protocols.includes(protocol)) faults.push(notSupported(`${at}.protocol`, protocol, protocols));
    return faults;
  });
}

function validateContainer(container: Container, path: string, volumes: ReadonlySet<unknown>): FieldError[] {
  const { name, image, imagePullPolicy, env = [], volumeMounts = [] } = container;
  const faults: FieldError[] = [];
  if (!name) faults.push(required(`${path}.name`, ''));
  else faults.push(...checkName(name, 'dnsLabel').map((fault) => invalid(`${path}.name`, name, fault)));
  if (!image) faults.push(required(`${path}.image`, ''));
  faults.push(...validatePorts(container, path));
  env.forEach((variable, i) => {
    if (!variable.name) faults.push(required(`${path}.env[${i}].name`, ''));
  });
  volumeMounts.forEach((mount, i) => {
    if (!mount.name) faults.push(required(`${path}.volumeMounts[${i}].name`, ''));
    else if (!volumes.has(mount.name)) faults.push(notFound(`${path}.volumeMounts[${i}].name`, mount.name));
    if (!mount.mountPath) faults.push(required(`${path}.volumeMounts[${i}].mountPath`, ''));
  });
  if (imagePullPolicy && !pullPolicies.includes(imagePullPolicy))
    faults.push(notSupported(`${path}.imagePullPolicy`, imagePullPolicy, pullPolicies));
  return faults;
}

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

/** `path` leads to the spec, e.g. `spec.template.spec`. */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const faults = validateVolumes(spec, `${path}.volumes`);
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const names = new Set<string>();
  const validateAll = (containers: readonly Container[], at: string) =>
    containers.forEach((container, i) => {
      faults.push(...validateContainer(container, `${at}[${i}]`, volumes));
      if (names.has(container.name)) faults.push(duplicate(`${at}[${i}].name`, container.name));
      else if (container.name) names.add(container.name);
    });
  if (!spec.containers?.length) faults.push(required(`${path}.containers`, ''));
  validateAll(spec.containers ?? [], `${path}.containers`);
  validateAll(spec.initContainers ?? [], `${path}.initContainers`);
  const { restartPolicy = '', dnsPolicy = '', nodeName } = spec;
  if (!restartPolicies.includes(restartPolicy))
    faults.push(notSupported(`${path}.restartPolicy`, restartPolicy, restartPolicies));
  if (!dnsPolicies.includes(dnsPolicy)) faults.push(notSupported(`${path}.dnsPolicy`, dnsPolicy, dnsPolicies));
  if (nodeName)
    faults.push(...checkName(nodeName, 'dnsSubdomain').map((fault) => invalid(`${path}.nodeName`, nodeName, fault)));
  (spec.containers ?? []).forEach(({ image = '' }, i) => {
    const isTrimmed = image.trim() === image;
    const detail = 'must not have leading or trailing whitespace';
    if (!isTrimmed) faults.push(invalid(`${path}.containers[${i}].image`, image, detail));
  });
  return faults;
}
