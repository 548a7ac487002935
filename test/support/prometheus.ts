// A real Prometheus and its promtool, where they are installed (Debian: prometheus).
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { eventually } from './eventually.ts';

const readyMs = 20_000;

/** Why the tests that need it are skipped; undefined when it is there. */
export function whyNoPrometheus(): string | undefined {
  const isThere = ['prometheus', 'promtool'].every((program) => spawnSync(program, ['--version']).status === 0);
  return isThere ? undefined : 'prometheus is not installed (Debian: apt-get install prometheus)';
}

export const promtool = (args: string[], input = ''): SpawnSyncReturns<string> =>
  spawnSync('promtool', args, { input, encoding: 'utf8', cwd: path.join(import.meta.dirname, '../..') });

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export interface Prometheus {
  url: string;
  /** Answers a query as of now. Throws what Prometheus says of a wrong one. */
  query(query: string): Promise<Sample[]>;
  /** Any other address of its API: the `data` of the answer. */
  read<T>(path: string): Promise<T>;
  dispose(): Promise<void>;
}

export interface PrometheusOptions {
  /** Addresses that end in /metrics. */
  targets: string[];
  /** Absolute path of a file with rules. */
  ruleFile: string;
}

const configOf = ({ targets, ruleFile }: PrometheusOptions) =>
  stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [ruleFile],
    scrape_configs: [{ job_name: 'gateway', static_configs: [{ targets: targets.map((url) => new URL(url).host) }] }],
  });

/** Starts one that scrapes `targets` every second; resolves when it is ready. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = await mkdtemp(path.join(tmpdir(), 'playground-prometheus-'));
  const config = path.join(folder, 'prometheus.yml');
  await writeFile(config, configOf(options));
  const flags = {
    'config.file': config,
    'storage.tsdb.path': path.join(folder, 'data'),
    'web.listen-address': '127.0.0.1:0',
  };
  const child = spawn(
    'prometheus',
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  const dispose = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  let said = '';
  let address: string | undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    said += `${line}\n`;
    address = /msg="?Listening on"? address=(\S+)/.exec(line)?.[1];
    if (address) break;
  }
  if (!address) {
    await dispose();
    throw new Error(`Prometheus did not start:\n${said}`);
  }
  child.stderr.resume();
  const url = `http://${address}`;
  // It listens before it has read its own data.
  const isReady = () => fetch(`${url}/-/ready`).then(({ ok }) => ok);
  await eventually('Prometheus is ready', isReady, readyMs).catch(async (fault: unknown) => {
    await dispose();
    throw fault;
  });
  const read = async <T>(asked: string): Promise<T> => {
    const answer = (await (await fetch(`${url}/api/v1/${asked}`)).json()) as { data?: T; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.data as T;
  };
  return {
    url,
    read,
    async query(query) {
      interface Vector {
        result: { metric: Record<string, string>; value: [number, string] }[];
      }
      const { result } = await read<Vector>(`query?${new URLSearchParams({ query })}`);
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    dispose,
  };
}
