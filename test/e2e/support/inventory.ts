// All objects of a cluster by name, so that one can say what an uninstall left behind.
import type { Stage } from './stage.ts';

// What controllers make and drop all the time.
const restless = new Set(['Event', 'Lease', 'PodMetrics', 'NodeMetrics', 'ComponentStatus', 'IPAddress']);

/** `kind namespace/name` of every object, cluster-scoped ones included. */
export async function listAll({ kubectl }: Stage): Promise<Set<string>> {
  const kinds = (await kubectl('api-resources --verbs=list -o name')).trim().split('\n');
  const columns = 'custom-columns=K:.kind,S:.metadata.namespace,N:.metadata.name';
  const text = await kubectl(`get ${kinds.join(',')} -A --no-headers --ignore-not-found -o ${columns}`);
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return new Set(
    rows
      .filter(([kind, , name]) => name && !restless.has(kind ?? ''))
      .map(([kind, namespace, name]) => `${kind} ${namespace === '<none>' ? '' : `${namespace}/`}${name}`),
  );
}
