// Environments: directories of data (environment.yaml, pod.yaml), checked by schema when they are loaded.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { messageOf } from '../common/errors.ts';
import { terminalContainer, type Pod } from './types.ts';

const sentence = (max: number) => z.string().trim().min(1).max(max);

const maxMinutes = 7 * 24 * 60;

/** What environment.yaml says. */
export const environmentSchema = z.strictObject({
  title: sentence(60),
  description: sentence(400),
  features: z.array(sentence(120)).max(8),
  startSeconds: z.number().positive().max(3600),
  // Below two minutes there is no time to be warned in.
  idleMinutes: z.number().int().min(2).max(maxMinutes),
  lifeMinutes: z.number().int().min(2).max(maxMinutes),
});

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().min(1),
  env: z.array(z.looseObject({ name: z.string() })).optional(),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number().int() })).optional(),
});

// What the gateway needs of the template; the rest is the API server's to judge.
const podSchema = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: z
    .strictObject({
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  spec: z.looseObject({
    activeDeadlineSeconds: z.number().int().min(60),
    containers: z
      .array(containerSchema)
      .refine((containers) => containers.some(({ name }) => name === terminalContainer), {
        message: `must have a container named ${terminalContainer}`,
      })
      .refine(
        (containers) =>
          containers.some(
            ({ name, ports }) => name === terminalContainer && ports?.some((port) => port.name === 'agent'),
          ),
        { message: `container ${terminalContainer} must have a port named agent` },
      ),
  }),
});

export type PodTemplate = Pick<Pod, 'apiVersion' | 'kind'> & {
  spec: Pod['spec'] & { activeDeadlineSeconds: number };
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
};

export interface Environment {
  /** Name of its directory. */
  name: string;
  title: string;
  description: string;
  features: string[];
  startSeconds: number;
  /** A session in which nobody has typed for so long is ended. */
  idleMinutes: number;
  /** How long a session lives, from its creation or the last time that its user stayed. */
  lifeMinutes: number;
  pod: PodTemplate;
}

const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

async function readYaml<T>(file: string, schema: z.ZodType<T>, faults: string[]): Promise<T | undefined> {
  try {
    const parsed = schema.safeParse(parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const place = issue.path.length ? ` ${issue.path.join('.')}:` : '';
      faults.push(`${file}:${place} ${issue.message}`);
    }
  } catch (fault) {
    const isMissing = fault instanceof Error && 'code' in fault && fault.code === 'ENOENT';
    faults.push(`${file}: ${isMissing ? 'there is no such file' : messageOf(fault).split('\n')[0]}`);
  }
  return undefined;
}

function lifeFault(lifeMinutes: number, deadlineSeconds: number): string | undefined {
  if (lifeMinutes * 60 <= deadlineSeconds) return undefined;
  const most = Math.floor(deadlineSeconds / 60);
  return `${lifeMinutes} is more than the ${most} minutes of activeDeadlineSeconds (${deadlineSeconds}) in pod.yaml, which nothing extends`;
}

async function loadOne(directory: string, name: string, faults: string[]): Promise<Environment | undefined> {
  if (!namePattern.test(name)) {
    faults.push(`${path.join(directory, name)}: the name of an environment has small letters, digits and dashes`);
    return undefined;
  }
  const about = await readYaml(path.join(directory, name, 'environment.yaml'), environmentSchema, faults);
  const pod = await readYaml(path.join(directory, name, 'pod.yaml'), podSchema, faults);
  if (!about || !pod) return undefined;
  const fault = lifeFault(about.lifeMinutes, pod.spec.activeDeadlineSeconds);
  if (fault) faults.push(`${path.join(directory, name, 'environment.yaml')}: lifeMinutes: ${fault}`);
  if (fault) return undefined;
  return { name, ...about, pod: pod as PodTemplate };
}

/**
 * The environments of `directory`, by name, and a sentence for every fault (file, path in it, what is wrong). An environment with a
 * fault is left out; the others go on. Throws when the directory itself cannot be read.
 */
export async function loadEnvironments(
  directory: string,
): Promise<{ environments: Map<string, Environment>; faults: string[] }> {
  const faults: string[] = [];
  const environments = new Map<string, Environment>();
  const entries = await readdir(directory, { withFileTypes: true });
  // A mounted ConfigMap brings directories like ..data, and its items are links.
  const names = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith('.')).map((entry) => entry.name);
  for (const name of names.sort()) {
    const environment = await loadOne(directory, name, faults);
    if (environment) environments.set(name, environment);
  }
  if (!names.length) faults.push(`${directory}: there is no environment`);
  return { environments, faults };
}
