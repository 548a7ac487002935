// Runs commands of this machine with a bound in time; what they said is in the fault when they fail.
import { execFile, spawn } from 'node:child_process';

export interface RunOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
}

/** Standard output. Throws with all that was said when it fails or takes longer than `timeoutMs` (a minute unless said). */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input = '', env = process.env, timeoutMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 27 },
      (fault, stdout, stderr) => {
        if (!fault) return resolve(stdout);
        const why = fault.killed ? `took longer than ${timeoutMs} ms` : `failed with ${fault.code}`;
        reject(new Error(`${file} ${args.join(' ')} ${why}\n${stdout.slice(-4000)}${stderr.slice(-4000)}`));
      },
    );
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** The same for a line of shell, as the variables of this folder hold it. */
export const runShell = (line: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> =>
  run('sh', ['-c', `${line} "$@"`, 'sh', ...args], options);

/** Whether a program can be found on PATH. */
export const hasProgram = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    spawn('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).on('exit', (code) => resolve(code === 0));
  });
