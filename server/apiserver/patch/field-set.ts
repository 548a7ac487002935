// Sets of field paths, and their form in managedFields (fieldsV1).
// Models sigs.k8s.io/structured-merge-diff/fieldpath.

/** `f:name` a field, `k:{…}` a list element by its keys, `v:…` an element of a set. */
export type PathElement = string;

export interface FieldsV1 {
  [element: PathElement]: FieldsV1;
}

/** A tree of path elements; every node may be a member itself. */
export class FieldSet {
  isMember = false;
  readonly children = new Map<PathElement, FieldSet>();

  static fromFieldsV1(fields: FieldsV1): FieldSet {
    const set = new FieldSet();
    const elements = Object.keys(fields);
    set.isMember = elements.length === 0 || elements.includes('.');
    for (const [element, child] of Object.entries(fields))
      if (element !== '.') set.children.set(element, FieldSet.fromFieldsV1(child));
    return set;
  }

  /** The root is no member, whatever the caller did to it. */
  toFieldsV1(): FieldsV1 {
    const fields: FieldsV1 = {};
    for (const [element, child] of this.#sorted()) {
      const nested = child.toFieldsV1();
      fields[element] = child.isMember && child.children.size ? { '.': {}, ...nested } : nested;
    }
    return fields;
  }

  #sorted(): [PathElement, FieldSet][] {
    return [...this.children].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  get isEmpty(): boolean {
    return !this.isMember && [...this.children.values()].every((child) => child.isEmpty);
  }

  insert(path: readonly PathElement[]): void {
    let node = this as FieldSet;
    for (const element of path) node = node.child(element);
    node.isMember = true;
  }

  child(element: PathElement): FieldSet {
    const known = this.children.get(element);
    if (known) return known;
    const child = new FieldSet();
    this.children.set(element, child);
    return child;
  }

  at(path: readonly PathElement[]): FieldSet | undefined {
    let node: FieldSet | undefined = this as FieldSet;
    for (const element of path) node = node?.children.get(element);
    return node;
  }

  /** A new set of the paths for which `keep` says yes, given whether each set has it. */
  static combine(a: FieldSet | undefined, b: FieldSet | undefined, keep: (inA: boolean, inB: boolean) => boolean) {
    const result = new FieldSet();
    result.isMember = keep(a?.isMember ?? false, b?.isMember ?? false);
    for (const element of new Set([...(a?.children.keys() ?? []), ...(b?.children.keys() ?? [])])) {
      const child = FieldSet.combine(a?.children.get(element), b?.children.get(element), keep);
      if (child.isMember || child.children.size) result.children.set(element, child);
    }
    return result;
  }

  union(other: FieldSet): FieldSet {
    return FieldSet.combine(this, other, (a, b) => a || b);
  }

  difference(other: FieldSet): FieldSet {
    return FieldSet.combine(this, other, (a, b) => a && !b);
  }

  intersection(other: FieldSet): FieldSet {
    return FieldSet.combine(this, other, (a, b) => a && b);
  }

  equals(other: FieldSet): boolean {
    return FieldSet.combine(this, other, (a, b) => a !== b).isEmpty;
  }

  /** Drops a path and all beneath it. */
  removeTree(path: readonly PathElement[]): void {
    const last = path.at(-1);
    if (last !== undefined) this.at(path.slice(0, -1))?.children.delete(last);
  }

  /** All members: those of one level before those beneath them, each in order. */
  paths(prefix: readonly PathElement[] = []): PathElement[][] {
    const level = this.#sorted();
    const members = level.filter(([, child]) => child.isMember).map(([element]) => [...prefix, element]);
    return [...members, ...level.flatMap(([element, child]) => child.paths([...prefix, element]))];
  }
}

/** A path as people read it: `.spec.workers[name="local"].maximum`. */
export function formatPath(path: readonly PathElement[]): string {
  const format = (element: PathElement): string => {
    const text = element.slice(2);
    if (element.startsWith('f:')) return `.${text}`;
    if (element.startsWith('v:')) return `[=${text}]`;
    const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
  };
  return path.map(format).join('');
}
