// Runs helm on the chart, with nothing of the developer's own configuration, and reads what it renders.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { ensureTool } from '../../scripts/kubectl.ts';

export const chartDir = fileURLToPath(new URL('../../charts/playground', import.meta.url));

export interface HelmResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RenderedObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
}

const home = mkdtempSync(path.join(os.tmpdir(), 'playground-helm-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));

/** Never throws for what helm itself refuses: see `code`. */
export async function helm(
  args: readonly string[],
  { input = '', kubeconfig = '/dev/null' }: { input?: string; kubeconfig?: string } = {},
): Promise<HelmResult> {
  const binary = (await ensureTool('helm')) ?? 'helm';
  const env = { HOME: home, KUBECONFIG: kubeconfig, PATH: process.env.PATH ?? '', LANG: 'C' };
  return new Promise((resolve, reject) => {
    const child = execFile(binary, args, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error ?? new Error('helm ended without a code'));
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

export interface RenderOptions {
  namespace?: string;
  release?: string;
  more?: string[];
}

/** Values may be those of a file (its path) or given as an object. */
export function template(
  values: string | object,
  { namespace = 'demo', release = 'playground', more = [] }: RenderOptions = {},
): Promise<HelmResult> {
  const isFile = typeof values === 'string';
  const args = ['template', release, chartDir, '--namespace', namespace, '--values', isFile ? values : '-', ...more];
  return helm(args, { input: isFile ? '' : stringify(values) });
}

/** What the chart renders of values that it takes. */
export class Rendering {
  readonly objects: RenderedObject[];

  constructor(readonly text: string) {
    this.objects = parseAllDocuments(text)
      .map((document) => document.toJS() as RenderedObject | null)
      .filter((object) => object !== null);
  }

  all<T extends object = object>(kind: string): (RenderedObject & T)[] {
    return this.objects.filter((object) => object.kind === kind) as (RenderedObject & T)[];
  }

  /** Throws when there is none, or more than one of that kind (and name). */
  one<T extends object = object>(kind: string, name?: string): RenderedObject & T {
    const found = this.all<T>(kind).filter(({ metadata }) => name === undefined || metadata.name === name);
    const [first] = found;
    if (!first || found.length > 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}`);
    return first;
  }
}

const rendered = new Map<string, Promise<Rendering>>();

/** What the chart makes of `values`; the same values and options give the same rendering. Throws what helm says when it refuses. */
export function render(values: string | object, options?: RenderOptions): Promise<Rendering> {
  const key = JSON.stringify([values, options]);
  const rendering =
    rendered.get(key) ??
    template(values, options).then(({ code, stdout, stderr }) => {
      if (code !== 0) throw new Error(stderr);
      return new Rendering(stdout);
    });
  rendered.set(key, rendering);
  return rendering;
}

/** What helm says when it refuses `values`. Throws when it takes them. */
export async function refusalOf(values: string | object, options?: RenderOptions): Promise<string> {
  const { code, stderr } = await template(values, options);
  if (code === 0) throw new Error('The values should have been refused.');
  return stderr;
}
