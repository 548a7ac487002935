// The gateway process as one starts it: what it prints, how it refuses to start, how it ends.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Run {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  exit: Promise<number | null>;
}

describe('gateway process', function () {
  this.timeout(60_000);
  const runs: Run[] = [];
  let home: string;
  before(async () => (home = await mkdtemp(path.join(tmpdir(), 'playground-main-'))));
  after(() => rm(home, { recursive: true, force: true }));
  afterEach(() => {
    for (const { child } of runs.splice(0)) child.kill('SIGKILL');
  });

  function start(env: Record<string, string> = {}): Run {
    const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
      cwd: root,
      // TMPDIR keeps what other playgrounds of this user have on the machine out of the test.
      env: { PATH: process.env['PATH'], TMPDIR: home, PORT: '0', METRICS_PORT: '0', ...env },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const exit = once(child, 'exit').then(([code]) => code as number | null);
    const run = { child, out: () => out, err: () => err, exit };
    runs.push(run);
    return run;
  }
  const waitFor = (run: Run, text: string) =>
    until(text, () => {
      assert.equal(run.child.exitCode, null, run.err());
      return run.out().includes(text);
    });

  it('says where it is, where its cluster is, and that this is no isolation; one Ctrl-C ends it with all that it made', async () => {
    const run = start();
    await waitFor(run, 'The playground is at ');
    assert.match(run.out(), /^The playground is at http:\/\/127\.0\.0\.1:\d+$/m);
    assert.match(run.out(), /no isolation/);
    const kubeconfig = /--kubeconfig (\S+) /.exec(run.out())?.[1] ?? '';
    assert.ok(existsSync(kubeconfig), kubeconfig);
    const url = /at (http:\S+)/.exec(run.out())?.[1] ?? '';
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    run.child.kill('SIGINT');
    assert.equal(await run.exit, 0, run.err());
    assert.ok(!existsSync(path.dirname(kubeconfig)));
    assert.equal(run.err(), '');
  });

  it('ends when it is told while it still starts', async () => {
    const run = start();
    await waitFor(run, 'no isolation');
    run.child.kill('SIGTERM');
    run.child.kill('SIGTERM');
    assert.equal(await run.exit, 0, run.err());
  });

  it('serves on, unready, for as long as it was asked to drain, whatever signals come', async () => {
    const run = start({ DRAIN_SECONDS: '1' });
    await waitFor(run, 'The playground is at ');
    const url = /at (http:\S+)/.exec(run.out())?.[1] ?? '';
    run.child.kill('SIGTERM');
    await until('an end that has begun', async () => (await fetch(`${url}/readyz`)).status === 503);
    run.child.kill('SIGTERM');
    run.child.kill('SIGINT');
    const page = await fetch(`${url}/healthz`);
    assert.deepEqual([page.status, page.headers.get('connection')], [200, 'close']);
    assert.equal(await run.exit, 0, run.err());
    assert.equal(run.err(), '');
  });

  it('says in a sentence what to do when it cannot start', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const broken = path.join(home, 'kubeconfig');
    await writeFile(broken, 'apiVersion: [');
    const cases: [Record<string, string>, RegExp][] = [
      [
        { PORT: String(port) },
        new RegExp(`^playground: 127\\.0\\.0\\.1:${port} is in use\\. .* PORT=${port + 10}\\.\n$`),
      ],
      [{ ENVIRONMENTS_DIR: '/nowhere' }, /^playground: The environments in \/nowhere cannot be read: .*\n$/],
      [{ DEFAULT_ENVIRONMENT: 'huge' }, /^playground: DEFAULT_ENVIRONMENT is huge, but there is no such environment/],
      [{ CLUSTER: 'kubeconfig', KUBECONFIG: '/nowhere' }, /^playground: The kubeconfig \/nowhere cannot be used: /],
      [{ CLUSTER: 'kubeconfig', KUBECONFIG: broken }, /^playground: The kubeconfig .* cannot be used: /],
    ];
    for (const [env, expected] of cases) {
      const run = start(env);
      assert.equal(await run.exit, 1, JSON.stringify(env) + run.err());
      assert.match(run.err(), expected);
      assert.doesNotMatch(run.err(), / at .*\.ts/);
    }
    taken.close();
  });

  it('tells all faults of its options at once, and exits with 2', async () => {
    const run = start({ PORT: 'http', LISTEN_HOST: 'everywhere', COOKIE_KEYS: 'short' });
    assert.equal(await run.exit, 2);
    assert.deepEqual(
      run
        .err()
        .trim()
        .split('\n')
        .map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['playground: LISTEN_HOST', 'playground: PORT', 'playground: COOKIE_KEYS'],
    );
  });
});
