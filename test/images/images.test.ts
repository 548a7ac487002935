// The images of `make images`: what is in them, what is not, and that they run as a restricted namespace demands.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.ts';
import type { TerminalClient } from '../support/terminal-client.ts';
import { findEngine, imageNames, isAnswering, type Container } from './engine.ts';
import { startSession, type Session } from './session.ts';

const limitBytes = 220_000_000;
const prompt = 'virtual-garden\x1b[0m/\x1b[1mgarden-local\x1b[0m';
const unwanted = [
  'npm',
  'npx',
  'corepack',
  'yarn',
  'cc',
  'gcc',
  'c++',
  'g++',
  'clang',
  'ld',
  'as',
  'make',
  'go',
  'sudo',
];

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: away, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: gateway, user: {}}]
contexts: [{name: away, context: {cluster: away, user: gateway}}]
current-context: away
`;

describe('images', function () {
  this.timeout(60_000);
  const found = findEngine();
  if (typeof found === 'string') return void it.skip(`needs the images: ${found}`);
  const engine = found;

  for (const name of imageNames)
    describe(name, () => {
      it('runs as a user that has a number', () => {
        assert.equal(engine.inspect(name).user, '1000:1000');
        assert.equal(engine.shell(name, 'id -u; id -g'), '1000\n1000\n');
      });

      it('says what it is', () => {
        const { labels } = engine.inspect(name);
        const label = (key: string) => labels[`org.opencontainers.image.${key}`] ?? '';
        assert.equal(label('title'), `playground ${name}`);
        assert.equal(label('licenses'), 'Apache-2.0');
        assert.match(label('revision'), /^([0-9a-f]{40}(-dirty)?|unknown)$/);
        assert.ok(!Number.isNaN(Date.parse(label('created'))), label('created'));
        assert.ok(label('version') && label('description'));
      });

      it('holds no compiler and no package manager of Node', () => {
        const script = `for program in ${unwanted.join(' ')}; do command -v $program; done; true`;
        assert.equal(engine.shell(name, script), '');
        assert.equal(engine.shell(name, 'find / -xdev -path "*/node_modules/npm" 2>/dev/null; true'), '');
      });

      it('holds nothing that its user could change', () => {
        const script =
          'find / -xdev \\( -user 1000 -o -perm -o=w \\) ! -type l ! -type c ! -perm -1000 2>/dev/null; true';
        const homes = /^\/home\/visitor/;
        const changeable = engine
          .shell(name, script)
          .split('\n')
          .filter((file) => file && !homes.test(file));
        assert.deepEqual(changeable, []);
      });

      it('holds the licences of what is in it', () => {
        const script = 'head -n 3 /app/LICENSE; grep -c "^MIT License\\|^The MIT License" /app/dist/licenses.txt';
        assert.match(engine.shell(name, script), /Apache License[^]*\n[1-9]\d*\n$/);
      });
    });

  for (const name of ['gateway', 'garden-lite'] as const)
    it(`${name} is smaller than 220 MB`, () => {
      const { sizeBytes } = engine.inspect(name);
      assert.ok(sizeBytes < limitBytes, `${sizeBytes} bytes`);
    });

  describe('a gateway with a read-only root, whose cluster is away', () => {
    let directory: string;
    let gateway: Container;
    before(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'playground-images-'));
      const file = path.join(directory, 'kubeconfig');
      await writeFile(file, kubeconfig);
      await chmod(directory, 0o755);
      const env = ['LISTEN_HOST=0.0.0.0', 'CLUSTER=kubeconfig', 'KUBECONFIG=/kubeconfig'];
      env.push('GITHUB_CLIENT_ID=id', 'GITHUB_CLIENT_SECRET=secret', 'PUBLIC_URL=http://127.0.0.1:8080');
      gateway = engine.start('gateway', [
        ...['--publish', '127.0.0.1::8080', '--volume', `${file}:/kubeconfig:ro,z`],
        ...env.flatMap((value) => ['--env', value]),
      ]);
    });
    after(async () => {
      gateway?.dispose();
      await rm(directory, { recursive: true });
    });

    it('answers', async () => {
      const url = `http://127.0.0.1:${gateway.portOf(8080)}/healthz`;
      await eventually('the gateway answers', () => isAnswering(url), 20_000);
    });

    it('logs nothing but JSON', () => {
      for (const line of gateway.logs().split('\n').filter(Boolean)) assert.doesNotThrow(() => JSON.parse(line), line);
    });
  });

  describe('a session with a read-only root', () => {
    let session: Session;
    let client: TerminalClient;
    before(async () => {
      session = await startSession(engine);
      client = await session.attach('main');
      await client.shows(prompt);
    });
    after(() => session?.dispose());

    it('greets, and reaches the garden', async () => {
      assert.match(client.output, /Gardener playground/);
      client.type('kubectl get seeds\r');
      await client.shows(/local +Ready +Reconcile Succeeded/);
    });

    it('completes what it asks the garden for', async () => {
      const other = await session.attach('other');
      await other.shows(prompt);
      other.type('k get cloudprof\tloc\t-o name\r');
      await other.shows('cloudprofile.core.gardener.cloud/local');
    });

    it('has the programs that a visitor looks for', () => {
      const programs = 'bash kubectl helm jq yq git less vim nano curl ps top';
      const script = `for program in ${programs}; do command -v $program >/dev/null || echo $program; done`;
      assert.equal(session.terminal.exec('bash', '-c', script), '');
      assert.equal(session.terminal.exec('sh', '-c', "echo 'a: [1, 2]' | yq '.a[1]'"), '2\n');
    });

    it('has a gardenctl that knows the garden, where it has one', async function () {
      if (!session.terminal.exec('sh', '-c', 'command -v gardenctl; true')) this.skip();
      client.type('clear; gardenctl target --garden local --project local\r');
      await client.shows('Successfully targeted project "local"');
    });

    it('waits for the orphans of its shells', async () => {
      session.terminal.exec('sh', '-c', 'sleep 0.1 & exec true');
      const states = () => session.terminal.exec('ps', '-e', '-o', 'comm=,state=');
      await eventually('the orphan is gone', () => !/^sleep/m.test(states()), 5_000);
    });

    it('writes to the home and to /tmp, and nowhere else', () => {
      const script =
        'for place in / /app /usr /etc /run /var/tmp ~ /tmp; do touch $place/x 2>/dev/null && echo $place; done';
      assert.equal(session.terminal.exec('bash', '-c', script), '/home/visitor\n/tmp\n');
    });
  });
});
