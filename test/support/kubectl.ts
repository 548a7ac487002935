// Runs kubectl as a visitor would, with nothing of the developer's own configuration.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ensureKubectl } from '../../scripts/kubectl.ts';

export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Kubectl {
  /** Never throws for what kubectl itself refuses: see `code`. */
  (args: string, input?: string): Promise<KubectlResult>;
  dispose(): Promise<void>;
}

/** Arguments are split at spaces; those in single quotes stay whole. */
export const splitArguments = (text: string): string[] =>
  [...text.matchAll(/(?:[^\s']+|'[^']*')+/g)].map(([part]) => part.replaceAll("'", ''));

export async function createKubectl(kubeconfig: string): Promise<Kubectl> {
  const binary = process.env.KUBECTL ?? (await ensureKubectl());
  const home = await mkdtemp(path.join(os.tmpdir(), 'playground-kubectl-'));
  const env = { HOME: home, KUBECONFIG: kubeconfig, PATH: process.env.PATH ?? '', LANG: 'C' };
  const run = (args: string, input = '') =>
    new Promise<KubectlResult>((resolve, reject) => {
      const child = execFile(binary, splitArguments(args), { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(error ?? new Error('kubectl ended without a code'));
      });
      child.stdin?.on('error', () => {}).end(input);
    });
  return Object.assign(run, { dispose: () => rm(home, { recursive: true, force: true }) });
}
