// What a container's process is started with: command, environment, working directory; paths below a mount become the volume's directory.
import type { Container, EnvVar, Pod } from '../types.ts';

export interface Place {
  podIp: string;
  hostIp: string;
  nodeName: string;
  /** Directory of each volume by name. */
  volumes: ReadonlyMap<string, string>;
  /** The container's own directory: home and working directory unless the pod names others. */
  ownDir: string;
}

export interface ProcessSpec {
  command: string[];
  env: Record<string, string>;
  cwd: string;
  /** Paths below a mount to those of the volume. */
  rewrite(text: string): string;
}

/** A pod that asks for what there is not; the message is the kubelet's. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Rewrites a text that is a path at or below a mount; leaves any other alone. */
export function createPathRewriter(
  container: Container,
  volumes: ReadonlyMap<string, string>,
): (text: string) => string {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, subPath }) => {
    const dir = volumes.get(name);
    if (!dir) throw new ConfigError(`volume "${name}" of container ${container.name} not found`);
    return { mountPath: mountPath.replace(/\/+$/, ''), dir: subPath ? `${dir}/${subPath}` : dir };
  });
  mounts.sort((a, b) => b.mountPath.length - a.mountPath.length);
  return (text) => {
    const mount = mounts.find(({ mountPath }) => text === mountPath || text.startsWith(`${mountPath}/`));
    return mount ? mount.dir + text.slice(mount.mountPath.length) : text;
  };
}

const mapField = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

/** Models pkg/fieldpath ExtractFieldPathAsString. Throws ConfigError for a path that is not served. */
export function fieldOf(pod: Pod, { podIp, hostIp, nodeName }: Place, fieldPath: string): string {
  const { name, namespace = '', uid } = pod.metadata;
  const plain: Record<string, string> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
    'metadata.uid': uid,
    'spec.nodeName': nodeName,
    'spec.serviceAccountName': String((pod.spec as { serviceAccountName?: string }).serviceAccountName ?? ''),
    'status.podIP': podIp,
    'status.podIPs': podIp,
    'status.hostIP': hostIp,
    'status.hostIPs': hostIp,
  };
  const value = plain[fieldPath];
  if (value !== undefined) return value;
  const [, map, key] = mapField.exec(fieldPath) ?? [];
  if (!map || !key) throw new ConfigError(`unsupported fieldPath: ${fieldPath}`);
  return pod.metadata[map as 'labels' | 'annotations']?.[key] ?? '';
}

function valueOf(variable: EnvVar, pod: Pod, place: Place): string {
  if (!variable.valueFrom) return variable.value ?? '';
  const { fieldRef, ...others } = variable.valueFrom;
  if (fieldRef) return fieldOf(pod, place, fieldRef.fieldPath);
  throw new ConfigError(`environment variable ${variable.name}: ${Object.keys(others).join()} is not served here`);
}

/** `$(NAME)` becomes the variable's value, `$$(NAME)` stays `$(NAME)`. Models third_party/forked/golang/expansion. */
export const expand = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(/\$\$|\$\(([^)]+)\)/g, (all, name?: string) => (name === undefined ? '$' : (env[name] ?? all)));

/** `image`: the command that stands for the image; `command` and `args` of the container replace or extend it as with an entrypoint. */
export function processSpecOf(
  pod: Pod,
  container: Container,
  image: readonly string[],
  baseEnv: Readonly<Record<string, string>>,
  place: Place,
): ProcessSpec {
  const rewrite = createPathRewriter(container, place.volumes);
  const env: Record<string, string> = { ...baseEnv, HOME: place.ownDir };
  const tmp = rewrite('/tmp');
  if (tmp !== '/tmp') env.TMPDIR = tmp;
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? valueOf(variable, pod, place) : expand(variable.value ?? '', env);
    env[variable.name] = rewrite(value);
  }
  const words = (container.command ? container.command : [...image]).concat(container.args ?? []);
  const isOurs = container.command !== undefined;
  return {
    command: words.map((word, i) => (isOurs || i >= image.length ? rewrite(expand(word, env)) : word)),
    env,
    cwd: container.workingDir ? rewrite(container.workingDir) : place.ownDir,
    rewrite,
  };
}
