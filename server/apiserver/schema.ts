// Schemas: the OpenAPI components of an API as a graph of nodes that is made as far as it is walked, and what decoding does with them.
import { checkObject } from './schema-check.ts';
import { normaliseObject, pruneObject } from './schema-defaults.ts';

/** One OpenAPI v3 schema, as far as Kubernetes uses it. */
export interface RawSchema {
  $ref?: string;
  allOf?: RawSchema[];
  oneOf?: RawSchema[];
  type?: string;
  format?: string;
  properties?: Record<string, RawSchema>;
  additionalProperties?: RawSchema | boolean;
  items?: RawSchema;
  required?: string[];
  enum?: unknown[];
  default?: unknown;
  description?: string;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** Component name → schema: the value of `components.schemas` of an OpenAPI v3 document. */
export type SchemaDocument = Readonly<Record<string, RawSchema>>;

export type NodeKind =
  | 'struct'
  | 'map'
  | 'list'
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'bytes'
  | 'any';

export interface SchemaNode {
  readonly kind: NodeKind;
  /** The type as Go's decoder names it in messages: `int32`, `v1.Container`, `[]v1.Container`. */
  readonly goType: string;
  /** The component's name without its package, for structs: `Container`. */
  readonly structName: string;
  readonly component: string | undefined;
  readonly raw: RawSchema;
  /** Undefined: none. */
  readonly defaultValue: unknown;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listKeys: readonly string[];
  readonly isAtomicMap: boolean;
  readonly patchMergeKey: string | undefined;
  readonly patchStrategies: readonly string[];
  readonly fieldNames: readonly string[];
  /** Names of the fields that decoding fills in when they are absent. */
  readonly defaultedFields: readonly string[];
  isRequired(field: string): boolean;
  /** A struct's field by name; a map's value whatever the name. */
  field(name: string): SchemaNode | undefined;
  /** The elements of a list, the values of a map. */
  readonly items: SchemaNode | undefined;
}

export interface StrictCheck {
  /** In Kubernetes' words, sorted as the fields come: `unknown field "spec.foo"`. */
  unknown: string[];
  /** What Go's decoder says, e.g. `json: cannot unmarshal string into Go struct field …`. A request fails with the first one. */
  typeErrors: string[];
}

export interface Schemas {
  readonly document: SchemaDocument;
  /** Throws when there is no component of that name. */
  nodeAt(schemaName: string): SchemaNode;
  hasSchema(schemaName: string): boolean;
  /** The component that carries this `x-kubernetes-group-version-kind`. */
  schemaNameOf(group: string, version: string, kind: string): string | undefined;
  /**
   * Does to `object` what decoding into Go types and encoding again does: fills in defaults and zero values that are not omitted, drops nulls
   * and empty optional lists and maps, and writes quantities, durations and times in their canonical form. Changes `object`.
   */
  applyDefaults(schemaName: string, object: object): void;
  check(schemaName: string, object: unknown): StrictCheck;
  /** Drops the fields that the schema does not know. Changes `object`. */
  prune(schemaName: string, object: object): void;
}

const refPrefix = '#/components/schemas/';
const opaqueComponents = /\.(RawExtension|FieldsV1|Patch|JSON|JSONSchemaPropsOr(Array|Bool|StringArray))$/;
const emptyRaw: RawSchema = {};

function kindOf(component: string | undefined, raw: RawSchema): NodeKind {
  if (component?.endsWith('.meta.v1.Duration')) return 'duration';
  if (component?.endsWith('.meta.v1.MicroTime')) return 'microTime';
  if (component?.endsWith('.resource.Quantity')) return 'quantity';
  if (raw.format === 'int-or-string') return 'intOrString';
  if ((component && opaqueComponents.test(component)) || raw['x-kubernetes-preserve-unknown-fields']) return 'any';
  switch (raw.type) {
    case 'array':
      return 'list';
    case 'string':
      return raw.format === 'date-time' ? 'time' : raw.format === 'byte' ? 'bytes' : 'string';
    case 'integer':
    case 'number':
    case 'boolean':
      return raw.type;
    case 'object':
      if (raw.properties) return 'struct';
      if (raw.additionalProperties) return 'map';
      return component ? 'struct' : 'any';
    default:
      return raw.properties ? 'struct' : 'any';
  }
}

const goScalars: Partial<Record<NodeKind, string>> = {
  boolean: 'bool',
  time: 'string',
  microTime: 'string',
  duration: 'string',
  string: 'string',
  bytes: '[]uint8',
  intOrString: 'int32',
  any: 'interface {}',
};

class Node implements SchemaNode {
  readonly kind: NodeKind;
  readonly component: string | undefined;
  readonly raw: RawSchema;
  readonly defaultValue: unknown;
  readonly #graph: Graph;
  /** Extensions stand at the place of use; what they do not say comes from the component. */
  readonly #use: RawSchema;
  #fields: Map<string, SchemaNode> | undefined;
  #items: SchemaNode | undefined;
  #fieldNames: readonly string[] | undefined;
  #defaultedFields: readonly string[] | undefined;

