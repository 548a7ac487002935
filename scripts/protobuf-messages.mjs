// Makes server/apiserver/protobuf/messages.json: field numbers of Kubernetes' messages, read from the struct tags of its Go types.
// Usage: node scripts/protobuf-messages.mjs API_CHECKOUT APIMACHINERY_CHECKOUT > server/apiserver/protobuf/messages.json
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const [apiDir, machineryDir] = process.argv.slice(2);
if (!apiDir || !machineryDir) {
  console.error('usage: node scripts/protobuf-messages.mjs API_CHECKOUT APIMACHINERY_CHECKOUT');
  process.exit(2);
}

const packages = {
  'meta/v1': join(machineryDir, 'pkg/apis/meta/v1'),
  ...Object.fromEntries(
    ['core', 'apps', 'batch', 'rbac', 'networking', 'policy', 'scheduling', 'coordination', 'authentication']
      .concat(['authorization', 'certificates', 'events', 'storage', 'discovery', 'node', 'autoscaling'])
      .map((group) => [`${group}/v1`, join(apiDir, group, 'v1')]),
  ),
  'autoscaling/v2': join(apiDir, 'autoscaling/v2'),
};
// Lists are answers, and the rest is never sent by a client.
const isLeftOut = (name) =>
  /List$|^(TypeMeta|APIVersions|WatchEvent|InternalEvent|Table.*|PartialObject.*)$/.test(name);

const scalars = { string: 's', bool: 'b', '[]byte': 'y', float64: 'd', int: 'i', int32: 'i', int64: 'i', uint32: 'i' };
const special = {
  'meta/v1.Time': 'T',
  'meta/v1.MicroTime': 'U',
  'meta/v1.Duration': 'D',
  'meta/v1.FieldsV1': 'R',
  'resource.Quantity': 'Q',
  'intstr.IntOrString': 'I',
  'runtime.RawExtension': 'R',
};

const structs = new Map();
const aliases = new Map();
for (const [name, dir] of Object.entries(packages)) {
  for (const file of ['types.go', 'well_known_types.go']) {
    if (!existsSync(join(dir, file))) continue;
    const source = readFileSync(join(dir, file), 'utf8').replace(/^\s*\/\/.*$/gm, '');
    for (const [, type, body] of source.matchAll(/^type (\w+) struct \{\n(.*?)^\}/gms))
      structs.set(`${name}.${type}`, { name, body });
    for (const [, type, of] of source.matchAll(/^type (\w+) (string|int32|\[\]\S+|map\[\S+)$/gm))
      aliases.set(`${name}.${type}`, { name, of });
  }
}

/** `s`, `*s` (list), `%s` (map of strings), `?s` (a pointer: a zero that is sent is meant), or a message's name. */
function typeOf(type, pkg) {
  if (scalars[type]) return scalars[type];
  if (type.startsWith('*')) return `?${typeOf(type.slice(1), pkg)}`;
  if (type.startsWith('[]')) return `*${typeOf(type.slice(2), pkg)}`;
  const map = /^map\[[\w.]+\](.+)$/.exec(type);
  if (map) return `%${typeOf(map[1], pkg)}`;
  const full = qualify(type, pkg);
  if (special[full]) return special[full];
  if (structs.has(full)) return full;
  const alias = aliases.get(full);
  // A named list is a message with its items in field 1.
  if (alias) return alias.of.startsWith('[]') ? 'X' : typeOf(alias.of, alias.name);
  if (full.startsWith('types.')) return 's';
  throw new Error(`unknown type ${full}`);
}

// Types of alpha versions that are not among the packages.
const isForeign = (type) => /\w+v\d+(alpha|beta)\d+\./.test(type);

function qualify(type, pkg) {
  const [prefix, name] = type.includes('.') ? type.split('.') : [undefined, type];
  if (!prefix) return `${pkg}.${name}`;
  if (prefix === 'metav1') return `meta/v1.${name}`;
  if (['v1', 'corev1', 'apiv1'].includes(prefix)) return `core/v1.${name}`;
  return `${prefix}.${name}`;
}

const messages = {};
for (const [full, { name, body }] of [...structs].sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (isLeftOut(full.split('.').pop())) continue;
  const fields = [];
  for (const line of body.split('\n')) {
    const tag = /^\s*(?:(\w+)\s+)?(\S+)\s+`(.*protobuf:"[^"]*".*)`/.exec(line);
    const number = /protobuf:"\w+,(\d+),/.exec(tag?.[3] ?? '')?.[1];
    if (!number || isForeign(tag[2])) continue;
    const json = /json:"([^",]*)/.exec(tag[3])?.[1] ?? '';
    fields.push([Number(number), json, typeOf(tag[2], name)]);
  }
  messages[full] = fields;
}
console.log(JSON.stringify(messages));
