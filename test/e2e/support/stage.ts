// What the end-to-end tests are told by the environment: cluster, images, and commands for what only the machine can do.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTool } from '../../../scripts/kubectl.ts';
import { createKubeClient, type KubeClient } from '../../../server/kube/index.ts';
import { hasProgram, run, runShell, type RunOptions } from './commands.ts';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const loadBeside = path.join(root, '../shared/cluster/load');

/** Shell commands that take the API server away and bring it back. */
export interface Outage {
  begin: string;
  end: string;
}

export interface Stage {
  kubeconfig: string;
  /** Tag of the three images. */
  tag: string;
  client: KubeClient;
  kubectlPath: string;
  kubectl(args: string, options?: RunOptions): Promise<string>;
  helm(args: string, options?: RunOptions): Promise<string>;
  /** How the API server can be taken away; what is not there cannot be done here. */
  outages: { end?: Outage; hang?: Outage };
  /** Host and port outside of the cluster that answer there; absent where none is named. */
  outside?: string;
}

/** Why there is nothing to test on; undefined when there is. */
export function whyNoStage(): string | undefined {
  const { KUBECONFIG } = process.env;
  if (!KUBECONFIG) return 'KUBECONFIG names no cluster';
  return existsSync(KUBECONFIG) ? undefined : `there is no kubeconfig at ${KUBECONFIG}`;
}

const wordsOf = (text: string): string[] =>
  [...text.matchAll(/(?:[^\s']+|'[^']*')+/g)].map(([part]) => part.replaceAll("'", ''));

const findTool = async (name: 'kubectl' | 'helm'): Promise<string> => {
  if (await hasProgram(name)) return name;
  const tool = await ensureTool(name);
  if (!tool) throw new Error(`There is no ${name}. Install it and try again.`);
  return tool;
};

const toOutage = (begin?: string, end?: string): Outage | undefined => (begin && end ? { begin, end } : undefined);

export async function openStage(): Promise<Stage> {
  const { KUBECONFIG = '', E2E_TAG = 'dev', E2E_OUTSIDE } = process.env;
  const { E2E_API_STOP, E2E_API_START, E2E_API_HANG, E2E_API_GO_ON } = process.env;
  const [kubectl, helm] = [await findTool('kubectl'), await findTool('helm')];
  return {
    kubeconfig: KUBECONFIG,
    tag: E2E_TAG,
    client: createKubeClient({ kubeconfig: KUBECONFIG }),
    kubectlPath: kubectl,
    kubectl: (args, options) => run(kubectl, wordsOf(args), options),
    helm: (args, options) => run(helm, wordsOf(args), options),
    outages: { end: toOutage(E2E_API_STOP, E2E_API_START), hang: toOutage(E2E_API_HANG, E2E_API_GO_ON) },
    outside: E2E_OUTSIDE || undefined,
  };
}

/** Puts the images into the cluster: by E2E_LOAD, by the script beside the clone, or by kind. */
export async function loadImages({ tag }: Stage): Promise<void> {
  const images = ['gateway', 'terminal', 'garden-lite'].map((name) => `playground/${name}:${tag}`);
  const options = { timeoutMs: 300_000 };
  const { E2E_LOAD } = process.env;
  if (E2E_LOAD) await runShell(E2E_LOAD, images, options);
  else if (existsSync(loadBeside)) await run(loadBeside, images, options);
  else if (await hasProgram('kind')) await run('kind', ['load', 'docker-image', ...images], options);
  else throw new Error('E2E_LOAD must name a command that puts images into the cluster; there is no kind either.');
}