  constructor(graph: Graph, use: RawSchema, component: string | undefined) {
    this.#graph = graph;
    this.#use = use;
    this.component = component;
    this.raw = component ? graph.rawOf(component) : use;
    this.kind = kindOf(component, this.raw);
    this.defaultValue = use.default;
  }

  get structName(): string {
    return this.component?.slice(this.component.lastIndexOf('.') + 1) ?? '';
  }

  get goType(): string {
    if (this.kind === 'list') return `[]${this.items?.goType ?? ''}`;
    if (this.kind === 'map') return `map[string]${this.items?.goType ?? ''}`;
    if (this.kind === 'integer') return this.raw.format === 'int64' ? 'int64' : 'int32';
    if (this.kind === 'number') return this.raw.format === 'float' ? 'float32' : 'float64';
    return goScalars[this.kind] ?? this.component?.split('.').slice(-2).join('.') ?? 'interface {}';
  }

  #extension<K extends keyof RawSchema>(name: K): RawSchema[K] {
    return this.#use[name] ?? this.raw[name];
  }

  // Models kube-openapi/pkg/schemaconv: lists that merge by patches merge on apply, too.
  get listType() {
    const given = this.#extension('x-kubernetes-list-type');
    if (given || !this.patchStrategies.includes('merge')) return given ?? 'atomic';
    return this.patchMergeKey ? 'map' : 'set';
  }

  get listKeys() {
    return this.#extension('x-kubernetes-list-map-keys') ?? (this.patchMergeKey ? [this.patchMergeKey] : []);
  }

  get isAtomicMap() {
    return this.#extension('x-kubernetes-map-type') === 'atomic';
  }

  get patchMergeKey() {
    return this.#extension('x-kubernetes-patch-merge-key');
  }

  get patchStrategies() {
    return this.#extension('x-kubernetes-patch-strategy')?.split(',') ?? [];
  }

  get fieldNames(): readonly string[] {
    return (this.#fieldNames ??= Object.keys(this.raw.properties ?? {}));
  }

  get defaultedFields(): readonly string[] {
    const properties = this.raw.properties ?? {};
    return (this.#defaultedFields ??= this.fieldNames.filter((name) => properties[name]?.default !== undefined));
  }

  isRequired(field: string): boolean {
    return this.raw.required?.includes(field) ?? false;
  }

  field(name: string): SchemaNode | undefined {
    if (this.kind === 'map') return this.items;
    const known = this.#fields?.get(name);
    if (known) return known;
    const { properties } = this.raw;
    const raw = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!raw) return undefined;
    const node = this.#graph.nodeOf(raw);
    (this.#fields ??= new Map()).set(name, node);
    return node;
  }

  get items(): SchemaNode | undefined {
    if (this.#items) return this.#items;
    const { items, additionalProperties } = this.raw;
    const raw = this.kind === 'list' ? (items ?? emptyRaw) : this.kind === 'map' ? additionalProperties : undefined;
    if (!raw) return undefined;
    return (this.#items = this.#graph.nodeOf(raw === true ? emptyRaw : raw));
  }
}

class Graph {
  readonly #document: SchemaDocument;
  readonly #components = new Map<string, SchemaNode>();

  constructor(document: SchemaDocument) {
    this.#document = document;
  }

  rawOf(component: string): RawSchema {
    const raw = this.#document[component];
    if (!raw) throw new Error(`There is no schema ${component}; a schema document must hold all that it refers to.`);
    return raw;
  }

  /** The node of a place of use: a bare reference shares its component's node. */
  nodeOf(use: RawSchema): SchemaNode {
    const ref = use.$ref ?? use.allOf?.[0]?.$ref;
    if (!ref) return new Node(this, use, undefined);
    const component = ref.slice(refPrefix.length);
    const isBare = Object.keys(use).length === 1;
    return isBare ? this.componentAt(component) : new Node(this, use, component);
  }

  componentAt(component: string): SchemaNode {
    const known = this.#components.get(component);
    if (known) return known;
    const node = new Node(this, emptyRaw, component);
    this.#components.set(component, node);
    return node;
  }
}

/** The document is kept, not copied: never change it afterwards. */
export function createSchemas(document: SchemaDocument): Schemas {
  const graph = new Graph(document);
  let namesByKind: Map<string, string> | undefined;
  const indexByKind = () => {
    const names = new Map<string, string>();
    for (const [name, raw] of Object.entries(document))
      for (const { group, version, kind } of raw['x-kubernetes-group-version-kind'] ?? [])
        names.set(`${group}/${version}/${kind}`, name);
    return names;
  };
  return {
    document,
    nodeAt: (schemaName) => graph.componentAt(schemaName),
    hasSchema: (schemaName) => Object.hasOwn(document, schemaName),
    schemaNameOf: (group, version, kind) => (namesByKind ??= indexByKind()).get(`${group}/${version}/${kind}`),
    applyDefaults: (schemaName, object) => normaliseObject(graph.componentAt(schemaName), object),
    check: (schemaName, object) => checkObject(graph.componentAt(schemaName), object),
    prune: (schemaName, object) => pruneObject(graph.componentAt(schemaName), object),
  };
}
