// The kinds that every Kubernetes has: discovery data from the schemas, joined with columns and behaviour.
import type { RawSchema, SchemaDocument } from '../schema.ts';
import type { AdmissionRequest, ApiObject, Kind, Strategy, Subresource, Verb } from '../types.ts';
import { isDeepEqual } from '../objects.ts';
import { columnsOf } from './columns/index.ts';
import { text } from './objects.ts';
import type { Behaviour } from './strategies/behaviour.ts';
import { createBehaviours } from './strategies/index.ts';

/** What a schema says about the resource that it is the kind of: taken from a real API server. */
export interface ResourceData {
  plural: string;
  singular?: string;
  shortNames?: string[];
  categories?: string[];
  namespaced: boolean;
  /** Absent: all eight. */
  verbs?: Verb[];
  subresources?: Record<string, { verbs: Verb[]; kind?: string }>;
}

export interface KubernetesKindsOptions {
  schemas: SchemaDocument;
  /** Resources to serve, as `group/plural`, `group/version/plural`, or `plural` alone; absent: all that `schemas` says. */
  only?: readonly string[];
  /** Where the cluster IPs of services come from. */
  serviceCidr?: string;
  /** Subresources that the caller answers, as `pods/log`. */
  connect?: Readonly<Record<string, NonNullable<Subresource['connect']>>>;
}

const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const defaultServiceCidr = '10.96.0.0/12';

/** Groups and versions in the order in which a real API server lists them. */
const groupVersions = [
  '/v1',
  'apiregistration.k8s.io/v1',
  'apps/v1',
  'events.k8s.io/v1',
  'authentication.k8s.io/v1',
  'authorization.k8s.io/v1',
  'autoscaling/v2',
  'autoscaling/v1',
  'batch/v1',
  'certificates.k8s.io/v1',
  'networking.k8s.io/v1',
  'policy/v1',
  'rbac.authorization.k8s.io/v1',
  'storage.k8s.io/v1',
  'admissionregistration.k8s.io/v1',
  'apiextensions.k8s.io/v1',
  'scheduling.k8s.io/v1',
  'coordination.k8s.io/v1',
  'node.k8s.io/v1',
  'discovery.k8s.io/v1',
  'resource.k8s.io/v1',
  'flowcontrol.apiserver.k8s.io/v1',
];

const splitKind = (path: string): NonNullable<Subresource['kind']> => {
  const [group = '', version = '', kind = ''] = path.split('/');
  return { group, version, kind };
};

/** Kinds that keep no generation neither get one nor count it up. */
function withoutGeneration(strategy: Strategy): Strategy {
  return {
    ...strategy,
    prepare(request: AdmissionRequest) {
      strategy.prepare?.(request);
      delete request.object?.metadata.generation;
    },
  };
}

const withoutMetadata = ({ metadata: _, ...rest }: ApiObject) => rest;

/** Counts changes of the spec, or of everything but metadata where there is no spec. */
function withGeneration(strategy: Strategy): Strategy {
  return {
    ...strategy,
    prepare(request: AdmissionRequest) {
      strategy.prepare?.(request);
      if (request.object && request.operation === 'CREATE') request.object.metadata.generation = 1;
    },
    isGenerationRaised: (object, old) =>
      object.spec === undefined
        ? !isDeepEqual(withoutMetadata(object), withoutMetadata(old))
        : !isDeepEqual(object.spec, old.spec),
  };
}

const select = (paths: readonly string[] = []): Kind['selectableFields'] =>
  Object.fromEntries(
    paths.map((path) => [path, (object: ApiObject) => text(object, path === 'name' ? 'metadata.name' : path)]),
  );

function toKind(
  schemaName: string,
  gvk: NonNullable<Subresource['kind']>,
  data: ResourceData,
  behaviour: Behaviour,
  connect: KubernetesKindsOptions['connect'] = {},
): Kind {
  const {
    plural,
    singular = gvk.kind.toLowerCase(),
    shortNames = [],
    categories = [],
    namespaced,
    verbs = allVerbs,
  } = data;
  const { strategy = {}, hasGeneration, selectableFields, conversion } = behaviour;
  const subresources = Object.entries(data.subresources ?? {}).map(([name, { verbs: own, kind }]): Subresource => {
    const answer = connect[`${plural}/${name}`];
    return {
      name,
      verbs: own,
      ...(kind && { kind: splitKind(kind) }),
      ...behaviour.subresources?.[name],
      ...(answer && { connect: answer }),
    };
  });
  return {
    ...gvk,
    plural,
    singular,
    shortNames,
    categories,
    isNamespaced: namespaced,
    verbs,
    subresources,
    schemaName,
    columns: columnsOf(gvk.group, plural),
    selectableFields: select(selectableFields),
    strategy: hasGeneration ? withGeneration(strategy) : withoutGeneration(strategy),
    ...(conversion && { conversion }),
  };
}

const isNamed = (
  { group, version, plural }: { group: string; version: string; plural: string },
  patterns: readonly string[],
): boolean =>
  patterns.some((pattern) =>
    [plural, `${group}/${plural}`, `${group}/${version}/${plural}`, `${group}/${version}/*`, `${group}/*`].includes(
      pattern,
    ),
  );

type ServedSchema = RawSchema & { 'x-kubernetes-resource'?: ResourceData };

/** The same schemas, some of them no longer those of a resource. */
export function withoutResources(schemas: SchemaDocument, unserved: readonly string[]): SchemaDocument {
  const entries = Object.entries(schemas).map(([name, schema]): [string, RawSchema] => {
    const { 'x-kubernetes-resource': data, ...rest } = schema as ServedSchema;
    const gvk = schema['x-kubernetes-group-version-kind']?.[0];
    const isUnserved = data && gvk && isNamed({ ...gvk, plural: data.plural }, unserved);
    return [name, isUnserved ? rest : schema];
  });
  return Object.fromEntries(entries);
}

/** In the order of discovery. Throws nothing: a document without resources gives no kinds. */
export function createKubernetesKinds(options: KubernetesKindsOptions): Kind[] {
  const { schemas, only, serviceCidr = defaultServiceCidr, connect } = options;
  const behaviourOf = createBehaviours(serviceCidr);
  const kinds = Object.entries(schemas).flatMap(([schemaName, schema]): Kind[] => {
    const data = (schema as ServedSchema)['x-kubernetes-resource'];
    const gvk = schema['x-kubernetes-group-version-kind']?.[0];
    return data && gvk ? [toKind(schemaName, gvk, data, behaviourOf(gvk.group, data.plural), connect)] : [];
  });
  const place = ({ group, version }: Kind) => groupVersions.indexOf(`${group}/${version}`);
  return kinds
    .filter((kind) => !only || isNamed(kind, only))
    .sort((a, b) => place(a) - place(b) || (a.plural < b.plural ? -1 : 1));
}
